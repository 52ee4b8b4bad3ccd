# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What there is to say and do while there is no usable connection."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import (
    InvalidRelationData,
    NotLeader,
    OpenctiConnectionInvalidEvent,
    RelationDataMissing,
    RelationMissing,
    SecretUnavailable,
    TooManyRelations,
    TooManyUnits,
)
from tests.round_trips import counted

from ..charms import ConnectorCharm, Context, connector_context
from ..failures import forget_remote_application, raising
from ..states import connected_state, in_use, only_relation, relation, replace_relation
from ..values import AVAILABLE, CONNECTOR_ID, INVALID, NEW_TOKEN, REMOVED, TOKEN, URL

MISSING = testing.BlockedStatus('missing relation opencti-connector: integrate with OpenCTI')
TOO_MANY_RELATIONS = testing.BlockedStatus('2 relations opencti-connector: remove all but one')
TOO_MANY_UNITS = testing.BlockedStatus(
    'connector charm cannot have multiple units, scale down to one with '
    '`juju scale-application`, or `juju remove-unit` on machines'
)
HALF = relation(remote_app_data={'opencti_url': URL})


def waiting(what: str) -> testing.WaitingStatus:
    return testing.WaitingStatus(f'waiting for {what}')


UNAVAILABLE = waiting('access to the secret with the token')


def run(
    context: Context, state: testing.State, error: type[Exception], event: str = 'update_status'
) -> testing.State:
    """The state after a hook, in which whatever a charm asks says that there is none."""
    with context(getattr(context.on, event)(), state) as manager:
        out = manager.run()
        assert manager.charm.opencti.connection is None
        for ask in manager.charm.opencti.get_connection, manager.charm.opencti.environment:
            with pytest.raises(error):
                ask()
    assert ConnectorCharm.seen == []
    return out


@pytest.mark.parametrize(
    ('changes', 'error', 'status'),
    [
        ({'relations': set()}, RelationMissing, MISSING),
        (
            {'relations': {relation()}},
            RelationDataMissing,
            waiting('opencti_url and opencti_token'),
        ),
        ({'relations': {HALF}}, RelationDataMissing, waiting('opencti_token')),
        ({'leader': False}, NotLeader, waiting('this unit to become the leader')),
        ({'secrets': set()}, SecretUnavailable, UNAVAILABLE),
        ({'relations': {relation(), HALF}}, TooManyRelations, TOO_MANY_RELATIONS),
    ],
)
def test_the_status(
    connector: Context, changes: dict[str, Any], error: type[Exception], status: ops.StatusBase
):
    state = connected_state(local_app_data={'connector_id': CONNECTOR_ID})
    state = dataclasses.replace(state, **changes)
    out = run(connector, state, error)
    assert out.unit_status == status
    assert connector.emitted() == []
    if error in (NotLeader, TooManyRelations):
        assert out.relations == state.relations


def test_its_traceback_is_that_of_one_call(connector: Context):
    lengths: list[int] = []
    with connector(connector.on.update_status(), testing.State(leader=True)) as manager:
        manager.run()
        for _ in range(2):
            with pytest.raises(RelationMissing) as raised:
                manager.charm.opencti.get_connection()
            lengths.append(len(raised.traceback))
    assert lengths[0] == lengths[1]


@pytest.mark.parametrize('leader', [True, False])
def test_no_connector_id(connector: Context, leader: bool):
    related = relation(local_app_data={'connector_id': CONNECTOR_ID})
    state = testing.State(leader=leader, relations=set() if leader else {related})
    with connector(connector.on.start(), state) as manager:
        assert manager.charm.opencti.connector_id is None


def test_the_relation(connector: Context):
    older, newer = relation(id=3), relation(id=12)
    for relations, expected in (set(), None), ({newer}, 12), ({newer, older}, 3):
        state = testing.State(relations=relations)
        with connector(connector.on.start(), state) as manager:
            found = manager.charm.opencti.relation
        assert (found and found.id) == expected


@pytest.mark.parametrize('version', juju.Version)
def test_the_secret_is_not_granted_yet(version: juju.Version):
    state = connected_state()
    (secret,) = state.secrets
    context = connector_context(version=version)
    context.withheld.add(secret.id)
    state = run(context, state, SecretUnavailable)
    assert state.unit_status == UNAVAILABLE
    # Juju 4.0 has made this unit a consumer of the old token; it gets the new one.
    context.ledger.find(secret.id).add_revision({'token': NEW_TOKEN}, version)
    context.withheld.clear()
    context.ledger.find(secret.id).grants['test-connector'] = only_relation(state).id
    shown = juju.state_view.show(context.ledger, 'test-connector/0')
    context.run(context.on.update_status(), dataclasses.replace(state, secrets=shown))
    assert ConnectorCharm.seen == [(URL, NEW_TOKEN)]


@pytest.mark.parametrize(
    ('content', 'problem'),
    [
        ({'other': TOKEN}, "opencti_token: the secret has no key 'token'"),
        ({'token': ''}, 'opencti_token: in the secret, token: must not be empty or blank'),
        ({'token': ' \n'}, 'opencti_token: in the secret, token: must not be empty or blank'),
        (
            {'token': f'{TOKEN}\nPATH=/tmp'},
            'opencti_token: in the secret, token: '
            'must not contain white space or control characters',
        ),
    ],
)
def test_the_secret_holds_no_usable_token(
    connector: Context, content: dict[str, str], problem: str
):
    state = connected_state()
    unusable = {testing.Secret(content, id=secret.id) for secret in state.secrets}
    out = run(connector, dataclasses.replace(state, secrets=unusable), InvalidRelationData)
    assert out.unit_status == testing.BlockedStatus(problem)
    assert connector.emitted() == [INVALID]


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('opencti_token', TOKEN),
        ('opencti_token', '"secret:secret-id"'),
        ('opencti_url', 'not a URL'),
        ('opencti_url', 'http://[bad'),
        ('opencti_url', TOKEN),
    ],
)
def test_unusable_data(
    connector: Context, field: str, value: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv('JUJU_CHARM_HTTP_PROXY', 'http://proxy.example:3128')
    state = connected_state()
    related = only_relation(state)
    data = {**related.remote_app_data, field: value}
    out = run(connector, replace_relation(state, remote_app_data=data), InvalidRelationData)
    assert out.unit_status.name == 'blocked'
    assert out.unit_status.message.startswith(f'{field}: must be')
    assert value not in out.unit_status.message
    event = connector.emitted_events[-1]
    assert isinstance(event, OpenctiConnectionInvalidEvent)
    assert event.error == out.unit_status.message
    assert event.relation_id == event.relation.id == related.id


def test_the_remote_application_is_not_known_yet(
    connector: Context, monkeypatch: pytest.MonkeyPatch
):
    forget_remote_application(monkeypatch)
    state = testing.State(leader=True, relations={relation()})
    out = run(connector, state, RelationDataMissing)
    assert out.unit_status.name == 'waiting'
    assert 'connector_id' in only_relation(out).local_app_data


class TestMoreThanOneUnit:
    """Both would run with the one id that OpenCTI knows."""

    @pytest.fixture
    def state(self, connector: Context) -> testing.State:
        return in_use(connector)

    @pytest.mark.parametrize('leader', [True, False], ids=['leader', 'not-leader'])
    @pytest.mark.parametrize(
        'event', ['update_status', 'config_changed', 'leader_elected', 'upgrade_charm']
    )
    def test_each_is_blocked_and_nothing_is_announced(
        self, connector: Context, state: testing.State, event: str, leader: bool
    ):
        state = dataclasses.replace(state, planned_units=2, leader=leader)
        out = run(connector, state, TooManyUnits, event)
        assert out.unit_status == TOO_MANY_UNITS
        assert connector.emitted() == []
        assert out.relations == state.relations

    @pytest.mark.parametrize('event', ['update_status', 'leader_elected'])
    def test_the_next_hook_with_one_goes_on(
        self, connector: Context, state: testing.State, event: str
    ):
        state = dataclasses.replace(state, planned_units=2)
        state = connector.run(connector.on.update_status(), state)
        state = dataclasses.replace(state, planned_units=1)
        out = connector.run(getattr(connector.on, event)(), state)
        assert connector.emitted() == [AVAILABLE]
        assert ConnectorCharm.seen == [(URL, TOKEN)]
        assert out.unit_status == testing.ActiveStatus()

    def test_a_new_one_that_becomes_the_leader_gets_nothing(self, state: testing.State):
        # It has no stored state, and would start a second workload beside that of the old leader.
        context = connector_context()
        state = dataclasses.replace(state, planned_units=2, stored_states=set())
        context.run(context.on.leader_elected(), state)
        assert context.emitted() == []

    def test_the_relation_goes_meanwhile(self, connector: Context, state: testing.State):
        state = dataclasses.replace(state, planned_units=2)
        out = connector.run(connector.on.relation_broken(only_relation(state)), state)
        assert connector.emitted() == [REMOVED]
        assert out.unit_status.message.startswith('missing relation')

    @pytest.mark.parametrize(
        'error', [ops.ModelError('ERROR x'), RuntimeError('x'), ValueError('x')]
    )
    def test_juju_cannot_tell_how_many_there_are(
        self,
        connector: Context,
        state: testing.State,
        error: Exception,
        monkeypatch: pytest.MonkeyPatch,
    ):
        monkeypatch.setattr(ops.Application, 'planned_units', raising(error))
        out = connector.run(connector.on.update_status(), state)
        assert connector.emitted() == [AVAILABLE]
        assert out.unit_status == testing.ActiveStatus()

    @pytest.mark.parametrize('units', [1, 2])
    def test_juju_is_asked_once_a_hook(self, connector: Context, state: testing.State, units: int):
        state = dataclasses.replace(state, planned_units=units)
        with counted() as calls:
            connector.run(connector.on.update_status(), state)
        assert calls['planned_units'] == 1
