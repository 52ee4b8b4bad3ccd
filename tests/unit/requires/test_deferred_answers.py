# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a deferred event publishes counts, whatever its hook tells after it."""

import datetime
from typing import Any

import ops
import pytest
from ops import testing

from opencti_connector import OpenctiRequires

from ..charms import Context, OpenctiCharm, opencti_context
from ..states import only_relation, replace_relation
from ..values import NEW_TOKEN, PAST, URL, TokenFactory
from .calls import in_hook, publishing
from .states import (
    answerable,
    only_secret,
    published,
    replace_secret,
    token_in,
)

MONTH = datetime.timedelta(days=30)


class Defers(OpenctiCharm):
    up = True

    def _on_available(self, event: Any) -> None:
        if self.up:
            super()._on_available(event)
        else:
            event.defer()


class TestADeferredAnswer:
    @pytest.fixture
    def context(self) -> Context:
        return opencti_context(Defers)

    @pytest.fixture
    def confirmed(self, context: Context, make: TokenFactory) -> testing.State:
        """A later hook has found published what an earlier one wrote."""
        state = answerable()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(OpenctiCharm, 'expire', MONTH)
            for _ in range(3):
                state = context.run(context.on.config_changed(), state)
        return state

    def deferred(self, context: Context, event: Any, state: testing.State) -> testing.State:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Defers, 'up', False)
            state = context.run(event, state)
        assert state.deferred
        return state

    def test_to_a_due_token(self, context: Context, confirmed: testing.State, make: TokenFactory):
        state = replace_secret(confirmed, expire=PAST)
        expired = context.on.secret_expired(only_secret(state), revision=1)
        state = self.deferred(context, expired, state)
        out = context.run(context.on.config_changed(), state)
        assert not out.deferred
        assert len(make.made) == 2

    @pytest.mark.parametrize('url', [URL, 'http://moved.example'])
    def test_and_the_status_before_a_token_is_due(
        self, context: Context, confirmed: testing.State, make: TokenFactory, url: str
    ):
        state = replace_secret(confirmed, expire=PAST)
        expired = context.on.secret_expired(only_secret(state), revision=1)
        call = publishing(url=url, token=make)

        def call_and_ask(endpoint: OpenctiRequires, relation: ops.Relation) -> None:
            call(endpoint, relation)
            endpoint.get_status()

        out = in_hook(context, state, call_and_ask, expired)
        assert token_in(out) == make.made[-1] == 's3cr3t-made-2'
        assert only_secret(out).remote_grants == {7: {'a-connector'}}

    def test_before_a_token_is_due(self, context: Context, confirmed: testing.State):
        state = self.deferred(context, context.on.config_changed(), confirmed)
        state = replace_secret(state, expire=PAST)
        expired = context.on.secret_expired(only_secret(state), revision=1)
        assert token_in(context.run(expired, state)) == 's3cr3t-made-2'

    def test_as_the_leadership_comes_back(self, context: Context, confirmed: testing.State):
        """Another leader has withdrawn the connection meanwhile, and revoked its token."""
        state = self.deferred(context, context.on.config_changed(), confirmed)
        state = replace_relation(replace_secret(state, remote_grants={}), local_app_data={})
        out = context.run(context.on.leader_elected(), state)
        assert token_in(out) == 's3cr3t-made-2'

    def test_that_makes_a_token_as_the_leadership_comes_back(
        self, context: Context, make: TokenFactory
    ):
        state = self.deferred(context, context.on.config_changed(), answerable())
        assert [token_in(context.run(context.on.leader_elected(), state))] == make.made

    def test_that_is_a_text_as_the_leadership_comes_back(
        self, context: Context, monkeypatch: pytest.MonkeyPatch
    ):
        state = published(answerable(), context)
        state = self.deferred(context, context.on.config_changed(), state)
        monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
        assert token_in(context.run(context.on.leader_elected(), state)) == NEW_TOKEN

    @pytest.mark.parametrize('event', ['leader_elected', 'upgrade_charm', 'update_status'])
    class TestThatIsTheOnlyOne:
        """Others may have written, as these hooks tell after the deferred event."""

        @pytest.fixture(autouse=True)
        def _only_one(self, confirmed: testing.State, monkeypatch: pytest.MonkeyPatch) -> None:
            monkeypatch.setattr(Defers, '_on_available', lambda *_: None)

        def test_counts(
            self, context: Context, confirmed: testing.State, make: TokenFactory, event: str
        ):
            moved = publishing(url='http://moved.example', token=make)
            out = in_hook(context, confirmed, moved, getattr(context.on, event)())
            assert only_relation(out).local_app_data['opencti_url'] == 'http://moved.example'
            assert len(make.made) == 1

        def test_revives_no_token_that_was_withdrawn(
            self, context: Context, confirmed: testing.State, make: TokenFactory, event: str
        ):
            secret = replace_secret(confirmed, remote_grants={})
            state = replace_relation(secret, local_app_data={})
            out = in_hook(context, state, publishing(token=make), getattr(context.on, event)())
            assert only_relation(out).local_app_data == {}
            assert only_secret(out).remote_grants == {}
            assert 'no usable token is published' in context.warnings()[-1]
            assert len(make.made) == 1
