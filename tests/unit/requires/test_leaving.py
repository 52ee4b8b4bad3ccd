# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A unit of OpenCTI that is removed takes nothing away that belongs to the application."""

import dataclasses
from collections.abc import Callable
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import ConnectorState

from ..charms import Context, OpenctiCharm, opencti_context
from ..failures import raising
from .calls import endpoint_of, seen
from .states import answerable

DYING = juju.GoalState({'opencti/0': 'dying', 'opencti/1': 'active'})
ALIVE = juju.GoalState({'opencti/0': 'active', 'opencti/1': 'dying'})
FAILS = juju.GoalState(error='relation 7: settings not found')
MISLEADING = [juju.GoalState({'opencti/1': 'active'}), juju.GoalState(error='', units={})]
BOTH = ['charm-connector-a-connector-7', 'charm-connector-a-connector-9']


@pytest.fixture
def answered(opencti: Context) -> testing.State:
    """The state of a leader with two connectors that have their connections."""
    return opencti.run(opencti.on.config_changed(), answerable(7, 9))


def hook(
    state: testing.State, event: Callable[[Any], Any], goal_state: juju.GoalState | None
) -> testing.State:
    context = opencti_context()
    context.goal_state = goal_state
    return context.run(event(context.on), state)


def broken(
    state: testing.State, relation_id: int, goal_state: juju.GoalState | None
) -> testing.State:
    """The state after a relation-broken; from then on Juju no longer lists the relation."""
    relation = state.get_relation(relation_id)
    out = hook(state, lambda on: on.relation_broken(relation), goal_state)
    left = {r for r in out.relations if r.id != relation_id}
    return dataclasses.replace(out, relations=left)


def names(state: testing.State, goal_state: juju.GoalState | None = None) -> list[str]:
    """The accounts in use, as a reconciling charm sees them."""
    context = opencti_context()
    context.goal_state = goal_state
    with context(context.on.start(), state) as manager:
        return [connector.user_name for connector in endpoint_of(manager).connectors]


def assert_gone(state: testing.State, *relation_ids: int) -> None:
    """These are announced, and the secrets of the others stay."""
    assert [relation_id for relation_id, _ in OpenctiCharm.removed] == [*relation_ids]
    assert len(state.secrets) == 2 - len(relation_ids)


class TestDying:
    @pytest.mark.parametrize('leader', [True, False])
    def test_by_goal_state(self, answered: testing.State, leader: bool):
        state = dataclasses.replace(answered, leader=leader)
        state = broken(broken(state, 7, DYING), 9, DYING)
        assert_gone(state)
        # The answer is stored: the next hooks do not ask again.
        assert_gone(hook(state, lambda on: on.config_changed(), FAILS))

    def test_by_relation_departed(self, answered: testing.State, monkeypatch: pytest.MonkeyPatch):
        # ops.testing only knows departing units of the other side.
        own = property(lambda event: event.framework.model.unit)
        monkeypatch.setattr(ops.RelationDepartedEvent, 'departing_unit', own)
        relation = answered.get_relation(7)
        state = hook(answered, lambda on: on.relation_departed(relation, remote_unit=0), None)
        state = broken(broken(state, 7, FAILS), 9, ALIVE)  # Not asked.
        assert_gone(state)
        assert names(state) == BOTH

    def test_a_reconciling_charm_sees_all_accounts(self, answered: testing.State):
        state = answered
        for relation_id in (7, 9):
            context = opencti_context()
            context.goal_state = DYING
            event = context.on.relation_broken(state.get_relation(relation_id))
            with context(event, state) as manager:
                connectors = endpoint_of(manager).connectors
                assert [connector.user_name for connector in connectors] == BOTH
                (gone,) = [c for c in connectors if c.relation.id == relation_id]
                assert len([c for c in connectors if c.details]) == (relation_id == 7)
                assert gone.state is ConnectorState.SILENT
                assert (gone.app_name, gone.details) == ('a-connector', None)
                assert gone.error == 'this unit is being removed'
                assert not gone.relation.active
            state = broken(state, relation_id, DYING)
        assert names(state) == BOTH

    def test_an_account_that_was_never_known_is_not_made_up(self):
        assert names(broken(answerable(), 7, DYING)) == BOTH[:1]

    def test_one_that_becomes_the_leader_in_its_last_hooks(self, answered: testing.State):
        state = broken(dataclasses.replace(answered, leader=False), 7, DYING)
        state = dataclasses.replace(state, leader=True)
        assert_gone(hook(state, lambda on: on.leader_elected(), DYING))


class TestJujuCannotSay:
    @pytest.mark.parametrize('goal_state', [FAILS, *MISLEADING])
    def test_the_next_hook_makes_up_for_it(
        self, answered: testing.State, goal_state: juju.GoalState
    ):
        state = broken(answered, 7, goal_state)
        assert_gone(state)
        assert_gone(hook(state, lambda on: on.update_status(), goal_state), 7)

    def test_the_next_hook_asks_again(self, answered: testing.State):
        state = broken(answered, 7, FAILS)
        assert_gone(hook(state, lambda on: on.update_status(), DYING))

    def test_the_account_is_in_use_until_then(self, answered: testing.State):
        context = opencti_context()
        context.goal_state = FAILS
        event = context.on.relation_broken(answered.get_relation(7))
        with context(event, answered) as manager:
            assert [c.user_name for c in endpoint_of(manager).connectors] == BOTH

    def test_the_program_cannot_be_run(
        self, answered: testing.State, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr('subprocess.run', raising(PermissionError()))
        assert_gone(broken(answered, 7, None))


class TestAlive:
    def test_a_relation_that_ends_is_announced(self, answered: testing.State):
        relation = answered.get_relation(7)
        state = hook(
            answered,
            lambda on: on.relation_departed(relation, remote_unit=0, departing_unit=0),
            None,
        )
        assert_gone(state)
        state = broken(state, 7, ALIVE)
        assert_gone(state, 7)
        assert OpenctiCharm.removed == [(7, BOTH[0])]
        assert names(state, FAILS) == [BOTH[1]]

    def test_if_nothing_is_gone_juju_is_not_asked(
        self, opencti: Context, answered: testing.State, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr('subprocess.run', lambda *_, **__: pytest.fail('asked'))
        state = opencti.run(opencti.on.update_status(), answered)
        assert len(seen(state, lambda end: end.connectors)) == 2

    def test_a_unit_that_does_not_lead_is_not_asked_either(self, answered: testing.State):
        state = broken(dataclasses.replace(answered, leader=False), 7, FAILS)
        assert names(state, DYING) == [BOTH[1]]


def test_the_next_leader_announces_what_nobody_saw(answered: testing.State):
    # This unit knew both relations, did not lead, and one of them ended.
    state = broken(dataclasses.replace(answered, leader=False), 7, ALIVE)
    assert_gone(state)
    state = dataclasses.replace(state, leader=True)
    assert_gone(hook(state, lambda on: on.leader_elected(), None), 7)
