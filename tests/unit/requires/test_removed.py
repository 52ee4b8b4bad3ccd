# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The end of a relation, and whose account is to be switched off."""

import copy
import dataclasses

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import ConnectorRemovedEvent
from tests.round_trips import WRITES, counted

from ..conftest import (
    NEW_TOKEN,
    TOKEN,
    URL,
    Context,
    OpenctiCharm,
    forget_remote_application,
    only_relation,
    opencti_context,
    replace_relation,
)
from ..requires_charm import only_secret, published, related

REMOVED = 'connector_removed'


class TestRemoved:
    def test_it_is_announced_and_the_secret_removed_in_that_very_hook(self):
        state = published(testing.State(leader=True, relations={related(id=7)}))
        context = opencti_context()
        # The connector's data may be gone by then.
        state = replace_relation(state, remote_app_data={})
        out = context.run(context.on.relation_broken(only_relation(state)), state)
        assert context.emitted() == [REMOVED]
        assert context.emitted_events[-1].relation_name == 'opencti-connector'
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        assert not out.secrets

    def test_the_neighbours_keep_their_secrets(self):
        one, another = related(remote_app_name='one'), related(remote_app_name='another')
        context = opencti_context()
        state = testing.State(leader=True, relations={one, another})
        state = context.run(context.on.config_changed(), state)
        context = opencti_context()
        state = context.run(context.on.relation_broken(state.get_relation(one.id)), state)
        assert context.emitted() == [REMOVED]
        assert only_secret(state).remote_grants == {another.id: {'another'}}

    def test_the_remote_application_is_unknown_by_then(self, monkeypatch: pytest.MonkeyPatch):
        state = published(testing.State(leader=True, relations={related(id=7)}))
        forget_remote_application(monkeypatch)
        context = opencti_context()
        out = context.run(context.on.relation_broken(only_relation(state)), state)
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        assert not out.secrets

    def test_the_remote_application_was_never_known_to_this_unit(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        state = published(testing.State(leader=True, relations={related(id=7)}))
        state = dataclasses.replace(state, stored_states=set())
        forget_remote_application(monkeypatch)
        context = opencti_context()
        out = context.run(context.on.relation_broken(only_relation(state)), state)
        assert not out.secrets
        assert context.emitted() == []
        warnings = [line.message for line in context.juju_log if line.level == 'WARNING']
        assert warnings == ['relation 7 is gone, its application is unknown']

    def test_one_that_is_unknown_does_not_hide_another(self, monkeypatch: pytest.MonkeyPatch):
        # Both ended while another unit led; of the older one this unit never knew the application.
        older, newer = related(id=6), related(id=7)
        state = testing.State(leader=False, relations={older})
        with monkeypatch.context() as patch:
            forget_remote_application(patch)
            context = opencti_context()
            state = context.run(context.on.relation_created(older), state)
        state = dataclasses.replace(state, relations={newer})
        context = opencti_context()
        state = context.run(context.on.relation_created(newer), state)
        state = dataclasses.replace(state, leader=True, relations=set())
        context = opencti_context()
        context.run(context.on.leader_elected(), state)
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]

    def test_without_any_memory_the_application_is_enough(self):
        context = opencti_context()
        broken = related(id=7)
        context.run(
            context.on.relation_broken(broken), testing.State(leader=True, relations={broken})
        )
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]

    def test_a_later_leader_makes_up_for_it(self):
        # The relation broke when this unit did not lead, and the one that did missed the hook.
        state = published(testing.State(leader=True, relations={related(id=7)}))
        state = dataclasses.replace(state, leader=False)
        context = opencti_context()
        state = context.run(context.on.relation_broken(only_relation(state)), state)
        assert context.emitted() == []
        assert len(state.secrets) == 1

        state = dataclasses.replace(state, leader=True, relations=set())
        context = opencti_context()
        state = context.run(context.on.leader_elected(), state)
        assert context.emitted() == [REMOVED]
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        assert not state.secrets

        context = opencti_context()
        context.run(context.on.update_status(), state)
        assert context.emitted() == []

    def test_a_broken_relation_cannot_be_published_to(self):
        state = published(testing.State(leader=True, relations={related()}))
        context = opencti_context()
        with context(context.on.relation_broken(only_relation(state)), state) as manager:
            charm = manager.charm
            broken = charm.model.get_relation('opencti-connector', only_relation(state).id)
            assert broken is not None
            with counted() as calls:
                charm.opencti_connector.publish_connection(broken, url=URL, token=NEW_TOKEN)
                charm.opencti_connector.withdraw_connection(broken)
                assert charm.opencti_connector.connectors == []
            assert not any(calls[write] for write in WRITES)
            out = manager.run()
        assert not out.secrets

    def test_nothing_is_published_to_an_application_that_is_not_known(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        forget_remote_application(monkeypatch)
        state = testing.State(leader=True, relations={related()})
        with opencti(opencti.on.start(), state) as manager:
            (related_to,) = manager.charm.model.relations['opencti-connector']
            manager.charm.opencti_connector.publish_connection(related_to, url=URL, token=TOKEN)
            out = manager.run()
        assert not out.secrets
        assert only_relation(out).local_app_data == {}

    def test_a_relation_that_comes_back_keeps_its_new_secret(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        # As with a cross-model one that was suspended, while Juju could not answer.
        def busy(*args: object, **kwargs: object):
            raise ops.ModelError('ERROR connection is shut down')

        state = published(testing.State(leader=True, relations={related(id=7)}), opencti)
        with monkeypatch.context() as patch:
            patch.setattr(ops.Secret, 'get_info', busy)
            state = opencti.run(opencti.on.relation_broken(only_relation(state)), state)
        for event in ('created', 'changed'):
            make = getattr(opencti.on, f'relation_{event}')
            state = opencti.run(make(only_relation(state)), state)
        state = opencti.run(opencti.on.update_status(), state)
        assert only_secret(state).remote_grants == {7: {'a-connector'}}

    @pytest.mark.parametrize('version', juju.Version)
    def test_the_removal_is_asked_for_until_the_secret_is_gone(self, version: juju.Version):
        context = opencti_context(version=version)
        state = published(testing.State(leader=True, relations={related(id=7)}), context)
        secret = copy.deepcopy(context.ledger.find(only_secret(state).id))
        state = dataclasses.replace(state, relations=set())
        state = context.run(context.on.leader_elected(), state)
        assert not state.secrets
        # That hook failed at its end: Juju has nothing of it, but the unit's stored state does.
        context.ledger.secrets[secret.id] = secret
        state = dataclasses.replace(
            state, secrets=juju.state_view.show(context.ledger, 'opencti/0')
        )
        with counted() as calls:
            state = context.run(context.on.leader_elected(), state)
            assert not state.secrets
            state = context.run(context.on.update_status(), state)
            state = context.run(context.on.update_status(), state)
        assert (calls['secret_remove'], calls['secret_info_get']) == (1, 2)

    def test_a_hook_that_is_retried_asks_again(self):
        context = opencti_context(removes_later=True)
        state = published(testing.State(leader=True, relations={related(id=7)}), context)
        with counted() as calls:
            for _ in range(2):
                broken = context.on.relation_broken(only_relation(state))
                state = context.run(broken, state)
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
    state = testing.State(relations={related(id=7), related(id=9)})
    state = context.run(context.on.update_status(), state)
    state = dataclasses.replace(state, relations=set(), leader=True)
    context.run(context.on.leader_elected(), state)
    assert [relation_id for relation_id, _ in OpenctiCharm.removed] == [7, 9]
