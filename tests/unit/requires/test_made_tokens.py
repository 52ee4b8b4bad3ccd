# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A token that OpenCTI shows once is made once."""

import dataclasses

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import ConnectorAvailableEvent
from tests.round_trips import WRITES, counted

from ..conftest import (
    TOKEN,
    URL,
    Context,
    OpenctiCharm,
    TokenFactory,
    only_relation,
    opencti_context,
    replace_relation,
    token_secret,
)
from ..requires_charm import endpoint_of, only_secret, published, related, token_in


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> TokenFactory:
    factory = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', factory)
    return factory


def test_quiet_hooks_make_one_token(opencti: Context, make: TokenFactory):
    state = testing.State(leader=True, relations={related()})
    for event in ('config_changed', 'update_status', 'leader_elected', 'upgrade_charm'):
        state = opencti.run(getattr(opencti.on, event)(), state)
    assert len(make.made) == 1
    assert token_in(state) == make.made[0]


def test_a_quiet_hook_reads_no_content_and_writes_no_secret(make: TokenFactory):
    state = published(testing.State(leader=True, relations={related()}))
    with counted() as calls:
        again = published(state)
    assert again.secrets == state.secrets
    assert {name: calls[name] for name in WRITES if calls[name]} == {'secret_grant': 1}
    assert (calls['relation_get'], calls['secret_info_get'], calls['secret_get']) == (2, 1, 0)


def test_it_is_made_after_the_arguments_were_checked(opencti: Context, make: TokenFactory):
    state = testing.State(leader=True, relations={related()})
    with opencti(opencti.on.start(), state) as manager:
        (connector,) = endpoint_of(manager).connectors
        with pytest.raises(ValueError, match=r'^url: '):
            endpoint_of(manager).publish_connection(connector.relation, url='', token=make)
    assert make.made == []


class TestNoUsableToken:
    def test_the_secret_is_gone(self, make: TokenFactory):
        state = published(testing.State(leader=True, relations={related()}))
        out = published(dataclasses.replace(state, secrets=set()))
        assert token_in(out) == make.made[1]
        assert only_relation(out).local_app_data['opencti_token'] == only_secret(out).id

    @pytest.mark.parametrize('garbage', [TOKEN, 'secret:gone', ''])
    def test_its_id_is_not_published(self, make: TokenFactory, garbage: str):
        state = published(testing.State(leader=True, relations={related()}))
        out = published(replace_relation(state, local_app_data={'opencti_token': garbage}))
        assert token_in(out) == make.made[1]
        assert only_relation(out).local_app_data['opencti_token'] == only_secret(out).id

    def test_it_was_withdrawn_in_an_earlier_hook(self, opencti: Context, make: TokenFactory):
        state = published(testing.State(leader=True, relations={related()}))
        with opencti(opencti.on.start(), state) as manager:
            (connector,) = endpoint_of(manager).connectors
            endpoint_of(manager).withdraw_connection(connector.relation)
            state = manager.run()
        assert token_in(published(state)) == make.made[1]

    @pytest.mark.parametrize('content', [{'other': TOKEN}, {'token': ''}, {'token': 'a b'}])
    def test_a_secret_that_is_taken_over_holds_none(
        self, make: TokenFactory, content: dict[str, str]
    ):
        deployed = testing.Secret(content, owner='app')
        data = {'opencti_url': URL, 'opencti_token': deployed.id}
        relation = related(local_app_data=data)
        state = testing.State(leader=True, relations={relation}, secrets={deployed})
        out = published(state)
        assert token_in(out) == make.made[0]
        assert only_relation(out).local_app_data == data

    def test_a_secret_that_is_taken_over_cannot_be_read(
        self, make: TokenFactory, monkeypatch: pytest.MonkeyPatch
    ):
        def refuse(*args: object, **kwargs: object):
            raise ops.ModelError('ERROR "opencti/0" is not allowed to read this secret')

        monkeypatch.setattr(ops.Secret, 'get_content', refuse)
        deployed = token_secret(owner='app')
        relation = related(local_app_data={'opencti_url': URL, 'opencti_token': deployed.id})
        out = published(testing.State(leader=True, relations={relation}, secrets={deployed}))
        assert token_in(out) == make.made[0]


class TestATokenIsPublished:
    def test_one_that_is_taken_over_is_kept_and_read_once(
        self, opencti: Context, make: TokenFactory
    ):
        deployed = token_secret(owner='app')
        relation = related(local_app_data={'opencti_url': URL, 'opencti_token': deployed.id})
        state = testing.State(leader=True, relations={relation}, secrets={deployed})
        with counted() as calls:
            state = opencti.run(opencti.on.config_changed(), state)
            assert calls['secret_get'] == 1
            state = opencti.run(opencti.on.config_changed(), state)
            assert calls['secret_get'] == 1
        assert make.made == []
        assert token_in(state) == TOKEN

    @pytest.mark.parametrize('version', juju.Version)
    def test_a_grant_that_was_lost_is_restored(self, make: TokenFactory, version: juju.Version):
        context = opencti_context(version=version)
        state = published(testing.State(leader=True, relations={related(id=7)}), context)
        revoked = dataclasses.replace(only_secret(state), remote_grants={})
        state = dataclasses.replace(state, secrets={revoked})
        out = context.run(context.on.update_status(), state)
        assert only_secret(out).remote_grants == {7: {'a-connector'}}
        assert len(make.made) == 1


def api_is_down() -> str:
    raise RuntimeError('the API is down')


class TestItCannotBeMade:
    def test_the_error_reaches_the_charm_and_nothing_is_half_written(self, opencti: Context):
        state = testing.State(leader=True, relations={related(id=1), related(id=2)})
        with opencti(opencti.on.start(), state) as manager:
            endpoint = endpoint_of(manager)
            first, second = endpoint.connectors
            endpoint.publish_connection(first.relation, url=URL, token=TOKEN)
            with pytest.raises(RuntimeError, match=r'^the API is down$'):
                endpoint.publish_connection(second.relation, url=URL, token=api_is_down)
            out = manager.run()
        assert out.get_relation(2).local_app_data == {}
        assert only_secret(out).remote_grants == {1: {'a-connector'}}

    def test_a_hook_that_fails_writes_nothing(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        class OnlyOne(TokenFactory):
            def __call__(self) -> str:
                return super().__call__() if not self.made else api_is_down()

        monkeypatch.setattr(OpenctiCharm, 'token', OnlyOne())
        state = testing.State(leader=True, relations={related(), related()})
        with counted() as calls, pytest.raises(testing.errors.UncaughtCharmError, match='is down'):
            opencti.run(opencti.on.config_changed(), state)
        assert not any(calls[write] for write in WRITES)

    @pytest.mark.parametrize('token', ['', 'a b', None, b'bytes', 7])
    def test_what_is_made_is_unusable(self, opencti: Context, token: object):
        state = testing.State(leader=True, relations={related()})
        with opencti(opencti.on.start(), state) as manager:
            (connector,) = endpoint_of(manager).connectors
            with pytest.raises(ValueError, match=r'^token: must'):
                endpoint_of(manager).publish_connection(
                    connector.relation,
                    url=URL,
                    token=lambda: token,  # type: ignore[arg-type,return-value]
                )
            out = manager.run()
        assert not out.secrets


def test_on_another_unit_none_is_made(opencti: Context, make: TokenFactory):
    state = testing.State(leader=False, relations={related()})
    with opencti(opencti.on.start(), state) as manager:
        (connector,) = endpoint_of(manager).connectors
        endpoint_of(manager).publish_connection(connector.relation, url=URL, token=make)
        manager.run()
    assert make.made == []


class TestOneIsMadeOnlyIfItCanBePublished:
    def test_a_deferred_event_comes_before_relation_departed(
        self, monkeypatch: pytest.MonkeyPatch, make: TokenFactory
    ):
        class DefersAtFirst(OpenctiCharm):
            ready = False

            def _on_available(self, event: ConnectorAvailableEvent):
                if self.ready:
                    super()._on_available(event)
                else:
                    event.defer()

        context = opencti_context(DefersAtFirst)
        state = published(testing.State(leader=True, relations={related()}), context)
        monkeypatch.setattr(DefersAtFirst, 'ready', True)
        departed = context.on.relation_departed(only_relation(state), remote_unit=1)
        state = context.run(departed, state)
        assert make.made == []
        state = context.run(context.on.update_status(), state)
        assert make.made == [token_in(state)]

    def test_after_a_withdrawal_juju_cannot_answer(
        self, monkeypatch: pytest.MonkeyPatch, make: TokenFactory
    ):
        state = published(testing.State(leader=True, relations={related()}))
        context = opencti_context()
        context.ledger.failing_lists = [juju.SECRET_WENT] * 9
        with context(context.on.start(), state) as manager:
            endpoint = endpoint_of(manager)
            (connector,) = endpoint.connectors
            endpoint.withdraw_connection(connector.relation)
            endpoint.publish_connection(connector.relation, url=URL, token=make)
            manager.run()
        assert len(make.made) == 1
