# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""If Juju refuses or cannot answer, one relation waits and the others go on."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju

from ..charms import Context, OpenctiCharm, opencti_context
from ..states import only_relation, token_secret
from ..values import URL, TokenFactory
from .calls import withdrawn
from .states import answerable, only_secret, published, rotated, secret_remove, token_in

DENIED = 'ERROR permission denied'
BUSY = 'ERROR connection is shut down'
LOST_LIST = 'relation 7: not published, will retry: Juju cannot list the secrets while they change'


def fail(monkeypatch: pytest.MonkeyPatch, method: str, words: str, *, label: str = '-7') -> None:
    """Let a call fail for the secret with the given label's end."""
    original = getattr(ops.Secret, method)

    def wrapper(secret: ops.Secret, *args: Any, **kwargs: Any):
        known = secret.label or secret._backend.secret_info_get(id=secret.id).label or label
        if known.endswith(label):
            raise ops.ModelError(words)
        return original(secret, *args, **kwargs)

    monkeypatch.setattr(ops.Secret, method, wrapper)


class TestOwnSecretIsRefused:
    @pytest.mark.parametrize('words', [DENIED, BUSY])
    @pytest.mark.parametrize('method', ['get_info', 'grant'])
    def test_the_other_relations_go_on(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch, method: str, words: str
    ):
        with monkeypatch.context() as patch:
            fail(patch, method, words)
            state = opencti.run(opencti.on.config_changed(), answerable(7, 9))
        assert any(
            f'relation 7: not written, will retry: {words}' in w for w in opencti.warnings()
        )
        assert state.get_relation(9).local_app_data.keys() == {'opencti_url', 'opencti_token'}
        state = opencti.run(opencti.on.update_status(), state)
        assert state.get_relation(7).local_app_data.keys() == {'opencti_url', 'opencti_token'}
        assert {i for s in state.secrets for i in s.remote_grants} == {7, 9}

    def test_no_token_is_made_twice_for_a_grant_that_fails(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch, make: TokenFactory
    ):
        state = answerable()
        with monkeypatch.context() as patch:
            fail(patch, 'grant', BUSY)
            for _ in range(3):
                state = opencti.run(opencti.on.update_status(), state)
        state = opencti.run(opencti.on.update_status(), state)
        assert only_secret(state).remote_grants == {7: {'a-connector'}}
        assert make.made == [token_in(state)]

    def test_no_token_is_made_while_nobody_knows_whether_one_is_published(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch, make: TokenFactory
    ):
        state = published(answerable())
        fail(monkeypatch, 'get_info', BUSY)
        out = published(state, opencti)
        assert len(make.made) == 1
        assert opencti.warnings()[-1] == f'relation 7: not published, will retry: {BUSY}'
        assert (out.relations, out.secrets) == (state.relations, state.secrets)

    def test_one_that_is_to_be_taken_over_cannot_be_read_now(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch, make: TokenFactory
    ):
        secret = token_secret(owner='app')
        state = answerable(local_app_data={'opencti_url': URL, 'opencti_token': secret.id})
        state = dataclasses.replace(state, secrets={secret})
        fail(monkeypatch, 'get_content', 'ERROR Vault is sealed')
        out = published(state, opencti)
        assert make.made == []
        assert out.secrets == state.secrets

    @pytest.mark.parametrize('comes_back', [None, [], ['created', 'changed']])
    def test_the_removal_is_tried_again(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch, comes_back: list[str] | None
    ):
        """A cross-model relation that was suspended may come back; its secret stays."""
        before = published(answerable())
        related = only_relation(before)
        with monkeypatch.context() as patch:
            fail(patch, 'get_info', BUSY)
            state = opencti.run(opencti.on.relation_broken(related), before)
        assert opencti.warnings() == [f'relation 7: secret not removed, will retry: {BUSY}']
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        if comes_back is None:
            state = dataclasses.replace(state, relations=set())
        for event in comes_back or []:
            state = opencti.run(getattr(opencti.on, f'relation_{event}')(related), state)
        out = opencti.run(opencti.on.update_status(), state)
        assert out.secrets == (set() if comes_back is None else before.secrets)
        assert len(OpenctiCharm.removed) == 1

    def test_an_old_revision_stays(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        state = rotated(opencti)
        with monkeypatch.context() as patch:
            fail(patch, 'remove_revision', BUSY)
            state = secret_remove(opencti, state)
        assert opencti.warnings()[-1] == f'relation 7: old token not removed: {BUSY}'
        assert [*only_secret(state).remote_grants] == [7]

    def test_juju_reports_an_expiry_again(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        state = published(answerable(), opencti)
        opencti.emitted_events.clear()
        fail(monkeypatch, 'get_info', BUSY)
        opencti.run(opencti.on.secret_expired(only_secret(state), revision=1), state)
        assert opencti.warnings()[-1] == f'relation 7: expiry not handled yet: {BUSY}'
        assert opencti.emitted() == []

    def test_the_id_of_a_secret_that_is_not_its_own(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        original = ops.Secret.get_info

        def get_info(secret: ops.Secret) -> ops.SecretInfo:
            if secret.id:
                raise ops.ModelError(DENIED)
            return original(secret)

        monkeypatch.setattr(ops.Secret, 'get_info', get_info)
        data = {'opencti_url': URL, 'opencti_token': 'secret:cjqub6vubg2s77p3nio0'}
        out = opencti.run(opencti.on.config_changed(), answerable(local_app_data=data))
        assert only_relation(out).local_app_data['opencti_token'] == only_secret(out).id


@pytest.mark.parametrize('times', [2, 9])
@pytest.mark.parametrize('words', [juju.SECRET_WENT, juju.RELATION_WENT])
class TestListIsLost:
    """Juju 4.0 cannot list the secrets while one of them goes, or a relation.

    It says "not found" then, whichever secret was asked for.
    """

    @pytest.fixture
    def state(self, make: TokenFactory, opencti: Context, words: str, times: int) -> testing.State:
        state = published(answerable())
        opencti.ledger.failing_lists = [words] * times
        return state

    def test_no_second_secret_or_token_is_made(
        self, make: TokenFactory, opencti: Context, state: testing.State, times: int
    ):
        out = published(state, opencti)
        assert (out.relations, out.secrets) == (state.relations, state.secrets)
        assert len(make.made) == 1
        assert opencti.warnings() == [LOST_LIST] * (times > 2)

    def test_the_secret_of_a_relation_that_is_gone_is_removed(
        self, opencti: Context, state: testing.State
    ):
        state = opencti.run(opencti.on.relation_broken(state.get_relation(7)), state)
        opencti.ledger.failing_lists = []
        state = dataclasses.replace(state, relations=set())
        assert not opencti.run(opencti.on.update_status(), state).secrets


class _AnswersOnce(OpenctiCharm):
    has_answered = False

    def _on_available(self, event: Any):
        if not self.has_answered:
            super()._on_available(event)


class TestAWithdrawalFails:
    """The charm asks once, in an action perhaps."""

    @pytest.fixture
    def failed(self, monkeypatch: pytest.MonkeyPatch) -> testing.State:
        context = opencti_context(_AnswersOnce)
        state = published(answerable(), context)
        monkeypatch.setattr(_AnswersOnce, 'has_answered', True)
        with monkeypatch.context() as patch:
            fail(patch, 'get_info', BUSY)
            state = withdrawn(context, state)
        assert only_relation(state).local_app_data
        return state

    @pytest.fixture
    def context(self) -> Context:
        return opencti_context(_AnswersOnce)

    def test_the_next_hook_withdraws(self, context: Context, failed: testing.State):
        state = context.run(context.on.update_status(), failed)
        assert only_relation(state).local_app_data == {}
        assert only_secret(state).remote_grants == {}

    def test_a_later_publication_wins(
        self,
        context: Context,
        failed: testing.State,
        monkeypatch: pytest.MonkeyPatch,
        make: TokenFactory,
    ):
        """The token that was to be withdrawn is not used again."""
        with monkeypatch.context() as patch:
            patch.setattr(_AnswersOnce, 'has_answered', False)
            state = published(failed, context)
        assert [token_in(state)] == make.made
        state = context.run(context.on.update_status(), state)
        assert only_relation(state).local_app_data
        assert only_secret(state).remote_grants

    def test_the_next_hook_fails_too(self, context: Context, failed: testing.State):
        context.is_killed = True
        with pytest.raises(juju.HookFailed):
            context.run(context.on.update_status(), failed)
        context.is_killed = False
        stored = context.unflushed.stored_states
        state = dataclasses.replace(failed, stored_states=stored)
        state = context.run(context.on.update_status(), state)
        assert only_secret(state).remote_grants == {}

    @pytest.mark.parametrize('knows', [True, False], ids=['runs a hook', 'runs no hook'])
    def test_another_leader_publishes_meanwhile(
        self, context: Context, failed: testing.State, knows: bool
    ):
        if knows:
            state = dataclasses.replace(failed, leader=False)
            state = context.run(context.on.update_status(), state)
            state = dataclasses.replace(state, leader=True)
        else:
            state = context.run(context.on.leader_elected(), failed)
        state = context.run(context.on.update_status(), state)
        assert only_secret(state).remote_grants == {7: {'a-connector'}}

    def test_the_relation_ends_before(self, context: Context, failed: testing.State):
        state = context.run(context.on.relation_broken(only_relation(failed)), failed)
        state = dataclasses.replace(state, relations=set())
        state = context.run(context.on.update_status(), state)
        assert not state.secrets
        assert context.warnings() == []


@pytest.mark.parametrize('version', juju.Version)
def test_a_revocation_that_juju_refuses_is_tried_again(
    version: juju.Version, monkeypatch: pytest.MonkeyPatch
):
    context = opencti_context(version=version)
    state = published(answerable(), context)
    with monkeypatch.context() as patch:
        fail(patch, 'revoke', BUSY)
        state = withdrawn(context, state)
    for _ in range(2):
        state = withdrawn(context, state)
    assert only_secret(state).remote_grants == {}
