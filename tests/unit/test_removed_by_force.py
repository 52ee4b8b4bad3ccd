# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A relation that was removed with `--force`: Juju lists it, and no relation-broken comes."""

import pytest
from ops import testing

from fakes import juju

from .charms import ConnectorCharm, OpenctiCharm, WithStatus
from .values import NEW_TOKEN, REMOVED

ENDPOINT = {'interface': 'opencti_connector'}
ACCOUNT = 'charm-connector-a-connector-1'


@pytest.fixture(params=juju.REFUSALS)
def refusal(request: pytest.FixtureRequest) -> str:
    return request.param


def deployed(opencti_charm: type[WithStatus] = WithStatus) -> juju.Model:
    """A model with OpenCTI and two connectors that have their connections."""
    meta = {'name': 'opencti', 'requires': {'opencti-connector': ENDPOINT}}
    opencti = juju.Application('opencti', opencti_charm, meta=meta)
    meta = {'name': 'a-connector', 'provides': {'opencti-connector': ENDPOINT}}
    names = ('a-connector', 'another')
    connectors = [juju.Application(name, ConnectorCharm, meta=meta) for name in names]
    model = juju.Model(opencti, *connectors)
    for connector in connectors:
        model.relate(connector)
    model.settle()
    return model


def assert_its_end_was_announced(model: juju.Model) -> None:
    """And its secret is gone, with that of the other in place."""
    assert OpenctiCharm.removed == [(1, ACCOUNT)]
    assert [s.label for s in model.opencti.secrets] == ['opencti-connector-token-2']
    assert model.opencti.state.unit_status == testing.ActiveStatus()


def update_status(model: juju.Model) -> None:
    for unit in model.units:
        model.run(unit, lambda on: on.update_status())
    model.settle()


@pytest.mark.parametrize('is_told', [True, False], ids=['departed', 'no hook'])
def test_its_end_is_announced_once_and_its_secret_goes(refusal: str, is_told: bool):
    model = deployed()
    model.force_removal(1, refusal)
    if is_told:
        model.settle()
    else:
        for unit in model.units:
            unit.drop('relation 1')
    for _ in range(2):
        update_status(model)
        assert_its_end_was_announced(model)
    model.restart_agent(model.opencti.unit)
    model.settle()
    assert_its_end_was_announced(model)


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
    assert_its_end_was_announced(model)


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
    emitted = [name for h in model.hooks if h.unit == 'a-connector/0' for name in h.custom_events]
    assert REMOVED in emitted


def test_the_connector_can_be_related_again(refusal: str, monkeypatch: pytest.MonkeyPatch):
    model = deployed()
    connector = model.connectors[0]
    model.force_removal(1, refusal)
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    model.relate(connector)
    model.settle()
    assert connector.state.unit_status == testing.ActiveStatus()
    assert ConnectorCharm.seen[-1][1] == NEW_TOKEN
