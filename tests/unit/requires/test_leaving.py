# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A unit of OpenCTI that is removed takes nothing away that belongs to the application."""

import dataclasses

import ops
import pytest
from ops import testing

from fakes import juju

from ..conftest import Context, OpenctiCharm, opencti_context
from ..requires_charm import endpoint_of, related, seen

DYING = juju.GoalState({'opencti/0': 'dying', 'opencti/1': 'active'})
ALIVE = juju.GoalState({'opencti/0': 'active', 'opencti/1': 'dying'})
FAILS = juju.GoalState(error='relation 7: settings not found')
MISLEADING = [juju.GoalState({'opencti/1': 'active'}), juju.GoalState(error='', units={})]


def two_answered() -> testing.State:
    context = opencti_context()
    state = testing.State(leader=True, relations={related(id=7), related(id=9)})
    return context.run(context.on.config_changed(), state)


def broken(
    state: testing.State, relation_id: int, goal_state: juju.GoalState | None
) -> testing.State:
    """The state after a relation-broken; from then on Juju no longer lists the relation."""
    context = opencti_context()
    context.goal_state = goal_state
    relation = state.get_relation(relation_id)
    out = context.run(context.on.relation_broken(relation), state)
    left = {r for r in out.relations if r.id != relation_id}
    return dataclasses.replace(out, relations=left)


def names(state: testing.State, goal_state: juju.GoalState | None = None) -> list[str]:
    """The accounts in use, as a reconciling charm sees them."""
    context = opencti_context()
    context.goal_state = goal_state
    with context(context.on.start(), state) as manager:
        return [connector.user_name for connector in endpoint_of(manager).connectors]


BOTH = ['charm-connector-a-connector-7', 'charm-connector-a-connector-9']


class TestDying:
    @pytest.mark.parametrize('leader', [True, False])
    def test_by_goal_state(self, leader: bool):
        state = dataclasses.replace(two_answered(), leader=leader)
        state = broken(state, 7, DYING)
        state = broken(state, 9, DYING)
        assert OpenctiCharm.removed == []
        assert len(state.secrets) == 2
        # The answer is stored: the next hooks do not ask again.
        context = opencti_context()
        context.goal_state = FAILS
        state = context.run(context.on.config_changed(), state)
        assert (OpenctiCharm.removed == [], len(state.secrets)) == (True, 2)

    def test_by_relation_departed(self, monkeypatch: pytest.MonkeyPatch):
        # ops.testing only knows departing units of the other side.
        own = property(lambda event: event.framework.model.unit)
        monkeypatch.setattr(ops.RelationDepartedEvent, 'departing_unit', own)
        state = two_answered()
        context = opencti_context()
        state = context.run(
            context.on.relation_departed(state.get_relation(7), remote_unit=0), state
        )
        state = broken(state, 7, FAILS)
        state = broken(state, 9, ALIVE)  # Not asked.
        assert OpenctiCharm.removed == []
        assert len(state.secrets) == 2
        assert names(state) == BOTH

    def test_a_reconciling_charm_sees_all_accounts(self):
        state = two_answered()
        for relation_id in (7, 9):
            context = opencti_context()
            context.goal_state = DYING
            event = context.on.relation_broken(state.get_relation(relation_id))
            with context(event, state) as manager:
                connectors = endpoint_of(manager).connectors
                assert [connector.user_name for connector in connectors] == BOTH
                (gone,) = [c for c in connectors if c.relation.id == relation_id]
                assert (gone.app_name, gone.details) == ('a-connector', None)
                assert gone.error == 'this unit is being removed'
                assert not gone.relation.active
            state = broken(state, relation_id, DYING)
        assert names(state) == BOTH

    def test_an_account_that_was_never_known_is_not_made_up(self):
        state = testing.State(leader=True, relations={related(id=7)})
        state = broken(state, 7, DYING)
        stored = dataclasses.replace(state, relations=set())
        assert names(stored) == ['charm-connector-a-connector-7']

    def test_one_that_becomes_the_leader_in_its_last_hooks(self):
        state = dataclasses.replace(two_answered(), leader=False)
        state = broken(state, 7, DYING)
        context = opencti_context()
        context.goal_state = DYING
        state = dataclasses.replace(state, leader=True)
        out = context.run(context.on.leader_elected(), state)
        assert OpenctiCharm.removed == []
        assert len(out.secrets) == 2


class TestJujuCannotSay:
    @pytest.mark.parametrize('goal_state', [FAILS, *MISLEADING])
    def test_the_next_hook_makes_up_for_it(self, goal_state: juju.GoalState):
        state = broken(two_answered(), 7, goal_state)
        assert OpenctiCharm.removed == []
        assert len(state.secrets) == 2
        context = opencti_context()
        context.goal_state = goal_state
        out = context.run(context.on.update_status(), state)
        assert OpenctiCharm.removed == [(7, BOTH[0])]
        assert len(out.secrets) == 1

    def test_the_next_hook_asks_again(self):
        state = broken(two_answered(), 7, FAILS)
        context = opencti_context()
        context.goal_state = DYING
        out = context.run(context.on.update_status(), state)
        assert OpenctiCharm.removed == []
        assert len(out.secrets) == 2

    def test_the_account_is_in_use_until_then(self):
        state = two_answered()
        context = opencti_context()
        context.goal_state = FAILS
        with context(context.on.relation_broken(state.get_relation(7)), state) as manager:
            assert [c.user_name for c in endpoint_of(manager).connectors] == BOTH

    def test_the_program_cannot_be_run(self, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise PermissionError

        monkeypatch.setattr('subprocess.run', fail)
        state = broken(two_answered(), 7, None)
        assert OpenctiCharm.removed == []
        assert len(state.secrets) == 2


class TestAlive:
    def test_a_relation_that_ends_is_announced(self):
        state = broken(two_answered(), 7, ALIVE)
        assert OpenctiCharm.removed == [(7, BOTH[0])]
        assert len(state.secrets) == 1
        assert names(state, FAILS) == [BOTH[1]]

    def test_a_unit_of_the_connector_departs(self):
        state = two_answered()
        context = opencti_context()
        departed = context.on.relation_departed(
            state.get_relation(7), remote_unit=0, departing_unit=0
        )
        state = context.run(departed, state)
        assert context.emitted() == []
        state = broken(state, 7, ALIVE)
        assert OpenctiCharm.removed == [(7, BOTH[0])]

    def test_if_nothing_is_gone_juju_is_not_asked(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        asked: list[object] = []
        monkeypatch.setattr('subprocess.run', lambda *args, **_: asked.append(args))
        state = opencti.run(opencti.on.update_status(), two_answered())
        assert len(seen(state, lambda end: end.connectors)) == 2
        assert asked == []

    def test_a_unit_that_does_not_lead_is_not_asked_either(self, opencti: Context):
        state = dataclasses.replace(two_answered(), leader=False)
        state = broken(state, 7, FAILS)
        assert names(state, DYING) == [BOTH[1]]


def test_the_next_leader_announces_what_nobody_saw():
    # This unit knew both relations, did not lead, and one of them ended.
    state = dataclasses.replace(two_answered(), leader=False)
    state = broken(state, 7, ALIVE)
    assert (OpenctiCharm.removed, len(state.secrets)) == ([], 2)
    context = opencti_context()
    state = dataclasses.replace(state, leader=True)
    out = context.run(context.on.leader_elected(), state)
    assert OpenctiCharm.removed == [(7, BOTH[0])]
    assert len(out.secrets) == 1
