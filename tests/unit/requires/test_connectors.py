# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The connectors that are announced to OpenCTI's charm, and what it sees when it looks at all."""

import dataclasses
import re

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorInvalidEvent, ConnectorState, ConnectorType, OpenctiRequires
from tests.round_trips import counted

from ..charms import Context, OpenctiCharm, opencti_context
from ..failures import forget_remote_application
from ..states import only_relation, relation, replace_relation
from ..values import CONNECTOR_ID, DETAILS, TOKEN, URL
from .calls import endpoint_of, in_hook, publishing, seen
from .states import answerable, published, related

UNANSWERED = ops.WaitingStatus(
    'relation 3 with a-connector: waiting for its connection to be published'
)
SILENT = ops.WaitingStatus(
    'relation 4 with remote: waiting for connector_charm_name and connector_type'
)
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

    @pytest.mark.parametrize(
        ('relations', 'leader', 'expected'),
        [
            ([], True, ops.ActiveStatus()),
            ([related(id=3)], True, UNANSWERED),
            ([related(id=3)], False, ops.ActiveStatus()),  # Only the leader could know.
            ([relation(id=4), related(id=3)], True, SILENT),
            ([relation(id=4)], False, SILENT),
        ],
    )
    def test_what_is_to_be_done(
        self, relations: list[testing.Relation], leader: bool, expected: ops.StatusBase
    ):
        assert self.status(*relations, leader=leader) == expected

    def test_nothing_is_to_be_done_where_all_are_answered(self):
        state = published(answerable())
        assert seen(state, lambda end: end.get_status()) == ops.ActiveStatus()

    def test_the_unusable_counts_most_and_the_oldest_is_named(self):
        wrong = [related(id=i, remote_app_data=WRONG) for i in (9, 5, 7)]
        status = self.status(relation(id=4), related(id=3), *wrong)
        assert status.name == 'blocked'
        assert status.message.startswith('relation 5 with a-connector: connector_type: must be')


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


AVAILABLE, INVALID = 'connector_available', 'connector_invalid'


@pytest.mark.parametrize(
    'event', ['config_changed', 'leader_elected', 'update_status', 'upgrade_charm']
)
def test_each_connector_is_announced(opencti: Context, event: str):
    relations = {relation(id=0), related(id=3), related(id=1), related(id=2)}
    out = opencti.run(
        getattr(opencti.on, event)(), testing.State(leader=True, relations=relations)
    )
    assert opencti.emitted() == [AVAILABLE] * 3
    assert [e.relation_id for e in opencti.emitted_events[1:]] == [1, 2, 3]
    assert len(out.secrets) == 3


@pytest.mark.parametrize('event', ['created', 'joined', 'changed'])
def test_a_relations_event_concerns_that_relation_alone(opencti: Context, event: str):
    state = answerable(1, 2)
    make = getattr(opencti.on, f'relation_{event}')
    opencti.run(make(state.get_relation(1)), state)
    assert opencti.emitted() == [AVAILABLE]
    assert opencti.emitted_events[-1].relation_id == 1


def test_the_remote_application_is_not_known_yet(
    opencti: Context, monkeypatch: pytest.MonkeyPatch
):
    created = relation(id=7, remote_app_name='later')
    state = testing.State(leader=True, relations={created})
    with monkeypatch.context() as patch:
        forget_remote_application(patch)
        state = opencti.run(opencti.on.relation_created(created), state)
    assert opencti.emitted() == []

    state = published(replace_relation(state, remote_app_data=DETAILS))
    assert len(state.secrets) == 1
    broken = opencti_context()
    broken.run(broken.on.relation_broken(only_relation(state)), state)
    assert OpenctiCharm.removed == [(7, 'charm-connector-later-7')]


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('connector_type', 'ROOT'),
        ('connector_type', 'INTERNAL_EXPORT_FILE '),
        ('connector_charm_name', 'x' * 65536),
        ('connector_charm_name', 'a\nb'),
        ('connector_id', TOKEN),
    ],
)
def test_unusable_details_are_refused(opencti: Context, field: str, value: str):
    wrong = related(remote_app_data={**DETAILS, field: value})
    neighbour = related(remote_app_name='neighbour')
    out = opencti.run(
        opencti.on.config_changed(), testing.State(leader=True, relations={wrong, neighbour})
    )
    assert sorted(opencti.emitted()) == [AVAILABLE, INVALID]
    (event,) = [e for e in opencti.emitted_events if isinstance(e, ConnectorInvalidEvent)]
    assert (event.relation_name, event.relation_id) == ('opencti-connector', wrong.id)
    assert re.match(rf'{field}: must be', event.error)
    assert value not in event.error
    assert len(event.error) < 200
    assert out.get_relation(wrong.id).local_app_data == {}
    assert len(out.secrets) == 1


def test_two_endpoints_in_one_charm():
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            for name in ('first', 'second'):
                endpoint = OpenctiRequires(self, relation_name=name)
                framework.observe(endpoint.on.connector_available, self._on_available)
                setattr(self, name, endpoint)

        def _on_available(self, event: ops.EventBase):
            endpoint = getattr(self, event.relation_name)
            endpoint.publish_connection(event.relation, url=URL, token=TOKEN)

    context = opencti_context(Charm, 'first', 'second')
    relations = {
        testing.Relation(name, 'opencti_connector', id=i, remote_app_data=DETAILS)
        for i, name in enumerate(('first', 'second'))
    }
    out = context.run(context.on.config_changed(), testing.State(leader=True, relations=relations))
    assert context.emitted() == [AVAILABLE, AVAILABLE]
    assert {secret.label for secret in out.secrets} == {'first-token-0', 'second-token-1'}
