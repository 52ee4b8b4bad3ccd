# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`opencti-connector check --juju` on a running Juju."""

import json
from typing import Any

import click.testing
import pytest

from opencti_connector.cli.main import main

from .models import Model, Pack
from .pairs import ENDPOINT, Pair


def check(model: str, app: str) -> dict[str, Any]:
    """Run it, and check that its exit code agrees."""
    line = ['check', '--juju', '--model', model, '--format', 'json', app]
    result = click.testing.CliRunner().invoke(main, line)
    found = json.loads(result.stdout)
    assert result.exit_code == (0 if found['ok'] else 1)
    return found


def codes(found: dict[str, Any]) -> set[str]:
    findings = [*found['findings'], *(f for r in found['relations'] for f in r['findings'])]
    return {finding['code'] for finding in findings if finding['level'] == 'error'}


@pytest.mark.parametrize('end', ['opencti', 'connector'])
def test_both_ends(pair: Pair, end: str):
    pair.model.wait_for_idle()
    found = check(pair.model.name, getattr(pair, end))
    assert found['complete']
    (relation,) = (r for r in found['relations'] if r['id'] == pair.relation_id)
    assert relation['connector']['application'] == pair.connector
    assert relation['opencti']['application'] == pair.opencti
    assert 'The secret is there and granted to the connector' in relation['seen']
    assert [f for f in relation['findings'] if f['level'] == 'error'] == []
    token = pair.token()
    assert token
    assert token not in json.dumps(found)


def test_a_grant_that_is_gone(pair: Pair):
    leader = pair.model.leader(pair.opencti)
    secret = pair.databags()['opencti_token'].rpartition('/')[2].removeprefix('secret:')
    pair.model.exec(f'secret-revoke {secret} --relation {pair.relation_id}', unit=leader)
    found = check(pair.model.name, pair.connector)
    assert 'not-granted' in codes(found)
    # The next command is what grants it again.
    (finding,) = (
        f for r in found['relations'] for f in r['findings'] if f['code'] == 'not-granted'
    )
    assert f'--unit {leader}' in finding['next']
    pair.model.run_hook(pair.opencti)
    pair.model.wait(lambda: 'not-granted' not in codes(check(pair.model.name, pair.connector)))


def test_no_such_application(pair: Pair):
    line = ['check', '--juju', '--model', pair.model.name, 'no-such-application']
    result = click.testing.CliRunner().invoke(main, line)
    assert result.exit_code == 2
    assert 'there is no application of this name' in result.stderr


def test_across_models(model: Model, other_model: Model, pack: Pack):
    opencti = model.deploy(pack('scripted-opencti'), token='made')
    connector = other_model.deploy(pack('scripted-connector'))
    saas = other_model.consume(model.offer(opencti, ENDPOINT))
    other_model.integrate(connector, ENDPOINT, saas)
    other_model.wait(lambda: check(other_model.name, connector)['ok'])
    for name, app in ((other_model.name, connector), (model.name, opencti)):
        (relation,) = check(name, app)['relations']
        assert relation['cross-model']
        assert 'The secret is there and granted to the connector' in relation['seen']
