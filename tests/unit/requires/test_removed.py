# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The end of a relation, and whose account is to be switched off."""

import copy
import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import ConnectorRemovedEvent
from tests.round_trips import WRITES, counted

from ..charms import Context, OpenctiCharm, opencti_context
from ..failures import forget_remote_application, raising
from ..states import only_relation, replace_relation
from ..values import NEW_TOKEN, TOKEN, URL, TokenFactory
from .calls import endpoint_of, in_hook, publishing
from .states import answerable, only_secret, published, related, replace_secret, token_in

REMOVED = 'connector_removed'
ACCOUNT = 'charm-connector-a-connector-7'


def broken(state: testing.State) -> tuple[Context, testing.State]:
    """The state after the only relation broke, and the context in which it did."""
    context = opencti_context()
    return context, context.run(context.on.relation_broken(only_relation(state)), state)


def test_it_is_announced_and_the_secret_removed_in_that_very_hook():
    # The connector's data may be gone by then.
    context, out = broken(replace_relation(published(answerable()), remote_app_data={}))
    assert context.emitted() == [REMOVED]
    assert context.emitted_events[-1].relation_name == 'opencti-connector'
    assert OpenctiCharm.removed == [(7, ACCOUNT)]
    assert not out.secrets


def test_the_neighbours_keep_their_secrets(opencti: Context):
    state = opencti.run(opencti.on.config_changed(), answerable(1, 2))
    context = opencti_context()
    state = context.run(context.on.relation_broken(state.get_relation(1)), state)
    assert context.emitted() == [REMOVED]
    assert only_secret(state).remote_grants == {2: {'a-connector'}}


class TestTheRemoteApplicationIsUnknown:
    @pytest.mark.parametrize('was_known', [True, False])
    def test_by_then(self, monkeypatch: pytest.MonkeyPatch, was_known: bool):
        state = published(answerable())
        if not was_known:
            state = dataclasses.replace(state, stored_states=set())
        forget_remote_application(monkeypatch)
        context, out = broken(state)
        assert OpenctiCharm.removed == ([(7, ACCOUNT)] if was_known else [])
        assert not out.secrets
        warning = 'relation 7 is gone, its application is unknown'
        assert context.warnings() == ([] if was_known else [warning])

    def test_one_that_is_unknown_does_not_hide_another(self, monkeypatch: pytest.MonkeyPatch):
        # Both ended while another unit led; of the older one this unit never knew the application.
        older, newer = related(id=6), related(id=7)
        state = testing.State(leader=False, relations={older})
        with monkeypatch.context() as patch:
            forget_remote_application(patch)
            context = opencti_context()
            state = context.run(context.on.relation_created(older), state)
        context = opencti_context()
        state = dataclasses.replace(state, relations={newer})
        state = context.run(context.on.relation_created(newer), state)
        state = dataclasses.replace(state, leader=True, relations=set())
        context = opencti_context()
        context.run(context.on.leader_elected(), state)
        assert OpenctiCharm.removed == [(7, ACCOUNT)]

    def test_nothing_is_published(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        forget_remote_application(monkeypatch)
        with opencti(opencti.on.start(), answerable()) as manager:
            (related_to,) = manager.charm.model.relations['opencti-connector']
            publishing()(endpoint_of(manager), related_to)
            out = manager.run()
        assert not out.secrets
        assert only_relation(out).local_app_data == {}


def test_without_any_memory_the_application_is_enough():
    broken(answerable())
    assert OpenctiCharm.removed == [(7, ACCOUNT)]


def test_a_later_leader_makes_up_for_it():
    # The relation broke when this unit did not lead, and the one that did missed the hook.
    context, state = broken(dataclasses.replace(published(answerable()), leader=False))
    assert context.emitted() == []
    assert len(state.secrets) == 1

    state = dataclasses.replace(state, leader=True, relations=set())
    context = opencti_context()
    state = context.run(context.on.leader_elected(), state)
    assert context.emitted() == [REMOVED]
    assert OpenctiCharm.removed == [(7, ACCOUNT)]
    assert not state.secrets

    context = opencti_context()
    context.run(context.on.update_status(), state)
    assert context.emitted() == []


def test_a_broken_relation_cannot_be_published_to(opencti: Context):
    state = published(answerable())
    with opencti(opencti.on.relation_broken(only_relation(state)), state) as manager:
        endpoint = endpoint_of(manager)
        relation = manager.charm.model.get_relation('opencti-connector', 7)
        assert relation is not None
        with counted() as calls:
            publishing(token=NEW_TOKEN)(endpoint, relation)
            endpoint.withdraw_connection(relation)
            assert endpoint.connectors == []
        assert not any(calls[write] for write in WRITES)
        out = manager.run()
    assert not out.secrets


@pytest.mark.parametrize('version', juju.Version)
def test_the_removal_is_asked_for_until_the_secret_is_gone(version: juju.Version):
    context = opencti_context(version=version)
    state = published(answerable(), context)
    secret = copy.deepcopy(context.ledger.find(only_secret(state).id))
    state = dataclasses.replace(state, relations=set())
    state = context.run(context.on.leader_elected(), state)
    assert not state.secrets
    # That hook failed at its end: Juju has nothing of it, but the unit's stored state does.
    context.ledger.secrets[secret.id] = secret
    shown = juju.state_view.show(context.ledger, 'opencti/0')
    state = dataclasses.replace(state, secrets=shown)
    with counted() as calls:
        state = context.run(context.on.leader_elected(), state)
        assert not state.secrets
        for _ in range(2):
            state = context.run(context.on.update_status(), state)
    assert (calls['secret_remove'], calls['secret_info_get']) == (1, 2)


def test_a_hook_that_is_retried_asks_again():
    context = opencti_context(removes_later=True)
    state = published(answerable(), context)
    with counted() as calls:
        for _ in range(2):
            state = context.run(context.on.relation_broken(only_relation(state)), state)
    assert calls['secret_remove'] == 2
    context.ledger.run_removals()
    state = dataclasses.replace(state, relations=set(), secrets=set())
    with counted() as calls:
        for _ in range(2):
            state = context.run(context.on.update_status(), state)
    assert (calls['secret_remove'], calls['secret_info_get']) == (0, 1)


def test_a_handler_may_announce_the_others():
    class Announces(OpenctiCharm):
        def _on_removed(self, event: ConnectorRemovedEvent):
            super()._on_removed(event)
            self.opencti_connector.emit_current()

    context = opencti_context(Announces)
    state = dataclasses.replace(answerable(7, 9), leader=False)
    state = context.run(context.on.update_status(), state)
    state = dataclasses.replace(state, relations=set(), leader=True)
    context.run(context.on.leader_elected(), state)
    assert [relation_id for relation_id, _ in OpenctiCharm.removed] == [7, 9]


TWO = answerable(7, 9)


class TestRelationThatIsGoneInAnotherModel:
    """It is still listed, but cannot be read."""

    def test_the_others_go_on(self, opencti: Context):
        opencti.unreadable_relations[7] = 'permission denied'
        out = opencti.run(opencti.on.config_changed(), TWO)
        # The first was never read: this unit may have forgotten it with its pod.
        assert opencti.emitted() == ['connector_available', 'connector_removed']
        assert out.get_relation(7).local_app_data == {}
        assert out.get_relation(9).local_app_data.keys() == {'opencti_url', 'opencti_token'}

    def test_nothing_is_written_there(self, opencti: Context, make: TokenFactory):
        opencti.unreadable_relations[7] = 'permission denied'
        opencti.relations[7] = juju.Relation('a-connector', juju.Life.GONE)
        with opencti(opencti.on.start(), answerable()) as manager:
            endpoint = endpoint_of(manager)
            relation = manager.charm.model.get_relation('opencti-connector', 7)
            assert endpoint.connectors == []
            assert endpoint.publish_connection(relation, url=URL, token=make) is False
            assert endpoint.withdraw_connection(relation) is False
            assert endpoint.get_status() == ops.ActiveStatus()
            out = manager.run()
        assert make.made == []
        assert not out.secrets

    def test_its_end_is_announced_once_although_juju_lists_it(self, opencti: Context):
        state = published(answerable(), opencti)
        opencti.unreadable_relations[7] = 'permission denied'
        for _ in range(2):
            state = opencti.run(opencti.on.update_status(), state)
            assert OpenctiCharm.removed == [(7, ACCOUNT)]
        assert not state.secrets
        state = dataclasses.replace(state, relations=set())
        state = opencti.run(opencti.on.update_status(), state)
        assert OpenctiCharm.removed == [(7, ACCOUNT)]
        assert not state.secrets

    def test_any_other_error_is_raised(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        busy = raising(ops.ModelError('ERROR connection is shut down'))
        monkeypatch.setattr('scenario.mocking._MockModelBackend.relation_get', busy)
        with pytest.raises(testing.errors.UncaughtCharmError, match='shut down'):
            opencti.run(opencti.on.config_changed(), TWO)


def test_in_a_dying_relation_no_grant_is_restored(token: Any):
    """When the hook ends, Juju 3.6 refuses a grant there, which fails the hook."""
    context = opencti_context(version=juju.Version.V3_6)
    context.relations[7] = juju.Relation('a-connector', juju.Life.DYING)
    state = replace_secret(published(answerable()), remote_grants={})
    moved = publishing(url='http://elsewhere.example', token=token)
    event = context.on.relation_departed(only_relation(state), remote_unit=0)
    out = in_hook(context, state, moved, event)
    assert only_relation(out).local_app_data['opencti_url'] == 'http://elsewhere.example'
    assert token_in(out) == TOKEN
    assert only_secret(out).remote_grants == {}
