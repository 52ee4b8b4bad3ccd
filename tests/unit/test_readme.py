# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The README's charms; two of them play against each other."""

import pathlib
import re
from typing import Any

import pytest
from ops import testing

from .charms import connector_context, opencti_context
from .requires.states import published
from .states import only_relation, relation
from .workload.charms import mixin_context
from .workload.looks import is_running
from .workload.states import ready_state

README = pathlib.Path(__file__).parents[2] / 'README.md'


@pytest.fixture
def names() -> dict[str, Any]:
    names: dict[str, Any] = {'__name__': 'readme'}
    blocks = re.findall(r'^```python\n(.*?)^```$', README.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    for block in blocks:
        exec(block, names)
    return names


def test_the_two_charms(names: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    started: list[dict[str, str]] = []
    charm_type = names['CrowdstrikeCharm']
    monkeypatch.setattr(charm_type, '_start_workload', lambda _, env: started.append(env))

    context = connector_context(charm_type)
    state = testing.State(leader=True, relations={relation(id=1)})
    state = context.run(context.on.relation_created(only_relation(state)), state)

    changed = relation(id=1, remote_app_data=dict(only_relation(state).local_app_data))
    state = testing.State(leader=True, relations={changed})
    opencti = published(state, opencti_context(names['OpenctiCharm']))

    context = connector_context(charm_type)
    changed = relation(id=1, remote_app_data=dict(only_relation(opencti).local_app_data))
    (secret,) = opencti.secrets
    granted = testing.Secret(secret.latest_content, id=secret.id)
    state = testing.State(leader=True, relations={changed}, secrets={granted})
    connector = context.run(context.on.relation_changed(changed), state)
    assert connector.unit_status == testing.ActiveStatus()
    token = secret.latest_content
    assert [{'token': environment['OPENCTI_TOKEN']} for environment in started] == [token]


@pytest.mark.parametrize(
    ('charm', 'name'), [('AbuseipdbCharm', 'abuseipdb'), ('MitreCharm', 'mitre')]
)
def test_the_charms_on_kubernetes(names: dict[str, Any], charm: str, name: str):
    state = ready_state([name], config={})
    context = mixin_context(names[charm], {}, name)
    out = context.run(context.on.update_status(), state)
    assert out.unit_status == testing.ActiveStatus()
    assert is_running(out)
