# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A relation that was removed with `--force`: Juju lists it, and no relation-broken comes."""

import pytest
from ops import testing

from fakes import juju

from .conftest import NEW_TOKEN, ConnectorCharm, OpenctiCharm
from .requires_charm import WithStatus

ENDPOINT = {'interface': 'opencti_connector'}
ACCOUNT = 'charm-connector-a-connector-1'


@pytest.fixture(params=juju.REFUSALS)
def refusal(request: pytest.FixtureRequest) -> str:
    return request.param


def deployed(opencti_charm: type[WithStatus] = WithStatus) -> juju.Model:
    opencti = juju.Application(
        'opencti',
        opencti_charm,
        meta={'name': 'opencti', 'requires': {'opencti-connector': ENDPOINT}},
    )
    connectors = [
        juju.Application(
            name,
            ConnectorCharm,
            meta={'name': 'a-connector', 'provides': {'opencti-connector': ENDPOINT}},
        )
        for name in ('a-connector', 'another')
    ]
    model = juju.Model(opencti, *connectors)
    for connector in connectors:
        model.relate(connector)
    model.settle()
    return model


def update_status(model: juju.Model) -> None:
    for unit in model.units:
        model.run(unit, lambda on: on.update_status())
    model.settle()


def test_its_end_is_announced_once_and_its_secret_goes(refusal: str):
    model = deployed()
    model.force_removal(1, refusal)
    model.settle()
    for _ in range(2):
        update_status(model)
        assert OpenctiCharm.removed == [(1, ACCOUNT)]
    assert [s.label for s in model.opencti.secrets] == ['opencti-connector-token-2']
    assert model.opencti.state.unit_status == testing.ActiveStatus()


def test_it_is_noticed_without_any_hook_about_it(refusal: str):
    model = deployed()
    model.force_removal(1, refusal)
    for unit in model.units:
        unit.drop('relation 1')
    update_status(model)
    assert OpenctiCharm.removed == [(1, ACCOUNT)]
    assert model.opencti.state.unit_status == testing.ActiveStatus()


def test_it_is_noticed_by_a_new_pod_that_never_read_it(refusal: str):
    """Of a pod that went, nothing is remembered, but the agent of the new one lists it."""
    model = deployed()
    model.delete_pod(model.opencti.unit)
    model.force_removal(1, refusal)
    model.settle()
    for _ in range(2):
        update_status(model)
        assert OpenctiCharm.removed == [(1, ACCOUNT)]
    assert [s.label for s in model.opencti.secrets] == ['opencti-connector-token-2']


def test_a_restart_of_the_agent_announces_nothing_more(refusal: str):
    model = deployed()
    model.force_removal(1, refusal)
    model.settle()
    model.restart_agent(model.opencti.unit)
    update_status(model)
    assert OpenctiCharm.removed == [(1, ACCOUNT)]


def test_the_next_leader_announces_it(refusal: str):
    model = deployed()
    other = model.add_unit(model.opencti)
    model.settle()
    model.elect(None, model.opencti)
    model.force_removal(1, refusal)
    model.settle()
    assert OpenctiCharm.removed == []
    model.elect(other)
    model.settle()
    assert OpenctiCharm.removed == [(1, ACCOUNT)]
    assert [s.label for s in model.opencti.secrets] == ['opencti-connector-token-2']


def test_a_silent_connector_is_not_taken_for_gone():
    model = deployed()
    model.write(model.connectors[0], 1, {})
    model.write(model.opencti, 1, {})
    model.run(model.opencti, lambda on: on.update_status())
    assert OpenctiCharm.removed == []


def test_the_connector_asks_for_a_relation(refusal: str):
    model = deployed()
    connector = model.connectors[0]
    model.force_removal(1, refusal)
    update_status(model)
    assert isinstance(connector.state.unit_status, testing.BlockedStatus)
    assert connector.state.unit_status.message.startswith('missing relation')
    assert 'opencti_connection_removed' in [
        name for hook in model.hooks for name in hook.custom_events if hook.unit == 'a-connector/0'
    ]


def test_the_connector_can_be_related_again(refusal: str, monkeypatch: pytest.MonkeyPatch):
    model = deployed()
    connector = model.connectors[0]
    model.force_removal(1, refusal)
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    model.relate(connector)
    model.settle()
    assert connector.state.unit_status == testing.ActiveStatus()
    assert ConnectorCharm.seen[-1][1] == NEW_TOKEN
