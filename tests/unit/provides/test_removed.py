# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The connection goes: the relation is gone, or what OpenCTI published."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import OpenctiConnectionRemovedEvent
from tests.round_trips import WRITES, counted

from ..charms import ConnectorCharm, Context, connector_context
from ..failures import forget_remote_application
from ..states import connected, in_use, only_relation, relation, replace_relation
from ..values import AVAILABLE, INVALID, REMOVED


class TestRelationBroken:
    @pytest.mark.parametrize('leader', [True, False])
    def test_of_the_one_in_use(self, connector: Context, leader: bool):
        state = dataclasses.replace(in_use(connector), leader=leader)
        out = connector.run(connector.on.relation_broken(only_relation(state)), state)
        assert connector.emitted() == [REMOVED]
        event = connector.emitted_events[-1]
        assert isinstance(event, OpenctiConnectionRemovedEvent)
        assert event.relation_id == 3
        assert out.unit_status == testing.BlockedStatus(
            'missing relation opencti-connector: integrate with OpenCTI'
        )
        assert ConnectorCharm.seen == []

    def test_while_the_remote_application_is_unknown(
        self, connector: Context, monkeypatch: pytest.MonkeyPatch
    ):
        state = in_use(connector)
        forget_remote_application(monkeypatch)
        connector.run(connector.on.relation_broken(only_relation(state)), state)
        assert connector.emitted() == [REMOVED]

    def test_another_takes_its_place(self, connector: Context):
        related, secret = connected(id=12)
        state = in_use(connector, related)
        state = dataclasses.replace(state, secrets={*state.secrets, secret})
        connector.run(connector.on.relation_broken(state.get_relation(3)), state)
        assert connector.emitted() == [REMOVED, AVAILABLE]
        assert [event.relation_id for event in connector.emitted_events[-2:]] == [3, 12]

    def test_another_takes_its_place_and_a_handler_looks_at_it(self):
        class Looking(ConnectorCharm):
            def __init__(self, framework: ops.Framework):
                super().__init__(framework)
                framework.observe(self.opencti.on.opencti_connection_removed, self._on_removed)

            def _on_removed(self, _: ops.EventBase):
                assert self.opencti.connection is None  # Its own details are not published yet.

        context = connector_context(Looking)
        related, secret = connected(id=12)
        state = in_use(context, related)
        state = dataclasses.replace(state, secrets={*state.secrets, secret})
        state = context.run(context.on.relation_broken(state.get_relation(3)), state)
        assert context.emitted() == [REMOVED, AVAILABLE]
        assert state.unit_status == testing.ActiveStatus()

    @pytest.mark.parametrize('leader', [True, False])
    @pytest.mark.parametrize('is_one_in_use', [True, False])
    def test_of_another(self, connector: Context, leader: bool, is_one_in_use: bool):
        another = relation(id=12)
        state = testing.State(relations={another})
        if is_one_in_use:
            state = in_use(connector, another)
        state = dataclasses.replace(state, leader=leader)
        connector.run(connector.on.relation_broken(another), state)
        assert connector.emitted() == ([AVAILABLE] if leader and is_one_in_use else [])


@pytest.mark.parametrize('leader', [True, False])
def test_a_unit_that_is_removed_stops_and_takes_nothing_away(connector: Context, leader: bool):
    state = dataclasses.replace(in_use(connector), leader=leader)
    connector.goal_state = juju.GoalState({'test-connector/0': 'dying'})
    related = only_relation(state)
    with counted() as calls:
        state = connector.run(connector.on.relation_departed(related, remote_unit=0), state)
        out = connector.run(connector.on.relation_broken(related), state)
    assert connector.emitted() == [REMOVED]
    assert not any(calls[write] for write in WRITES)
    assert out.relations == state.relations


class TestWithdrawn:
    def test_the_data_are_withdrawn(self, connector: Context):
        state = replace_relation(in_use(connector), remote_app_data={})
        after = connector_context()
        state = after.run(after.on.relation_changed(only_relation(state)), state)
        assert after.emitted() == [REMOVED]
        event = after.emitted_events[-1]
        assert isinstance(event, OpenctiConnectionRemovedEvent)
        assert (event.relation_name, event.relation_id) == ('opencti-connector', 3)
        assert state.unit_status.name == 'waiting'

        again = connector_context()
        again.run(again.on.update_status(), state)
        assert again.emitted() == []

    def test_the_withdrawal_is_noticed_after_garbage(self, connector: Context):
        state = in_use(connector)
        for data, expected in (
            ({'opencti_url': 'garbage'}, [INVALID]),
            ({}, [REMOVED]),
            (only_relation(state).remote_app_data, [AVAILABLE]),
        ):
            state = replace_relation(state, remote_app_data=data)
            context = connector_context()
            state = context.run(context.on.relation_changed(only_relation(state)), state)
            assert context.emitted() == expected

    def test_a_relation_that_vanished_without_its_hook(self, connector: Context):
        # As after `juju resolve --no-retry` of a failed relation-broken.
        state = dataclasses.replace(in_use(connector), relations=set(), secrets=set())
        after = connector_context()
        after.run(after.on.update_status(), state)
        assert after.emitted() == [REMOVED]

    @pytest.mark.parametrize(
        ('published', 'leader', 'expected'),
        [
            ({}, True, [REMOVED, AVAILABLE]),
            ({'problem': 'url-invalid'}, True, [REMOVED, INVALID]),
            ({}, False, [REMOVED]),
        ],
    )
    def test_and_another_has_taken_its_place(
        self, connector: Context, published: dict[str, Any], leader: bool, expected: list[str]
    ):
        related, secret = connected(id=12, **published)
        state = dataclasses.replace(
            in_use(connector), relations={related}, secrets={secret}, leader=leader
        )
        connector.run(connector.on.relation_changed(related), state)
        assert connector.emitted() == expected
        assert [event.relation_id for event in connector.emitted_events[-len(expected) :]] == (
            [3, 12][: len(expected)]
        )


def test_what_is_in_use_is_stored_once(connector: Context, monkeypatch: pytest.MonkeyPatch):
    state = in_use(connector)
    monkeypatch.setattr(
        ops.BoundStoredState, '__setattr__', lambda *args: pytest.fail('stored again')
    )
    connector.run(connector.on.update_status(), state)
    assert connector.emitted() == [AVAILABLE]
