# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Publishing and withdrawing in any order ends as the last call says."""

import itertools
from collections.abc import Iterator
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju
from tests.round_trips import counted

from ..charms import Acting, Context, opencti_context
from ..states import only_relation
from ..values import NEW_TOKEN, TOKEN, URL, TokenFactory
from .calls import in_hook, publishing
from .states import answerable, only_secret, published, token_in

LATE = 'http://late.example'
CALLS = {'publish': TOKEN, 'publish another': NEW_TOKEN, 'withdraw': None}
ORDERS = [order for number in (1, 2, 3) for order in itertools.product(CALLS, repeat=number)]


def hook(
    context: Context, state: testing.State, *names: str, make: TokenFactory | None = None
) -> testing.State:
    def call(endpoint: Any, relation: Any) -> None:
        for name in names:
            if name == 'withdraw':
                endpoint.withdraw_connection(relation)
            else:
                publishing(token=CALLS.get(name, make))(endpoint, relation)

    return in_hook(context, state, call)


def starts(version: juju.Version) -> Iterator[tuple[Context, testing.State]]:
    for names in ((), ('publish',), ('publish', 'withdraw')):
        context = opencti_context(version=version)
        state = answerable()
        for name in names:
            state = hook(context, state, name)
        yield context, state


def assert_published(state: testing.State, token: str | None) -> None:
    relation = only_relation(state)
    granted = [secret for secret in state.secrets if secret.remote_grants]
    if token is None:
        assert relation.local_app_data == {}
        assert granted == []
    else:
        (secret,) = granted
        assert relation.local_app_data == {'opencti_url': URL, 'opencti_token': secret.id}
        assert secret.latest_content == {'token': token}
        assert secret.remote_grants == {7: {'a-connector'}}
    assert len(state.secrets) <= 1


@pytest.mark.parametrize('order', ORDERS, ids=', '.join)
@pytest.mark.parametrize('version', juju.Version)
def test_in_one_hook(order: tuple[str, ...], version: juju.Version):
    for context, state in starts(version):
        assert_published(hook(context, state, *order), CALLS[order[-1]])


@pytest.mark.parametrize('order', ORDERS, ids=', '.join)
def test_in_hooks_that_follow(order: tuple[str, ...]):
    for context, state in starts(juju.Version.V4_0):
        context.ledger.removes_later = True
        for name in order:
            state = hook(context, state, name)
        context.ledger.run_removals()
        state = hook(context, state)
        assert_published(state, CALLS[order[-1]])


def test_what_is_withdrawn_before_it_was_published_costs_nothing(opencti: Context):
    with counted() as calls:
        out = hook(opencti, answerable(), 'publish', 'withdraw')
    assert not out.secrets
    assert not [name for name in calls if name.startswith('secret')]


class TestWithdraw:
    def test_the_secret_is_revoked_and_stays_until_the_relation_ends(self, opencti: Context):
        state = hook(opencti, published(answerable()))
        state = hook(opencti, state, 'withdraw', 'withdraw')
        assert only_relation(state).local_app_data == {}
        assert only_secret(state).remote_grants == {}
        state = opencti.run(opencti.on.relation_broken(only_relation(state)), state)
        assert not state.secrets

    def test_it_is_published_again_only_with_a_grant(self, opencti: Context):
        state = hook(opencti, published(answerable()), 'withdraw')
        # In this hook Juju 3.6 may refuse a grant.
        departed = opencti.on.relation_departed(only_relation(state), remote_unit=1)
        state = in_hook(opencti, state, publishing(), departed)
        assert only_relation(state).local_app_data == {}
        assert_published(published(state, opencti), TOKEN)

    @pytest.mark.parametrize(
        ('data', 'left'),
        [
            # What others wrote there is left alone.
            ({'more': 'of it', 'opencti_url': URL}, {'more': 'of it'}),
            # The secret is gone already.
            ({'opencti_url': URL, 'opencti_token': 'secret:cjqub6vubg2s77p3nio0'}, {}),
        ],
    )
    def test_the_databag_is_cleared(
        self, opencti: Context, data: dict[str, str], left: dict[str, str]
    ):
        out = hook(opencti, answerable(local_app_data=data), 'withdraw')
        assert only_relation(out).local_app_data == left


class TestMadeTokens:
    """A token that is made on demand, in one hook with other calls."""

    @pytest.mark.parametrize(
        ('is_published', 'names', 'token', 'made'),
        [
            (True, ['make'], TOKEN, 0),
            (True, ['make', 'make'], TOKEN, 0),
            (True, ['withdraw', 'make'], 's3cr3t-made-1', 1),
            (True, ['withdraw', 'make', 'make'], 's3cr3t-made-1', 1),
            (True, ['make', 'withdraw', 'make'], 's3cr3t-made-1', 1),
            (True, ['make', 'publish another'], NEW_TOKEN, 0),
            (True, ['publish another', 'make'], NEW_TOKEN, 0),
            (False, ['make'], 's3cr3t-made-1', 1),
            (False, ['make', 'make'], 's3cr3t-made-1', 1),
            (False, ['make', 'withdraw', 'make'], 's3cr3t-made-2', 2),
            (False, ['publish', 'make'], TOKEN, 0),
            (False, ['make', 'publish'], TOKEN, 1),
        ],
    )
    def test_in_one_hook(
        self, opencti: Context, is_published: bool, names: list[str], token: str, made: int
    ):
        state = published(answerable()) if is_published else answerable()
        make = TokenFactory()
        out = hook(opencti, state, *names, make=make)
        assert (token_in(out), len(make.made)) == (token, made)
        assert only_relation(out).local_app_data.keys() == {'opencti_url', 'opencti_token'}

    def test_a_new_url_with_a_token_that_is_kept(self, opencti: Context):
        make = TokenFactory()

        def call(endpoint: Any, relation: Any) -> None:
            for url in ('http://first.example', 'http://second.example'):
                publishing(url=url, token=make)(endpoint, relation)

        out = in_hook(opencti, published(answerable()), call)
        assert only_relation(out).local_app_data['opencti_url'] == 'http://second.example'
        assert (token_in(out), make.made) == (TOKEN, [])


class TestLate:
    """The charm calls after the library has written: as statuses are collected."""

    @pytest.fixture(
        autouse=True, params=['collect_app_status', 'collect_unit_status', 'pre_commit', 'commit']
    )
    def _moment(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Acting, 'when', request.param)
        monkeypatch.setattr(Acting, 'taken', [])

    def late(
        self, monkeypatch: pytest.MonkeyPatch, call: Any, state: testing.State | None = None
    ) -> tuple[testing.State, list[str]]:
        """The state after a hook with a late call, and the warnings."""
        monkeypatch.setattr(Acting, 'call', call)
        context = opencti_context(Acting)
        out = context.run(context.on.update_status(), state or answerable())
        return out, context.warnings()

    def test_a_first_connection_is_written(self, monkeypatch: pytest.MonkeyPatch, token: Any):
        monkeypatch.setattr(Acting, 'answers_early', False)
        out, _ = self.late(monkeypatch, publishing(url=LATE, token=token))
        assert Acting.taken == [True]
        assert [token_in(out)] == getattr(token, 'made', [TOKEN])[-1:]
        published = {'opencti_url': LATE, 'opencti_token': only_secret(out).id}
        assert only_relation(out).local_app_data == published

    def test_the_same_token_with_another_url_is_written(
        self, monkeypatch: pytest.MonkeyPatch, token: Any
    ):
        out, warnings = self.late(monkeypatch, publishing(url=LATE, token=token))
        assert Acting.taken == [True]
        assert only_relation(out).local_app_data['opencti_url'] == LATE
        assert (token_in(out), warnings) == (TOKEN, [])

    def test_what_was_written_already_costs_nothing(self, monkeypatch: pytest.MonkeyPatch):
        with counted() as calls:
            self.late(monkeypatch, publishing())
        assert Acting.taken == [True]
        assert (calls['secret_add'], calls['secret_grant'], calls['relation_set']) == (1, 1, 1)

    def test_another_token_is_refused_and_told(self, monkeypatch: pytest.MonkeyPatch):
        out, (warning,) = self.late(monkeypatch, publishing(token=NEW_TOKEN))
        assert Acting.taken == [False]
        assert token_in(out) == TOKEN
        assert 'a token was written in this hook' in warning

    def test_a_withdrawal_is_written(self, monkeypatch: pytest.MonkeyPatch):
        out, _ = self.late(monkeypatch, lambda end, relation: end.withdraw_connection(relation))
        assert Acting.taken == [True]
        assert only_relation(out).local_app_data == {}
        assert only_secret(out).remote_grants == {}

    def test_a_connection_that_was_withdrawn_in_this_hook_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, token: Any
    ):
        """Juju would lose the grant."""

        def both(endpoint: Any, relation: ops.Relation) -> bool:
            assert endpoint.withdraw_connection(relation)
            return endpoint.publish_connection(relation, url=URL, token=token)

        out, (warning,) = self.late(monkeypatch, both, published(answerable()))
        assert Acting.taken == [False]
        assert only_relation(out).local_app_data == {}
        assert 'withdrawn in this hook' in warning
        assert getattr(token, 'made', []) == []
        # The next hook publishes.
        monkeypatch.setattr(Acting, 'call', None)
        assert only_relation(published(out)).local_app_data
