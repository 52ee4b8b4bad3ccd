# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the URLhaus charm does to its machine."""

from unittest import mock

import pytest
from ops import testing

import workload
from charm import UrlhausConnectorCharm
from opencti_connector.testing import OpenctiProblem, relation_for_provider


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> mock.Mock:
    """Records what the charm asks of the machine."""
    machine = mock.Mock()
    for name in 'install_connector', 'install_service', 'configure', 'stop':
        monkeypatch.setattr(workload, name, getattr(machine, name))
    return machine


def run(event: str, *, problem: OpenctiProblem | None = None) -> testing.State:
    context = testing.Context(UrlhausConnectorCharm)
    relation, secrets = relation_for_provider(token='a-token', problem=problem)
    state = testing.State(leader=True, relations={relation}, secrets=secrets)
    return context.run(getattr(context.on, event)(), state)


@pytest.mark.parametrize('event', ['install', 'upgrade_charm'])
def test_it_installs_the_connector(machine: mock.Mock, event: str):
    run(event)
    machine.install_connector.assert_called_once()
    machine.install_service.assert_called_once()


def test_it_runs_with_the_token(machine: mock.Mock):
    out = run('config_changed')
    (environment,) = machine.configure.call_args.args
    assert environment['OPENCTI_TOKEN'] == 'a-token'
    assert environment['URLHAUS_CSV_URL'].startswith('https://')
    assert out.unit_status == testing.ActiveStatus()


def test_it_stops_when_opencti_withdraws_the_token(machine: mock.Mock):
    out = run('update_status', problem='token-instead-of-secret')
    machine.stop.assert_called_once()
    machine.configure.assert_not_called()
    assert out.unit_status.name == 'blocked'
