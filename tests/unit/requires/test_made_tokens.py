# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A token that OpenCTI shows once is made once."""

import dataclasses

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import ConnectorAvailableEvent, OpenctiRequires
from tests.round_trips import WRITES, counted

from ..charms import Context, OpenctiCharm, opencti_context
from ..failures import raising
from ..states import only_relation, replace_relation, token_secret
from ..values import TOKEN, URL, TokenFactory
from .calls import endpoint_of, in_hook, publishing, withdrawn
from .states import answerable, only_secret, published, replace_secret, token_in


def test_quiet_hooks_make_one_token(opencti: Context, make: TokenFactory):
    state = answerable()
    for event in ('config_changed', 'update_status', 'leader_elected', 'upgrade_charm'):
        state = opencti.run(getattr(opencti.on, event)(), state)
    assert [token_in(state)] == make.made


def test_it_is_made_after_the_arguments_were_checked(opencti: Context, make: TokenFactory):
    with pytest.raises(ValueError, match=r'^url: '):
        in_hook(opencti, answerable(), publishing(url='', token=make))
    assert make.made == []


def taken_over(secret: testing.Secret) -> testing.State:
    """A state in which a charm without this library published a secret."""
    data = {'opencti_url': URL, 'opencti_token': secret.id}
    return dataclasses.replace(answerable(local_app_data=data), secrets={secret})


class TestNoUsableToken:
    def assert_made(self, make: TokenFactory, state: testing.State) -> None:
        """The next hook makes a token."""
        out = published(state)
        assert token_in(out) == make.made[1]
        assert only_relation(out).local_app_data['opencti_token'] == only_secret(out).id

    @pytest.mark.parametrize('garbage', [TOKEN, 'secret:gone', ''])
    def test_its_id_is_not_published(self, make: TokenFactory, garbage: str):
        data = {'opencti_token': garbage}
        self.assert_made(make, replace_relation(published(answerable()), local_app_data=data))

    def test_the_secret_is_gone(self, make: TokenFactory):
        self.assert_made(make, dataclasses.replace(published(answerable()), secrets=set()))

    def test_it_was_withdrawn_in_an_earlier_hook(self, opencti: Context, make: TokenFactory):
        self.assert_made(make, withdrawn(opencti, published(answerable())))

    @pytest.mark.parametrize('content', [{'other': TOKEN}, {'token': ''}, {'token': 'a b'}])
    def test_a_secret_that_is_taken_over_holds_none(
        self, make: TokenFactory, content: dict[str, str]
    ):
        state = taken_over(testing.Secret(content, owner='app'))
        out = published(state)
        assert token_in(out) == make.made[0]
        assert out.relations == state.relations

    def test_a_secret_that_is_taken_over_cannot_be_read(
        self, make: TokenFactory, monkeypatch: pytest.MonkeyPatch
    ):
        refused = ops.ModelError('ERROR "opencti/0" is not allowed to read this secret')
        monkeypatch.setattr(ops.Secret, 'get_content', raising(refused))
        out = published(taken_over(token_secret(owner='app')))
        assert token_in(out) == make.made[0]


class TestATokenIsPublished:
    def test_one_that_is_taken_over_is_kept_and_read_once(
        self, opencti: Context, make: TokenFactory
    ):
        state = taken_over(token_secret(owner='app'))
        with counted() as calls:
            for _ in range(2):
                state = opencti.run(opencti.on.config_changed(), state)
                assert calls['secret_get'] == 1
        assert make.made == []
        assert token_in(state) == TOKEN

    @pytest.mark.parametrize('version', juju.Version)
    def test_a_grant_that_was_lost_is_restored(self, make: TokenFactory, version: juju.Version):
        context = opencti_context(version=version)
        state = replace_secret(published(answerable(), context), remote_grants={})
        out = context.run(context.on.update_status(), state)
        assert only_secret(out).remote_grants == {7: {'a-connector'}}
        assert len(make.made) == 1


def api_is_down() -> str:
    raise RuntimeError('the API is down')


class TestItCannotBeMade:
    def test_the_error_reaches_the_charm_and_nothing_is_half_written(self, opencti: Context):
        with opencti(opencti.on.start(), answerable(1, 2)) as manager:
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
        with counted() as calls, pytest.raises(testing.errors.UncaughtCharmError, match='is down'):
            opencti.run(opencti.on.config_changed(), answerable(1, 2))
        assert not any(calls[write] for write in WRITES)

    @pytest.mark.parametrize('token', ['', 'a b', None, b'bytes', 7])
    def test_what_is_made_is_unusable(self, opencti: Context, token: object):
        def publish(endpoint: OpenctiRequires, relation: ops.Relation) -> None:
            with pytest.raises(ValueError, match=r'^token: must'):
                publishing(token=lambda: token)(endpoint, relation)

        assert not in_hook(opencti, answerable(), publish).secrets


def test_none_is_made_in_relation_departed(monkeypatch: pytest.MonkeyPatch, make: TokenFactory):
    """A deferred event comes before it, and may be the first that finds no token."""

    class DefersAtFirst(OpenctiCharm):
        ready = False

        def _on_available(self, event: ConnectorAvailableEvent):
            if self.ready:
                super()._on_available(event)
            else:
                event.defer()

    context = opencti_context(DefersAtFirst)
    state = published(answerable(), context)
    monkeypatch.setattr(DefersAtFirst, 'ready', True)
    departed = context.on.relation_departed(only_relation(state), remote_unit=1)
    state = context.run(departed, state)
    assert make.made == []
    state = context.run(context.on.update_status(), state)
    assert make.made == [token_in(state)]
