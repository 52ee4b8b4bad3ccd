# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a charm sees of its connectors when it looks at all of them."""

import dataclasses

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorState, ConnectorType
from tests.round_trips import counted

from ..charms import Context, opencti_context
from ..states import relation
from ..values import CONNECTOR_ID, DETAILS, URL
from .calls import endpoint_of, in_hook, publishing, seen
from .states import answerable, published, related

WRONG = {**DETAILS, 'connector_type': 'ROOT'}


@pytest.mark.parametrize('leader', [True, False])
def test_every_relation_is_listed_oldest_first(leader: bool):
    relations = {related(id=12), relation(id=4), related(id=5, remote_app_data=WRONG)}
    state = testing.State(leader=leader, relations=relations)
    connectors = seen(state, lambda end: end.connectors)
    assert [connector.relation.id for connector in connectors] == [4, 5, 12]
    silent, invalid, valid = connectors
    assert (silent.app_name, silent.user_name) == ('remote', 'charm-connector-remote-4')
    assert silent.details is invalid.details is None
    assert silent.error == 'waiting for connector_charm_name and connector_type'
    assert (invalid.error or '').startswith('connector_type: must be one of')
    assert valid.details is not None
    assert valid.error is None


def test_what_a_connector_says_of_itself(opencti: Context):
    data = {**DETAILS, 'connector_type': 'internal-export-file', 'connector_id': CONNECTOR_ID}
    changed = related(id=7, remote_app_data=data)
    state = testing.State(leader=True, relations={changed})
    with opencti(opencti.on.relation_changed(changed), state) as manager:
        manager.run()
        (connector,) = endpoint_of(manager).connectors
    assert isinstance(connector.relation, ops.Relation)
    assert connector.app_name == 'a-connector'
    assert connector.details is not None
    assert connector.details.connector_charm_name == 'connector-charm-name'
    assert connector.details.connector_type is ConnectorType.INTERNAL_EXPORT_FILE
    assert connector.details.connector_id == CONNECTOR_ID
    assert connector.user_name == 'charm-connector-a-connector-7'
    assert opencti.emitted_events[-1].connector == connector


def test_a_broken_relation_is_no_longer_listed(opencti: Context):
    state = published(answerable())
    with opencti(opencti.on.relation_broken(state.get_relation(7)), state) as manager:
        assert endpoint_of(manager).connectors == []


class TestState:
    def states(self, state: testing.State) -> list[ConnectorState | None]:
        return seen(state, lambda end: [connector.state for connector in end.connectors])

    def test_the_state_of_each(self):
        answered = published(answerable())
        relations = {
            *answered.relations,
            relation(id=4),
            related(id=5, remote_app_data=WRONG),
            related(id=6),
            related(id=8, local_app_data={'opencti_url': URL}),
        }
        assert self.states(dataclasses.replace(answered, relations=relations)) == [
            ConnectorState.SILENT,
            ConnectorState.INVALID,
            ConnectorState.UNANSWERED,
            ConnectorState.ANSWERED,
            ConnectorState.UNANSWERED,  # There is only half of the answer.
        ]

    def test_another_unit_cannot_see_what_the_leader_published(self):
        relations = {relation(id=4), related(id=5, remote_app_data=WRONG), related(id=6)}
        states = self.states(testing.State(leader=False, relations=relations))
        assert states == [ConnectorState.SILENT, ConnectorState.INVALID, None]

    def test_what_was_decided_counts_when_it_is_written(self, opencti: Context):
        with opencti(opencti.on.start(), answerable()) as manager:
            endpoint = endpoint_of(manager)
            (connector,) = endpoint.connectors
            publishing()(endpoint, connector.relation)
            (unwritten,) = endpoint.connectors
            assert endpoint.get_status() == ops.ActiveStatus()
            (written,) = endpoint.connectors
            manager.run()
        assert connector.state is unwritten.state is ConnectorState.UNANSWERED
        assert written.state is ConnectorState.ANSWERED

    def test_it_reads_nothing(self, opencti: Context):
        with opencti(opencti.on.start(), answerable()) as manager:
            (connector,) = endpoint_of(manager).connectors
            with counted() as calls:
                assert connector.state is ConnectorState.UNANSWERED
            assert not calls
            manager.run()

    def test_it_can_be_shown(self):
        shown = [str(state) for state in ConnectorState]
        assert shown == ['silent', 'invalid', 'unanswered', 'answered']


class TestStatus:
    def status(self, *relations: testing.Relation, leader: bool = True) -> ops.StatusBase:
        state = testing.State(leader=leader, relations=set(relations))
        return seen(state, lambda end: end.get_status())

    def test_nothing_is_to_be_done(self):
        assert self.status() == ops.ActiveStatus()
        state = published(answerable())
        assert seen(state, lambda end: end.get_status()) == ops.ActiveStatus()

    def test_a_connector_waits(self):
        assert self.status(related(id=3)) == ops.WaitingStatus(
            'relation 3 with a-connector: waiting for its connection to be published'
        )

    def test_it_waits_for_a_connector(self):
        assert self.status(relation(id=4), related(id=3)) == ops.WaitingStatus(
            'relation 4 with remote: waiting for connector_charm_name and connector_type'
        )

    def test_the_unusable_counts_most_and_the_oldest_is_named(self):
        wrong = [related(id=i, remote_app_data=WRONG) for i in (9, 5, 7)]
        status = self.status(relation(id=4), related(id=3), *wrong)
        assert status.name == 'blocked'
        assert status.message.startswith('relation 5 with a-connector: connector_type: must be')

    def test_another_unit_does_not_say_that_a_connector_waits(self):
        assert self.status(related(), leader=False) == ops.ActiveStatus()
        assert self.status(relation(), leader=False).name == 'waiting'


ALL = {relation(id=1), related(id=2, remote_app_data=WRONG), related(id=3)}


@pytest.mark.parametrize(
    ('state', 'expected'),
    [
        (
            testing.State(leader=True, relations=ALL),
            # The charm is told once a call, and there are three connectors.
            ['connector_invalid', 'connector_available'] * 3,
        ),
        (testing.State(leader=False, relations=ALL), []),
    ],
)
def test_all_are_announced_on_demand(state: testing.State, expected: list[str]):
    context = opencti_context()
    in_hook(context, state, lambda end, _: end.emit_current())
    assert context.emitted() == expected


def test_what_is_gone_is_announced_on_demand(opencti: Context):
    state = dataclasses.replace(published(answerable()), relations=set())
    with opencti(opencti.on.start(), state) as manager:
        endpoint_of(manager).emit_current()
        manager.run()
    assert opencti.emitted() == ['connector_removed']
