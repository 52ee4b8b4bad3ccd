# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What an early status, a deferred event or a late answer must not spoil."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import OpenctiRequires

from ..charms import Acting, Context, WithStatus, opencti_context
from ..failures import raising
from ..states import only_relation, replace_relation
from ..values import NEW_TOKEN, TOKEN, TokenFactory
from .calls import connector_reads, in_hook, publishing, withdrawn
from .states import (
    answerable,
    only_secret,
    published,
    related,
    rotated,
    secret_remove,
    token_in,
)

VERSIONS = pytest.mark.parametrize('version', juju.Version)


def asking(**arguments: Any) -> Any:
    """A call that asks for the status, and then publishes."""

    def call(endpoint: OpenctiRequires, relation: ops.Relation) -> bool:
        endpoint.get_status()
        return publishing(**arguments)(endpoint, relation)

    return call


class TestAnOldRevisionGoes:
    """What is queued for a secret is lost with a later removal."""

    @VERSIONS
    @pytest.mark.parametrize('made', [False, True])
    def test_with_a_late_answer(
        self, monkeypatch: pytest.MonkeyPatch, version: juju.Version, made: bool
    ):
        """The hook before has changed something, so that nothing is confirmed."""
        token: Any = TokenFactory() if made else NEW_TOKEN
        monkeypatch.setattr(Acting, 'answers_early', False)
        monkeypatch.setattr(Acting, 'when', 'collect_unit_status')
        monkeypatch.setattr(Acting, 'call', publishing(token=token if made else TOKEN))
        context = opencti_context(Acting, version=version)
        state = published(answerable(), context)
        connector_reads(context, only_secret(state))
        if made:
            monkeypatch.setattr(Acting, 'token', token)
            state = context.run(context.on.secret_expired(only_secret(state), revision=1), state)
        else:
            monkeypatch.setattr(Acting, 'call', publishing(token=token, url='http://new.example'))
            state = published(state, context)
        connector_reads(context, only_secret(state))
        before = token_in(state), [*getattr(token, 'made', [])]
        out = secret_remove(context, state)
        assert (token_in(out), [*getattr(token, 'made', [])]) == before
        assert out.unit_status == testing.ActiveStatus()

    def test_after_the_status_was_asked_in_a_handler(
        self, monkeypatch: pytest.MonkeyPatch, make: TokenFactory
    ):
        monkeypatch.setattr(Acting, 'when', 'secret_remove')
        monkeypatch.setattr(Acting, 'call', asking(token=make))
        context = opencti_context(Acting)
        state = published(answerable(), context)
        connector_reads(context, only_secret(state))
        state = context.run(context.on.secret_expired(only_secret(state), revision=1), state)
        connector_reads(context, only_secret(state))
        out = secret_remove(context, state)
        assert len(make.made) == 2
        assert token_in(out) == make.made[-1]

    @VERSIONS
    @pytest.mark.parametrize('answer', ['another token', 'a made token', 'a withdrawal'])
    def test_after_the_status_was_asked_for_a_deferred_event(
        self, version: juju.Version, answer: str, make: TokenFactory
    ):
        """Its handler comes before the hook's own event."""
        context = opencti_context(version=version)
        state = rotated(context)
        if answer == 'a made token':
            state = withdrawn(context, state)
        call = {
            'another token': publishing(token=NEW_TOKEN),
            'a made token': publishing(token=make),
            'a withdrawal': OpenctiRequires.withdraw_connection,
        }[answer]

        def call_and_ask(endpoint: OpenctiRequires, relation: ops.Relation) -> None:
            call(endpoint, relation)
            endpoint.get_status()

        event = context.on.secret_remove(only_secret(state), revision=1)
        state = in_hook(context, state, call_and_ask, event)
        if answer == 'a withdrawal':
            state = context.run(context.on.start(), state)
            assert only_secret(state).remote_grants == {}
        else:
            assert token_in(state) == (make.made[-1] if make.made else NEW_TOKEN)
            assert only_secret(state).remote_grants == {7: {'a-connector'}}

    @VERSIONS
    def test_before_a_withdrawal(self, monkeypatch: pytest.MonkeyPatch, version: juju.Version):
        """Juju does not find the secret in that hook any more, so the next one revokes."""
        context = opencti_context(Acting, version=version)
        state = rotated(context)
        monkeypatch.setattr(Acting, 'call', OpenctiRequires.withdraw_connection)
        state = secret_remove(context, state)
        assert context.removed_secret_revisions == [1]
        monkeypatch.setattr(Acting, 'call', None)
        state = context.run(context.on.start(), state)
        assert only_relation(state).local_app_data == {}
        assert only_secret(state).remote_grants == {}


@VERSIONS
def test_killed_withdrawal_then_status_then_publication(version: juju.Version):
    """Juju loses the grant that follows the repeated revocation, and the status is active."""
    context = opencti_context(WithStatus, version=version)
    state = published(answerable(), context)
    context.is_killed = True
    with pytest.raises(juju.HookFailed):
        withdrawn(context, state)
    context.is_killed = False
    state = dataclasses.replace(state, stored_states=context.unflushed.stored_states)
    out = in_hook(context, state, asking())
    is_granted = bool(only_secret(out).remote_grants)
    assert bool(only_relation(out).local_app_data) is is_granted
    assert (out.unit_status == testing.ActiveStatus()) is is_granted


class TestAWithdrawalThenTheStatusThenAPublication:
    """A token is made only if it can be written."""

    def after_a_withdrawal(
        self, context: Context, state: testing.State, make: TokenFactory
    ) -> tuple[bool, testing.State]:
        taken: list[bool] = []

        def call(endpoint: OpenctiRequires, relation: ops.Relation) -> None:
            endpoint.withdraw_connection(relation)
            taken.append(asking(token=make)(endpoint, relation))

        out = in_hook(context, state, call)
        return taken[0], out

    def test_where_nothing_was_published(self, make: TokenFactory):
        taken, out = self.after_a_withdrawal(opencti_context(WithStatus), answerable(), make)
        assert taken
        assert [token_in(out)] == make.made
        assert only_secret(out).remote_grants == {7: {'a-connector'}}

    @pytest.mark.parametrize('is_refused', [False, True])
    def test_of_what_was_published(
        self, make: TokenFactory, monkeypatch: pytest.MonkeyPatch, is_refused: bool
    ):
        context = opencti_context(WithStatus)
        state = published(answerable(), context)
        if is_refused:
            refused = raising(ops.ModelError('ERROR connection is shut down'))
            monkeypatch.setattr(ops.Secret, 'revoke', refused)
        taken, out = self.after_a_withdrawal(context, state, make)
        assert not taken
        assert len(make.made) == 1
        assert bool(only_secret(out).remote_grants) is is_refused


class Impatient(WithStatus):
    """Says nothing of the relation while something else is the matter."""

    ready = True

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        if self.ready:
            super()._on_collect_unit_status(event)
        else:
            event.add_status(ops.MaintenanceStatus('installing'))


@pytest.mark.parametrize(
    ('before', 'after', 'event', 'status'),
    [
        ({}, {'connector_type': 'no'}, 'relation_changed', 'blocked'),
        ({}, {'problem': 'no-data'}, 'update_status', 'waiting'),
        ({'problem': 'no-data'}, {}, 'relation_broken', 'active'),
    ],
)
def test_a_hook_that_does_not_ask_for_the_status(
    monkeypatch: pytest.MonkeyPatch,
    before: dict[str, Any],
    after: dict[str, Any],
    event: str,
    status: str,
):
    context = opencti_context(Impatient)
    state = published(answerable(**before), context)
    for _ in range(2):
        state = context.run(context.on.update_status(), state)
    assert state.unit_status.name == ('waiting' if before else 'active')
    monkeypatch.setattr(Impatient, 'ready', False)
    state = replace_relation(state, remote_app_data=related(**after).remote_app_data)
    about = [only_relation(state)] if event.startswith('relation') else []
    state = context.run(getattr(context.on, event)(*about), state)
    if event == 'relation_broken':
        state = dataclasses.replace(state, relations=set())
    monkeypatch.setattr(Impatient, 'ready', True)
    assert context.run(context.on.start(), state).unit_status.name == status


def test_a_withdrawal_after_the_status(monkeypatch: pytest.MonkeyPatch):
    context = opencti_context(Acting)
    state = published(answerable(), context)
    for _ in range(2):
        state = context.run(context.on.update_status(), state)
    monkeypatch.setattr(Acting, 'call', OpenctiRequires.withdraw_connection)
    state = context.run(context.on.start(), state)
    assert only_relation(state).local_app_data == {}
    monkeypatch.setattr(Acting, 'call', None)
    out = context.run(context.on.start(), state)
    assert isinstance(out.unit_status, testing.WaitingStatus)


def test_a_withdrawal_after_the_last_status_of_a_charm_that_collects_none(opencti: Context):
    statuses: list[ops.StatusBase] = []

    def ask(endpoint: OpenctiRequires, _: ops.Relation) -> None:
        statuses.append(endpoint.get_status())

    def ask_and_withdraw(endpoint: OpenctiRequires, relation: ops.Relation) -> None:
        ask(endpoint, relation)
        endpoint.withdraw_connection(relation)

    state = published(answerable(), opencti)
    state = opencti.run(opencti.on.update_status(), state)
    state = in_hook(opencti, state, ask_and_withdraw)
    assert not only_relation(state).local_app_data
    in_hook(opencti, state, ask)
    assert [status.name for status in statuses] == ['active', 'waiting']
