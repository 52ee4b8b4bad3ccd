# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What an early status, a deferred event or a late answer must not spoil."""

import dataclasses
import datetime
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju

from ..conftest import (
    NEW_TOKEN,
    OpenctiCharm,
    TokenFactory,
    only_relation,
    opencti_context,
    relation,
)
from ..requires_charm import WithStatus, connector_reads, only_secret, published, related, token_in

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
MONTH = datetime.timedelta(days=30)


class LateCharm(OpenctiCharm):
    """Reconciles when its status is collected."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on.collect_unit_status, self._on_collect)

    def _on_available(self, event: Any) -> None:
        if event.handle.kind == 'connector_token_due':
            super()._on_available(event)

    def _on_collect(self, event: ops.CollectStatusEvent) -> None:
        for connector in self.opencti_connector.connectors:
            if connector.details is not None:
                self.opencti_connector.publish_connection(
                    connector.relation, url=self.url, token=self.token
                )
        event.add_status(self.opencti_connector.get_status())


@pytest.mark.parametrize('version', juju.Version)
@pytest.mark.parametrize('made', [False, True])
def test_secret_remove_with_a_late_answer(
    monkeypatch: pytest.MonkeyPatch, version: Any, made: bool
):
    """The hook before has changed something, so that nothing is confirmed."""
    factory = TokenFactory()
    context = opencti_context(LateCharm, version=version)
    state = testing.State(leader=True, relations={related(id=7)})
    if made:
        monkeypatch.setattr(OpenctiCharm, 'token', factory)
    state = published(state, context)
    connector_reads(context, only_secret(state))
    if made:
        state = context.run(context.on.secret_expired(only_secret(state), revision=1), state)
    else:
        monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
        monkeypatch.setattr(OpenctiCharm, 'url', 'http://new.example')
        state = published(state, context)
    connector_reads(context, only_secret(state))
    tokens = [*factory.made]
    token = token_in(state)
    out = context.run(context.on.secret_remove(only_secret(state), revision=1), state)
    assert factory.made == tokens
    assert token_in(out) == token
    assert out.unit_status == testing.ActiveStatus()


class AsksFirst(WithStatus):
    """Publishes after it asked for the status."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on.start, self._on_start)

    def _on_start(self, _: ops.EventBase) -> None:
        self.opencti_connector.get_status()
        for connector in self.opencti_connector.connectors:
            self.opencti_connector.publish_connection(
                connector.relation, url=self.url, token=self.token
            )


class Withdraws(OpenctiCharm):
    def _on_available(self, event: Any) -> None:
        self.opencti_connector.withdraw_connection(event.relation)


@pytest.mark.parametrize('version', juju.Version)
def test_killed_withdrawal_then_status_then_publication(
    monkeypatch: pytest.MonkeyPatch, version: juju.Version
):
    """Juju loses the grant that follows the repeated revocation, and the status is active."""
    context = opencti_context(AsksFirst, version=version)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    context.is_killed = True
    with monkeypatch.context() as patch:
        patch.setattr(AsksFirst, '_on_available', Withdraws._on_available)
        with pytest.raises(juju.HookFailed):
            context.run(context.on.config_changed(), state)
    context.is_killed = False
    state = dataclasses.replace(state, stored_states=context.unflushed.stored_states)
    out = context.run(context.on.start(), state)
    is_granted = bool(only_secret(out).remote_grants)
    assert bool(only_relation(out).local_app_data) is is_granted
    assert (out.unit_status == testing.ActiveStatus()) is is_granted


class Impatient(WithStatus):
    """Says nothing of the relation while something else is the matter."""

    ready = True

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        if self.ready:
            super()._on_collect_unit_status(event)
        else:
            event.add_status(ops.MaintenanceStatus('installing'))


def test_a_hook_that_does_not_ask_for_the_status(monkeypatch: pytest.MonkeyPatch):
    context = opencti_context(Impatient)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    for _ in range(2):
        state = context.run(context.on.update_status(), state)
    assert state.unit_status == testing.ActiveStatus()
    monkeypatch.setattr(Impatient, 'ready', False)
    wrong = dataclasses.replace(
        only_relation(state), remote_app_data={'connector_charm_name': 'x', 'connector_type': 'no'}
    )
    state = context.run(
        context.on.relation_changed(wrong), dataclasses.replace(state, relations={wrong})
    )
    monkeypatch.setattr(Impatient, 'ready', True)
    out = context.run(context.on.start(), state)
    assert isinstance(out.unit_status, testing.BlockedStatus)


def test_an_ended_relation_in_a_hook_that_does_not_ask(monkeypatch: pytest.MonkeyPatch):
    context = opencti_context(Impatient)
    silent = relation(id=7, remote_app_name='a-connector')
    state = published(testing.State(leader=True, relations={silent}), context)
    assert isinstance(state.unit_status, testing.WaitingStatus)
    monkeypatch.setattr(Impatient, 'ready', False)
    state = context.run(context.on.relation_broken(only_relation(state)), state)
    state = dataclasses.replace(state, relations=set())
    monkeypatch.setattr(Impatient, 'ready', True)
    out = context.run(context.on.start(), state)
    assert out.unit_status == testing.ActiveStatus()


class DefersDue(OpenctiCharm):
    api_is_up = True

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.opencti_connector.on.connector_token_due, self._on_due)

    def _on_available(self, event: Any) -> None:
        if event.handle.kind == 'connector_token_due':
            return
        super()._on_available(event)

    def _on_due(self, event: Any) -> None:
        if not self.api_is_up:
            event.defer()
            return
        self.opencti_connector.publish_connection(
            event.relation, url=self.url, token=self.token, expire=self.expire
        )


def test_a_deferred_due_token_is_replaced(monkeypatch: pytest.MonkeyPatch):
    factory = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', factory)
    monkeypatch.setattr(OpenctiCharm, 'expire', MONTH)
    context = opencti_context(DefersDue)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    state = published(state, context)
    state = context.run(context.on.config_changed(), state)  # Confirmed now.
    secret = dataclasses.replace(only_secret(state), expire=PAST)
    state = dataclasses.replace(state, secrets={secret})
    monkeypatch.setattr(DefersDue, 'api_is_up', False)
    state = context.run(context.on.secret_expired(secret, revision=1), state)
    assert state.deferred
    monkeypatch.setattr(DefersDue, 'api_is_up', True)
    out = context.run(context.on.config_changed(), state)
    assert not out.deferred
    assert len(factory.made) == 2


class StatusFirst(WithStatus):
    """Asks for its status as it is collected, and withdraws or publishes after that."""

    call: Any = None

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(framework.on.pre_commit, self._on_pre_commit)

    def _on_pre_commit(self, _: ops.EventBase) -> None:
        if type(self).call is not None:
            for relation in self.model.relations['opencti-connector']:
                type(self).call(self.opencti_connector, relation)


def test_a_withdrawal_after_the_status(monkeypatch: pytest.MonkeyPatch):
    context = opencti_context(StatusFirst)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    for _ in range(2):
        state = context.run(context.on.update_status(), state)
    monkeypatch.setattr(
        StatusFirst, 'call', lambda end, relation: end.withdraw_connection(relation)
    )
    state = context.run(context.on.start(), state)
    assert only_relation(state).local_app_data == {}
    monkeypatch.setattr(StatusFirst, 'call', None)
    out = context.run(context.on.start(), state)
    assert isinstance(out.unit_status, testing.WaitingStatus)


class DefersAvailable(OpenctiCharm):
    up = True

    def _on_available(self, event: Any) -> None:
        if self.up:
            super()._on_available(event)
        else:
            event.defer()


def test_a_deferred_answer_as_the_leadership_comes_back(monkeypatch: pytest.MonkeyPatch):
    """Another leader has withdrawn the connection meanwhile, and revoked its token."""
    factory = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', factory)
    context = opencti_context(DefersAvailable)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    state = context.run(context.on.config_changed(), state)
    monkeypatch.setattr(DefersAvailable, 'up', False)
    state = context.run(context.on.config_changed(), state)
    assert state.deferred
    # What the other leader did.
    withdrawn = dataclasses.replace(only_relation(state), local_app_data={})
    secret = dataclasses.replace(only_secret(state), remote_grants={})
    state = dataclasses.replace(state, relations={withdrawn}, secrets={secret})
    monkeypatch.setattr(DefersAvailable, 'up', True)
    out = context.run(context.on.leader_elected(), state)
    assert token_in(out) == 's3cr3t-made-2'


def test_a_due_token_after_a_deferred_answer(monkeypatch: pytest.MonkeyPatch):
    factory = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', factory)
    monkeypatch.setattr(OpenctiCharm, 'expire', MONTH)
    context = opencti_context(DefersAvailable)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    state = context.run(context.on.config_changed(), state)
    monkeypatch.setattr(DefersAvailable, 'up', False)
    state = context.run(context.on.config_changed(), state)
    secret = dataclasses.replace(only_secret(state), expire=PAST)
    state = dataclasses.replace(state, secrets={secret})
    monkeypatch.setattr(DefersAvailable, 'up', True)
    out = context.run(context.on.secret_expired(secret, revision=1), state)
    assert token_in(out) == 's3cr3t-made-2'


class AsksInHandler(OpenctiCharm):
    """Asks for its status in the handler of an event, before it answers."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on.secret_remove, self._on_secret_remove)

    def _on_secret_remove(self, _: ops.EventBase) -> None:
        self.opencti_connector.get_status()
        for connector in self.opencti_connector.connectors:
            self.opencti_connector.publish_connection(
                connector.relation, url=self.url, token=self.token
            )


def test_secret_remove_with_the_status_in_a_handler(monkeypatch: pytest.MonkeyPatch):
    factory = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', factory)
    context = opencti_context(AsksInHandler)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    connector_reads(context, only_secret(state))
    state = context.run(context.on.secret_expired(only_secret(state), revision=1), state)
    connector_reads(context, only_secret(state))
    out = context.run(context.on.secret_remove(only_secret(state), revision=1), state)
    assert len(factory.made) == 2
    assert token_in(out) == factory.made[-1]


def test_a_hook_about_all_relations_that_does_not_ask_for_the_status(
    monkeypatch: pytest.MonkeyPatch,
):
    context = opencti_context(Impatient)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    state = context.run(context.on.update_status(), state)
    monkeypatch.setattr(Impatient, 'ready', False)
    silent = dataclasses.replace(only_relation(state), remote_app_data={})
    state = dataclasses.replace(state, relations={silent})
    state = context.run(context.on.update_status(), state)
    monkeypatch.setattr(Impatient, 'ready', True)
    out = context.run(context.on.start(), state)
    assert isinstance(out.unit_status, testing.WaitingStatus)


@pytest.mark.parametrize('version', juju.Version)
def test_a_withdrawal_after_an_old_revision_was_removed(
    monkeypatch: pytest.MonkeyPatch, version: juju.Version
):
    """Juju does not find the secret in that hook any more, so the next one revokes."""
    context = opencti_context(StatusFirst, version=version)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    connector_reads(context, only_secret(state))
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    state = published(state, context)
    connector_reads(context, only_secret(state))
    monkeypatch.setattr(
        StatusFirst, 'call', lambda end, relation: end.withdraw_connection(relation)
    )
    state = context.run(context.on.secret_remove(only_secret(state), revision=1), state)
    assert context.removed_secret_revisions == [1]
    monkeypatch.setattr(StatusFirst, 'call', None)
    state = context.run(context.on.start(), state)
    assert only_relation(state).local_app_data == {}
    assert only_secret(state).remote_grants == {}


def test_a_deferred_text_is_published_as_the_leadership_comes_back(
    monkeypatch: pytest.MonkeyPatch,
):
    context = opencti_context(DefersAvailable)
    state = published(testing.State(leader=True, relations={related(id=7)}), context)
    monkeypatch.setattr(DefersAvailable, 'up', False)
    state = context.run(context.on.config_changed(), state)
    monkeypatch.setattr(DefersAvailable, 'up', True)
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    out = context.run(context.on.leader_elected(), state)
    assert token_in(out) == NEW_TOKEN


class WithdrawsLater(OpenctiCharm):
    """Sets its status in handlers, without `collect-unit-status`."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on.install, self._say)
        framework.observe(self.on.start, self._on_start)

    def _on_start(self, event: ops.EventBase):
        self._say(event)
        for connector in self.opencti_connector.connectors:
            self.opencti_connector.withdraw_connection(connector.relation)

    def _say(self, _: ops.EventBase):
        self.unit.status = self.opencti_connector.get_status()


def test_the_next_status_knows_of_a_withdrawal_that_came_after_the_last():
    context = opencti_context(WithdrawsLater)
    state = published(testing.State(leader=True, relations={related()}), context)
    state = context.run(context.on.update_status(), state)
    state = context.run(context.on.start(), state)
    assert not only_relation(state).local_app_data
    state = context.run(context.on.install(), state)
    assert isinstance(state.unit_status, testing.WaitingStatus)
