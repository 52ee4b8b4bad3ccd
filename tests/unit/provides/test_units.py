# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector with more than one unit: both would run with the one id that OpenCTI knows."""

import dataclasses

import ops
import pytest
from ops import testing

from opencti_connector import TooManyUnits
from tests.round_trips import counted

from ..charms import ConnectorCharm, Context, connector_context
from ..failures import raising
from ..states import in_use, only_relation
from ..values import AVAILABLE, REMOVED, TOKEN, URL

BLOCKED = testing.BlockedStatus(
    'connector charm cannot have multiple units, scale down to one with '
    '`juju scale-application`, or `juju remove-unit` on machines'
)


@pytest.fixture
def state(connector: Context) -> testing.State:
    return in_use(connector)


@pytest.mark.parametrize('leader', [True, False], ids=['leader', 'not-leader'])
@pytest.mark.parametrize(
    'event', ['update_status', 'config_changed', 'leader_elected', 'upgrade_charm']
)
def test_each_unit_is_blocked_and_nothing_is_announced(
    connector: Context, state: testing.State, event: str, leader: bool
):
    state = dataclasses.replace(state, planned_units=2, leader=leader)
    with connector(getattr(connector.on, event)(), state) as manager:
        out = manager.run()
        assert manager.charm.opencti.connection is None
        for ask in manager.charm.opencti.get_connection, manager.charm.opencti.environment:
            with pytest.raises(TooManyUnits):
                ask()
    assert out.unit_status == BLOCKED
    assert connector.emitted() == []
    assert out.relations == state.relations


@pytest.mark.parametrize('event', ['update_status', 'leader_elected'])
def test_the_next_hook_with_one_unit_goes_on(connector: Context, state: testing.State, event: str):
    state = dataclasses.replace(state, planned_units=2)
    state = connector.run(connector.on.update_status(), state)
    state = dataclasses.replace(state, planned_units=1)
    out = connector.run(getattr(connector.on, event)(), state)
    assert connector.emitted() == [AVAILABLE]
    assert ConnectorCharm.seen == [(URL, TOKEN)]
    assert out.unit_status == testing.ActiveStatus()


def test_a_new_unit_that_becomes_the_leader_gets_nothing(state: testing.State):
    # It has no stored state, and would start a second workload beside that of the old leader.
    context = connector_context()
    state = dataclasses.replace(state, planned_units=2, stored_states=set())
    context.run(context.on.leader_elected(), state)
    assert context.emitted() == []


def test_the_relation_goes_meanwhile(connector: Context, state: testing.State):
    state = dataclasses.replace(state, planned_units=2)
    out = connector.run(connector.on.relation_broken(only_relation(state)), state)
    assert connector.emitted() == [REMOVED]
    assert out.unit_status.message.startswith('missing relation')


@pytest.mark.parametrize('error', [ops.ModelError('ERROR x'), RuntimeError('x'), ValueError('x')])
def test_juju_cannot_tell_how_many_there_are(
    connector: Context, state: testing.State, error: Exception, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ops.Application, 'planned_units', raising(error))
    out = connector.run(connector.on.update_status(), state)
    assert connector.emitted() == [AVAILABLE]
    assert out.unit_status == testing.ActiveStatus()


@pytest.mark.parametrize('units', [1, 2])
def test_juju_is_asked_once_a_hook(connector: Context, state: testing.State, units: int):
    with counted() as calls:
        state = dataclasses.replace(state, planned_units=units)
        connector.run(connector.on.update_status(), state)
    assert calls['planned_units'] == 1
