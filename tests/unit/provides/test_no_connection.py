# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a connector says and does while there is no usable connection."""

import dataclasses

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

from ..conftest import (
    CONNECTOR_ID,
    NEW_TOKEN,
    TOKEN,
    URL,
    ConnectorCharm,
    Context,
    connected,
    connector_context,
    forget_remote_application,
    only_relation,
    relation,
)

AVAILABLE, INVALID, REMOVED = (
    'opencti_connection_available',
    'opencti_connection_invalid',
    'opencti_connection_removed',
)


class TestNoConnection:
    """What there is to say and do while there is no usable connection."""

    def run(self, context: Context, state: testing.State, error: type[Exception]) -> testing.State:
        """Run two hooks that look at it, and check what the charm can ask."""
        event = context.on.update_status()
        with context(event, state) as manager:
            out = manager.run()
            assert manager.charm.opencti.connection is None
            with pytest.raises(error):
                manager.charm.opencti.get_connection()
            with pytest.raises(error):
                manager.charm.opencti.environment()
        assert ConnectorCharm.seen == []
        return out

    def test_no_relation(self, connector: Context):
        out = self.run(connector, testing.State(leader=True), RelationMissing)
        assert out.unit_status == testing.BlockedStatus(
            'missing relation opencti-connector: integrate with OpenCTI'
        )
        assert connector.emitted() == []

    def test_its_traceback_is_that_of_one_call(self, connector: Context):
        lengths: list[int] = []
        with connector(connector.on.update_status(), testing.State(leader=True)) as manager:
            manager.run()
            for _ in range(2):
                with pytest.raises(RelationMissing) as raised:
                    manager.charm.opencti.get_connection()
                lengths.append(len(raised.traceback))
        assert lengths[0] == lengths[1]

    def test_no_data(self, connector: Context):
        state = testing.State(leader=True, relations={relation()})
        out = self.run(connector, state, RelationDataMissing)
        assert out.unit_status == testing.WaitingStatus(
            'waiting for opencti_url and opencti_token'
        )
        assert connector.emitted() == []

    @pytest.mark.parametrize('leader', [True, False])
    def test_no_connector_id(self, connector: Context, leader: bool):
        related = relation(local_app_data={'connector_id': CONNECTOR_ID})
        relations = set() if leader else {related}
        state = testing.State(leader=leader, relations=relations)
        with connector(connector.on.start(), state) as manager:
            assert manager.charm.opencti.connector_id is None

    def test_the_relation(self, connector: Context):
        older, newer = relation(id=3), relation(id=12)
        for relations, expected in (set(), None), ({newer}, 12), ({newer, older}, 3):
            state = testing.State(relations=relations)
            with connector(connector.on.start(), state) as manager:
                found = manager.charm.opencti.relation
            assert (found and found.id) == expected

    def test_half_of_the_data(self, connector: Context):
        state = testing.State(
            leader=True, relations={relation(remote_app_data={'opencti_url': URL})}
        )
        out = self.run(connector, state, RelationDataMissing)
        assert out.unit_status == testing.WaitingStatus('waiting for opencti_token')
        assert connector.emitted() == []

    def test_not_leader(self, connector: Context):
        related, secret = connected(local_app_data={'connector_id': CONNECTOR_ID})
        state = testing.State(leader=False, relations={related}, secrets={secret})
        out = self.run(connector, state, NotLeader)
        assert out.unit_status == testing.WaitingStatus(
            'waiting for this unit to become the leader'
        )
        assert connector.emitted() == []
        assert out.relations == state.relations

    def test_the_secret_does_not_exist_or_is_not_granted(self, connector: Context):
        related, _ = connected()
        state = testing.State(leader=True, relations={related})
        out = self.run(connector, state, SecretUnavailable)
        assert out.unit_status == testing.WaitingStatus(
            'waiting for access to the secret with the token'
        )
        assert connector.emitted() == []

    @pytest.mark.parametrize('version', juju.Version)
    def test_the_secret_is_not_granted_yet(self, version: juju.Version):
        related, secret = connected()
        context = connector_context(version=version)
        context.withheld.add(secret.id)
        state = testing.State(leader=True, relations={related}, secrets={secret})
        state = self.run(context, state, SecretUnavailable)
        assert state.unit_status == testing.WaitingStatus(
            'waiting for access to the secret with the token'
        )
        # Juju 4.0 has made this unit a consumer of the old token; it gets the new one.
        context.ledger.find(secret.id).add_revision({'token': NEW_TOKEN}, version)
        context.withheld.clear()
        context.ledger.find(secret.id).grants['test-connector'] = related.id
        state = dataclasses.replace(
            state, secrets=juju.state_view.show(context.ledger, 'test-connector/0')
        )
        context.run(context.on.update_status(), state)
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
        self, connector: Context, content: dict[str, str], problem: str
    ):
        related, secret = connected()
        secret = testing.Secret(content, id=secret.id)
        state = testing.State(leader=True, relations={related}, secrets={secret})
        out = self.run(connector, state, InvalidRelationData)
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
        self, connector: Context, field: str, value: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv('JUJU_CHARM_HTTP_PROXY', 'http://proxy.example:3128')
        related, secret = connected()
        related = dataclasses.replace(
            related, remote_app_data={**related.remote_app_data, field: value}
        )
        state = testing.State(leader=True, relations={related}, secrets={secret})
        out = self.run(connector, state, InvalidRelationData)
        assert out.unit_status.name == 'blocked'
        assert out.unit_status.message.startswith(f'{field}: must be')
        assert value not in out.unit_status.message
        event = connector.emitted_events[-1]
        assert isinstance(event, OpenctiConnectionInvalidEvent)
        assert event.error == out.unit_status.message
        assert event.relation_id == event.relation.id == related.id

    def test_two_relations(self, connector: Context):
        first, secret = connected()
        second = relation(remote_app_name='another')
        state = testing.State(leader=True, relations={first, second}, secrets={secret})
        out = self.run(connector, state, TooManyRelations)
        assert out.unit_status == testing.BlockedStatus(
            '2 relations opencti-connector: remove all but one'
        )
        assert connector.emitted() == []
        assert out.relations == state.relations

    def test_the_remote_application_is_not_known_yet(
        self, connector: Context, monkeypatch: pytest.MonkeyPatch
    ):
        forget_remote_application(monkeypatch)
        state = testing.State(leader=True, relations={relation()})
        out = self.run(connector, state, RelationDataMissing)
        assert out.unit_status.name == 'waiting'
        assert 'connector_id' in only_relation(out).local_app_data
