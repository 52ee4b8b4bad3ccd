# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What there is to say and do while there is no usable connection."""

import dataclasses
from typing import Any

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
)

from ..charms import ConnectorCharm, Context, connector_context
from ..failures import forget_remote_application
from ..states import connected_state, only_relation, relation, replace_relation
from ..values import CONNECTOR_ID, INVALID, NEW_TOKEN, TOKEN, URL

MISSING = testing.BlockedStatus('missing relation opencti-connector: integrate with OpenCTI')
UNAVAILABLE = testing.WaitingStatus('waiting for access to the secret with the token')


def run(context: Context, state: testing.State, error: type[Exception]) -> testing.State:
    """The state after a hook, in which whatever a charm asks says that there is none."""
    with context(context.on.update_status(), state) as manager:
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
            testing.WaitingStatus('waiting for opencti_url and opencti_token'),
        ),
        (
            {'relations': {relation(remote_app_data={'opencti_url': URL})}},
            RelationDataMissing,
            testing.WaitingStatus('waiting for opencti_token'),
        ),
        (
            {'leader': False},
            NotLeader,
            testing.WaitingStatus('waiting for this unit to become the leader'),
        ),
        ({'secrets': set()}, SecretUnavailable, UNAVAILABLE),
        (
            {'relations': {relation(), relation(remote_app_name='another')}},
            TooManyRelations,
            testing.BlockedStatus('2 relations opencti-connector: remove all but one'),
        ),
    ],
)
def test_the_status(
    connector: Context,
    changes: dict[str, Any],
    error: type[Exception],
    status: testing.BlockedStatus,
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
