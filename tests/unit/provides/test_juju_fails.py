# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What Juju refuses or cannot answer to a connector."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing
from scenario.mocking import _MockModelBackend

from fakes import juju
from opencti_connector import InvalidRelationData, SecretReadFailed

from ..charms import Context
from ..failures import raising
from ..states import in_use, only_relation, relation, token_secret
from ..values import AVAILABLE, REMOVED

BUSY = 'ERROR connection is shut down'


@pytest.fixture
def state(connector: Context) -> testing.State:
    return in_use(connector)


def fail(patch: pytest.MonkeyPatch, method: str, words: str) -> None:
    patch.setattr(_MockModelBackend, method, raising(ops.ModelError(words)))


class TestSecretCannotBeRead:
    @pytest.mark.parametrize(
        'words',
        [
            'ERROR Vault is sealed',
            BUSY,
            'ERROR getting secret: cloud credential for 9a3b is empty not valid\n',
            'ERROR x509: certificate is not valid for any names, but wanted to match vault\n',
        ],
    )
    def test_it_waits_and_announces_nothing(
        self, connector: Context, state: testing.State, monkeypatch: pytest.MonkeyPatch, words: str
    ):
        with monkeypatch.context() as patch:
            fail(patch, 'secret_get', words)
            with connector(connector.on.update_status(), state) as manager:
                state = manager.run()
                with pytest.raises(SecretReadFailed):
                    manager.charm.opencti.get_connection()
        assert connector.emitted() == []
        assert state.unit_status == testing.WaitingStatus(
            'waiting for Juju to read the secret with the token'
        )
        connector.run(connector.on.update_status(), state)
        assert connector.emitted() == [AVAILABLE]

    @pytest.mark.parametrize(
        'words',
        [
            'ERROR permission denied',
            'ERROR "test-connector/0" is not allowed to read this secret',
            'ERROR secret "cjqub6vubg2s77p3nio0" not found',
        ],
    )
    def test_a_refusal_is_the_end(
        self, connector: Context, state: testing.State, monkeypatch: pytest.MonkeyPatch, words: str
    ):
        fail(monkeypatch, 'secret_get', words)
        out = connector.run(connector.on.update_status(), state)
        assert connector.emitted() == [REMOVED]
        assert out.unit_status == testing.WaitingStatus(
            'waiting for access to the secret with the token'
        )

    def test_juju_knows_that_this_is_not_a_secret(
        self, connector: Context, monkeypatch: pytest.MonkeyPatch
    ):
        fail(monkeypatch, 'secret_get', 'ERROR secret URI "secret:x" not valid')
        data = {'opencti_url': 'http://opencti', 'opencti_token': 'secret:x'}
        state = testing.State(leader=True, relations={relation(remote_app_data=data)})
        with connector(connector.on.update_status(), state) as manager:
            out = manager.run()
            with pytest.raises(InvalidRelationData):
                manager.charm.opencti.get_connection()
        assert out.unit_status == testing.BlockedStatus(
            'the secret with the token: this is not the id of a secret'
        )

    def test_a_token_is_not_read_from_a_revision_that_is_gone(
        self, connector: Context, state: testing.State
    ):
        secret = connector.ledger.find(next(iter(state.secrets)).id)
        secret.add_revision(token_secret().tracked_content, juju.Version.V4_0)
        del secret.revisions[1]
        connector.run(connector.on.update_status(), state)
        assert connector.emitted() == [AVAILABLE]


class TestRelationThatIsGoneInAnotherModel:
    """It is still listed, but cannot be read or written."""

    def test_the_end_of_the_connection_is_announced_once(
        self, connector: Context, state: testing.State
    ):
        connector.unreadable_relations[3] = 'permission denied'
        out = connector.run(connector.on.update_status(), state)
        assert connector.emitted() == [REMOVED]
        assert out.unit_status == testing.BlockedStatus(
            'missing relation opencti-connector: integrate with OpenCTI'
        )
        assert out.relations == state.relations
        connector.run(connector.on.update_status(), dataclasses.replace(out, relations=set()))
        assert connector.emitted() == [REMOVED]

    def test_with_the_words_of_juju(
        self, connector: Context, state: testing.State, monkeypatch: pytest.MonkeyPatch
    ):
        fail(monkeypatch, 'relation_get', 'ERROR permission denied')
        connector.run(connector.on.update_status(), state)
        assert connector.emitted() == [REMOVED]

    @pytest.mark.parametrize(
        'error', [ops.RelationNotFoundError(), ops.ModelError('ERROR permission denied')]
    )
    def test_it_goes_in_the_middle_of_a_hook(
        self, connector: Context, monkeypatch: pytest.MonkeyPatch, error: ops.ModelError
    ):
        monkeypatch.setattr(_MockModelBackend, 'relation_set', raising(error))
        state = testing.State(leader=True, relations={relation(id=3)})
        out = connector.run(connector.on.update_status(), state)
        assert only_relation(out).local_app_data == {}

    @pytest.mark.parametrize('method', ['relation_get', 'relation_set'])
    def test_any_other_error_is_raised(
        self, connector: Context, monkeypatch: pytest.MonkeyPatch, method: str
    ):
        fail(monkeypatch, method, BUSY)
        state = testing.State(leader=True, relations={relation(id=3)})
        with pytest.raises(testing.errors.UncaughtCharmError, match='shut down'):
            connector.run(connector.on.update_status(), state)


def test_its_own_databag_is_refused_in_the_middle_of_a_hook(
    connector: Context, state: testing.State, monkeypatch: pytest.MonkeyPatch
):
    original = _MockModelBackend.relation_get

    def refuse(backend: Any, relation_id: int, member: str, is_app: bool, **more: Any) -> Any:
        if is_app and member == 'test-connector':
            raise ops.ModelError('ERROR unauthorized access')
        return original(backend, relation_id, member, is_app, **more)

    monkeypatch.setattr(_MockModelBackend, 'relation_get', refuse)
    out = connector.run(connector.on.update_status(), state)
    assert connector.emitted() == []
    assert out.unit_status == testing.WaitingStatus('waiting for this unit to become the leader')
    assert out.relations == state.relations
