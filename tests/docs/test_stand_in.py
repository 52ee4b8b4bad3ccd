# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The charm that stands in for OpenCTI in authors' tests on Juju does what the page says."""

import dataclasses
import pathlib
import re
from typing import Any

import yaml
from ops import testing

from opencti_connector.testing import relation_for_requirer

PAGE = pathlib.Path(__file__).parents[2] / 'docs' / 'how-to' / 'test-on-juju.md'


def blocks(language: str) -> list[str]:
    return re.findall(rf'```{language}\n(.*?)```', PAGE.read_text(), re.DOTALL)


def test_each_connector_gets_the_configured_connection_and_each_new_token():
    namespace: dict[str, Any] = {'__name__': 'stand_in'}
    exec(blocks('python')[0], namespace)
    meta = yaml.safe_load(blocks('yaml')[0])
    config = meta.pop('config')
    ctx = testing.Context(namespace['StandInCharm'], meta=meta, config=config)
    relation, secrets = relation_for_requirer()
    state = testing.State(leader=True, relations={relation}, secrets=secrets)
    state = ctx.run(ctx.on.relation_changed(relation, remote_unit=0), state)
    (published,) = state.relations
    assert published.local_app_data['opencti_url'] == 'http://opencti.example'
    assert [secret.latest_content for secret in state.secrets] == [{'token': 'first-token'}]
    state = dataclasses.replace(state, config={**state.config, 'token': 'second-token'})
    state = ctx.run(ctx.on.config_changed(), state)
    assert [secret.latest_content for secret in state.secrets] == [{'token': 'second-token'}]
