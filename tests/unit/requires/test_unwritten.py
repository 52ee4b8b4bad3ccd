# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What could not be written is waiting in the status, is told in the log, and is tried again."""

import dataclasses
import datetime
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import OpenctiRequires

from ..charms import Context, OpenctiCharm, opencti_context
from ..failures import raising
from ..states import only_relation
from ..values import NEW_TOKEN, TOKEN, URL, TokenFactory
from .calls import endpoint_of, in_hook, publishing
from .states import answerable, only_secret, published, replace_secret, rotated, token_in

BUSY = 'ERROR connection is shut down'
WAITING = testing.WaitingStatus(
    'relation 7 with a-connector: waiting for its connection to be published'
)
refuse = raising(ops.ModelError(BUSY))


class StatusCharm(OpenctiCharm):
    """Says in both statuses what the endpoint says, also where it observes before the endpoint."""

    def observe_first(self):
        self.framework.observe(self.on.collect_app_status, self._on_collect_status)
        self.framework.observe(self.on.collect_unit_status, self._on_collect_status)

    def _on_collect_status(self, event: ops.CollectStatusEvent):
        event.add_status(self.opencti_connector.get_status())


@pytest.fixture
def context() -> Context:
    return opencti_context(StatusCharm)


@pytest.fixture(params=['plain', 'made'])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> TokenFactory:
    """A factory of tokens, which the charm uses or not."""
    factory = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', factory if request.param == 'made' else TOKEN)
    return factory


def statuses(state: testing.State) -> set[testing.State]:
    return {state.app_status, state.unit_status}


def test_juju_does_not_store_the_secret(
    context: Context, make: TokenFactory, monkeypatch: pytest.MonkeyPatch
):
    state = answerable()
    with monkeypatch.context() as patch:
        patch.setattr(ops.Application, 'add_secret', refuse)
        for number in range(3):
            # One for each hook: older versions of ops-scenario keep the handlers of the log.
            fresh = opencti_context(StatusCharm)
            state = fresh.run(fresh.on.update_status(), state)
            assert statuses(state) == {WAITING}
            # Each token that was made in vain is told, once.
            lost = '; the token that was made for it is lost' if make.made else ''
            assert fresh.warnings() == [f'relation 7: not written, will retry: {BUSY}{lost}']
            assert len(make.made) in (0, number + 1)
    # A hook that concerns no connector says what the hook before it said.
    assert statuses(context.run(context.on.start(), state)) == {WAITING}
    state = context.run(context.on.update_status(), state)
    assert statuses(state) == {testing.ActiveStatus()}
    assert [token_in(state)] == (make.made[-1:] or [TOKEN])


def test_juju_does_not_store_a_new_revision(context: Context, monkeypatch: pytest.MonkeyPatch):
    make = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', make)
    state = published(answerable(), context)
    due = context.on.secret_expired(only_secret(state), revision=1)
    with monkeypatch.context() as patch:
        patch.setattr(ops.Secret, 'set_content', refuse)
        state = context.run(due, state)
    assert statuses(state) == {WAITING}
    assert token_in(state) == make.made[0]
    assert 'the token that was made for it is lost' in context.warnings()[-1]
    state = context.run(due, state)
    assert statuses(state) == {testing.ActiveStatus()}
    assert token_in(state) == make.made[2]


def test_juju_does_not_grant_the_secret(
    context: Context, make: TokenFactory, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(ops.Secret, 'grant', refuse)
        state = context.run(context.on.update_status(), answerable())
        assert statuses(state) == {WAITING}
        # The token is written, and nobody may take it for one to be revoked.
        assert context.warnings() == [f'relation 7: not written, will retry: {BUSY}']
        # Whether the charm answers again or not.
        patch.setattr(OpenctiCharm, '_on_available', lambda *_: None)
        for event in context.on.update_status(), context.on.leader_elected():
            state = context.run(event, state)
            assert statuses(state) == {WAITING}
    state = context.run(context.on.update_status(), state)
    assert statuses(state) == {testing.ActiveStatus()}
    assert only_secret(state).remote_grants == {7: {'a-connector'}}
    assert [token_in(state)] == (make.made or [TOKEN])


@pytest.mark.parametrize(
    'call',
    ['ops.Secret.grant', 'ops.Secret.set_info', 'scenario.mocking._MockModelBackend.relation_set'],
)
def test_a_due_token_that_was_written_is_not_told_lost(
    context: Context, monkeypatch: pytest.MonkeyPatch, call: str
):
    make = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', make)
    monkeypatch.setattr(OpenctiCharm, 'expire', datetime.timedelta(days=1))
    state = published(answerable(), context)
    monkeypatch.setattr(OpenctiCharm, 'url', 'http://moved.example')
    with monkeypatch.context() as patch:
        patch.setattr(call, refuse)
        state = context.run(context.on.secret_expired(only_secret(state), revision=1), state)
    assert context.warnings()[-1:] == [f'relation 7: not written, will retry: {BUSY}']
    state = context.run(context.on.update_status(), state)
    assert statuses(state) == {testing.ActiveStatus()}
    assert [token_in(state)] == make.made[1:]


def test_a_hook_that_grants_late_waits_no_more(
    context: Context, make: TokenFactory, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(OpenctiCharm, '_on_available', lambda *_: None)
    publish = publishing(token=OpenctiCharm.token)
    with monkeypatch.context() as patch:
        patch.setattr(ops.Secret, 'grant', refuse)
        state = in_hook(context, answerable(), publish)
    # A hook without an answer has looked at the relation meanwhile.
    state = context.run(context.on.start(), state)
    assert statuses(state) == {WAITING}
    state = in_hook(context, state, publish)
    assert only_secret(state).remote_grants == {7: {'a-connector'}}
    assert statuses(state) == {testing.ActiveStatus()}


@pytest.mark.parametrize('name', ['relation_departed', 'secret_remove'])
def test_a_hook_that_cannot_grant_waits_still(
    context: Context, monkeypatch: pytest.MonkeyPatch, name: str
):
    state = rotated(context)
    with monkeypatch.context() as patch:
        patch.setattr(ops.Secret, 'grant', refuse)
        state = context.run(context.on.update_status(), state)
    event = {
        'relation_departed': context.on.relation_departed(state.get_relation(7), remote_unit=1),
        'secret_remove': context.on.secret_remove(only_secret(state), revision=1),
    }[name]
    state = in_hook(context, state, publishing(), event)
    assert statuses(state) == {WAITING}
    state = in_hook(context, state, publishing())
    assert statuses(state) == {testing.ActiveStatus()}


def test_a_withdrawal_stands_while_what_follows_is_refused(
    context: Context, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(OpenctiCharm, '_on_available', lambda *_: None)
    state = in_hook(context, answerable(), publishing(token=TOKEN))
    with monkeypatch.context() as patch:
        patch.setattr(ops.Secret, 'revoke', refuse)
        state = in_hook(context, state, OpenctiRequires.withdraw_connection)
        patch.undo()
        patch.setattr(ops.Secret, 'grant', refuse)
        state = in_hook(context, state, publishing(token=NEW_TOKEN))
    assert only_secret(state).remote_grants
    state = context.run(context.on.start(), state)
    assert only_secret(state).remote_grants == {}
    assert statuses(state) == {WAITING}


def test_a_refused_withdrawal_of_a_deferred_event_stands_at_an_election(
    context: Context, monkeypatch: pytest.MonkeyPatch
):
    def withdraw_and_ask(endpoint: OpenctiRequires, relation: ops.Relation) -> None:
        endpoint.withdraw_connection(relation)
        endpoint.get_status()

    monkeypatch.setattr(OpenctiCharm, '_on_available', lambda *_: None)
    state = in_hook(context, answerable(), publishing(token=TOKEN))
    with monkeypatch.context() as patch:
        patch.setattr(ops.Secret, 'revoke', refuse)
        state = in_hook(context, state, withdraw_and_ask, context.on.leader_elected())
    state = context.run(context.on.start(), state)
    assert only_secret(state).remote_grants == {}


def test_a_hook_confirms_nothing_that_it_wrote_itself(context: Context, make: TokenFactory):
    token, hour = StatusCharm.token, datetime.timedelta(hours=1)
    state = in_hook(context, answerable(), publishing(token=token, expire=hour))
    moved = {'url': 'http://moved.example', 'token': token}

    def twice(endpoint: OpenctiRequires, relation: ops.Relation) -> None:
        publishing(**moved, expire=hour)(endpoint, relation)
        endpoint.get_status()
        publishing(**moved, expire=2 * hour)(endpoint, relation)

    context.is_killed = True
    with pytest.raises(juju.HookFailed):
        in_hook(context, state, twice)
    context.is_killed = False
    # Juju wrote nothing, but the unit's stored state is on its disk.
    state = dataclasses.replace(state, stored_states=context.unflushed.stored_states)
    state = in_hook(context, state, publishing(**moved))
    assert only_relation(state).local_app_data['opencti_url'] == moved['url']


def test_the_leadership_went_meanwhile(make: TokenFactory, monkeypatch: pytest.MonkeyPatch):
    class LosesLeadership(StatusCharm):
        def _on_available(self, event: Any):
            super()._on_available(event)
            monkeypatch.setattr(ops.Unit, 'is_leader', lambda _: False)

    context = opencti_context(LosesLeadership)
    state = context.run(context.on.config_changed(), answerable())
    assert not state.secrets
    (warning,) = context.warnings()
    assert warning.startswith('relation 7: not written, will retry: this unit no longer leads')
    assert ('token that was made' in warning) == bool(make.made)


def test_another_leader_answers_after_a_withdrawal(
    context: Context, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(OpenctiCharm, '_on_available', lambda *_: None)
    answered = in_hook(context, answerable(), publishing())
    state = in_hook(context, answered, OpenctiRequires.withdraw_connection)
    state = context.run(context.on.start(), dataclasses.replace(state, leader=False))
    again = {'leader': True, 'relations': answered.relations, 'secrets': answered.secrets}
    state = context.run(context.on.leader_elected(), dataclasses.replace(state, **again))
    assert statuses(state) == {testing.ActiveStatus()}


@pytest.mark.parametrize('version', juju.Version)
def test_a_relation_that_may_be_about_to_end(make: TokenFactory, version: juju.Version):
    """Juju 3.6 would refuse a grant in a dying relation when the hook ends."""
    context = opencti_context(StatusCharm, version=version)
    context.relations[7] = juju.Relation('a-connector', juju.Life.DYING)
    state = answerable()
    taken: list[bool] = []

    def publish(endpoint: OpenctiRequires, relation: ops.Relation) -> None:
        taken.append(publishing(token=StatusCharm.token)(endpoint, relation))

    event = context.on.relation_departed(state.get_relation(7), remote_unit=1)
    state = in_hook(context, state, publish, event)
    assert taken == [False]
    assert make.made == []
    assert not state.secrets
    assert statuses(state) == {WAITING}
    # If the relation stays, the next hook publishes.
    del context.relations[7]
    state = context.run(context.on.update_status(), state)
    assert statuses(state) == {testing.ActiveStatus()}
    assert only_secret(state).remote_grants == {7: {'a-connector'}}


def test_a_grant_that_was_left_to_the_next_hook(context: Context, make: TokenFactory):
    state = replace_secret(published(answerable(), context), remote_grants={})
    event = context.on.relation_departed(state.get_relation(7), remote_unit=1)
    state = in_hook(context, state, publishing(token=StatusCharm.token), event)
    assert only_secret(state).remote_grants == {}
    state = context.run(context.on.config_changed(), state)
    assert only_secret(state).remote_grants == {7: {'a-connector'}}


def test_a_call_that_counts_says_so(opencti: Context):
    with opencti(opencti.on.start(), answerable()) as manager:
        endpoint = endpoint_of(manager)
        (connector,) = endpoint.connectors
        assert endpoint.withdraw_connection(connector.relation) is True
        assert endpoint.publish_connection(connector.relation, url=URL, token=TOKEN) is True
        manager.run()
