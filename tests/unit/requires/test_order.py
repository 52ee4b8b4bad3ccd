# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Publishing and withdrawing in any order ends as the last call says."""

import itertools
from collections.abc import Iterator

import pytest
from ops import testing

from fakes import juju
from opencti_connector import OpenctiRequires
from tests.round_trips import counted

from ..conftest import NEW_TOKEN, TOKEN, URL, Context, TokenFactory, only_relation, opencti_context
from ..requires_charm import endpoint_of, only_secret, published, related, token_in

CALLS = {'publish': TOKEN, 'publish another': NEW_TOKEN, 'withdraw': None}
ORDERS = [order for number in (1, 2, 3) for order in itertools.product(CALLS, repeat=number)]


def call(endpoint: OpenctiRequires, name: str) -> None:
    (connector,) = endpoint.connectors
    token = CALLS[name]
    if token is None:
        endpoint.withdraw_connection(connector.relation)
    else:
        endpoint.publish_connection(connector.relation, url=URL, token=token)


def hook(context: Context, state: testing.State, *names: str) -> testing.State:
    with context(context.on.start(), state) as manager:
        for name in names:
            call(endpoint_of(manager), name)
        return manager.run()


def starts(version: juju.Version) -> Iterator[tuple[Context, testing.State]]:
    for names in ((), ('publish',), ('publish', 'withdraw')):
        context = opencti_context(version=version)
        state = testing.State(leader=True, relations={related(id=7)})
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
    state = testing.State(leader=True, relations={related()})
    with counted() as calls:
        out = hook(opencti, state, 'publish', 'withdraw')
    assert not out.secrets
    assert not [name for name in calls if name.startswith('secret')]


class TestWithdraw:
    def test_the_secret_is_revoked_and_stays_until_the_relation_ends(self, opencti: Context):
        state = hook(opencti, published(testing.State(leader=True, relations={related()})))
        state = hook(opencti, state, 'withdraw', 'withdraw')
        assert only_relation(state).local_app_data == {}
        assert only_secret(state).remote_grants == {}
        state = opencti.run(opencti.on.relation_broken(only_relation(state)), state)
        assert not state.secrets

    def test_it_is_published_again_only_with_a_grant(self, opencti: Context):
        state = hook(opencti, published(testing.State(leader=True, relations={related(id=7)})))
        state = hook(opencti, state, 'withdraw')
        # In this hook Juju 3.6 may refuse a grant.
        departed = opencti.on.relation_departed(only_relation(state), remote_unit=1)
        with opencti(departed, state) as manager:
            (connector,) = endpoint_of(manager).connectors
            endpoint_of(manager).publish_connection(connector.relation, url=URL, token=TOKEN)
            state = manager.run()
        assert only_relation(state).local_app_data == {}
        state = published(state, opencti)
        assert_published(state, TOKEN)

    def test_what_others_wrote_there_is_left_alone(self, opencti: Context):
        relation = related(local_app_data={'more': 'of it', 'opencti_url': URL})
        out = hook(opencti, testing.State(leader=True, relations={relation}), 'withdraw')
        assert only_relation(out).local_app_data == {'more': 'of it'}

    def test_the_databag_is_cleared_though_the_secret_is_gone_already(self, opencti: Context):
        data = {'opencti_url': URL, 'opencti_token': 'secret:cjqub6vubg2s77p3nio0'}
        state = testing.State(leader=True, relations={related(local_app_data=data)})
        out = hook(opencti, state, 'withdraw')
        assert only_relation(out).local_app_data == {}

    def test_another_unit_does_nothing(self, opencti: Context):
        relation = related(local_app_data={'opencti_url': URL})
        state = testing.State(leader=False, relations={relation})
        out = hook(opencti, state, 'publish', 'withdraw')
        assert out.relations == state.relations


class TestMadeTokens:
    """A token that is made on demand, in one hook with other calls."""

    def run(self, *names: str, state: testing.State) -> tuple[testing.State, TokenFactory]:
        make = TokenFactory()
        context = opencti_context()
        with context(context.on.start(), state) as manager:
            for name in names:
                if name == 'make':
                    (connector,) = endpoint_of(manager).connectors
                    endpoint_of(manager).publish_connection(
                        connector.relation, url=URL, token=make
                    )
                else:
                    call(endpoint_of(manager), name)
            return manager.run(), make

    @pytest.mark.parametrize(
        ('names', 'token', 'made'),
        [
            (['make'], TOKEN, 0),
            (['make', 'make'], TOKEN, 0),
            (['withdraw', 'make'], 's3cr3t-made-1', 1),
            (['withdraw', 'make', 'make'], 's3cr3t-made-1', 1),
            (['make', 'withdraw', 'make'], 's3cr3t-made-1', 1),
            (['make', 'publish another'], NEW_TOKEN, 0),
            (['publish another', 'make'], NEW_TOKEN, 0),
        ],
    )
    def test_if_a_token_is_published(self, names: list[str], token: str, made: int):
        state = published(testing.State(leader=True, relations={related()}))
        out, make = self.run(*names, state=state)
        assert (token_in(out), len(make.made)) == (token, made)
        assert only_relation(out).local_app_data.keys() == {'opencti_url', 'opencti_token'}

    @pytest.mark.parametrize(
        ('names', 'token', 'made'),
        [
            (['make'], 's3cr3t-made-1', 1),
            (['make', 'make'], 's3cr3t-made-1', 1),
            (['make', 'withdraw', 'make'], 's3cr3t-made-2', 2),
            (['publish', 'make'], TOKEN, 0),
            (['make', 'publish'], TOKEN, 1),
        ],
    )
    def test_if_none_is_published(self, names: list[str], token: str, made: int):
        out, make = self.run(*names, state=testing.State(leader=True, relations={related()}))
        assert (token_in(out), len(make.made)) == (token, made)

    def test_a_new_url_with_a_token_that_is_kept(self, opencti: Context):
        state = published(testing.State(leader=True, relations={related()}))
        make = TokenFactory()
        with opencti(opencti.on.start(), state) as manager:
            (connector,) = endpoint_of(manager).connectors
            for url in ('http://first.example', 'http://second.example'):
                endpoint_of(manager).publish_connection(connector.relation, url=url, token=make)
            out = manager.run()
        assert only_relation(out).local_app_data['opencti_url'] == 'http://second.example'
        assert (token_in(out), make.made) == (TOKEN, [])
