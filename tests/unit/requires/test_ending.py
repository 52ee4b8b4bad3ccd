# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A relation that is gone in another model, or about to end."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju

from ..conftest import (
    TOKEN,
    URL,
    Context,
    OpenctiCharm,
    TokenFactory,
    opencti_context,
)
from ..requires_charm import endpoint_of, only_secret, published, related, token_in

TWO = testing.State(leader=True, relations={related(id=7), related(id=9)})


class TestRelationThatIsGoneInAnotherModel:
    """It is still listed, but cannot be read."""

    def test_the_others_go_on(self, opencti: Context):
        opencti.unreadable_relations[7] = 'permission denied'
        out = opencti.run(opencti.on.config_changed(), TWO)
        # The first was never read: this unit may have forgotten it with its pod.
        assert opencti.emitted() == ['connector_available', 'connector_removed']
        assert out.get_relation(7).local_app_data == {}
        assert out.get_relation(9).local_app_data.keys() == {'opencti_url', 'opencti_token'}

    def test_nothing_is_written_there(self, opencti: Context):
        opencti.unreadable_relations[7] = 'permission denied'
        opencti.relations[7] = juju.Relation('a-connector', juju.Life.GONE)
        make = TokenFactory()
        state = testing.State(leader=True, relations={related(id=7)})
        with opencti(opencti.on.start(), state) as manager:
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
        state = published(testing.State(leader=True, relations={related(id=7)}), opencti)
        opencti.unreadable_relations[7] = 'permission denied'
        for _ in range(2):
            state = opencti.run(opencti.on.update_status(), state)
            assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        assert not state.secrets
        state = dataclasses.replace(state, relations=set())
        state = opencti.run(opencti.on.update_status(), state)
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        assert not state.secrets

    def test_any_other_error_is_raised(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        def busy(*args: object, **kwargs: object):
            raise ops.ModelError('ERROR connection is shut down')

        monkeypatch.setattr('scenario.mocking._MockModelBackend.relation_get', busy)
        with pytest.raises(testing.errors.UncaughtCharmError, match='shut down'):
            opencti.run(opencti.on.config_changed(), TWO)


class DepartingCharm(OpenctiCharm):
    """Answers also as units of a connector depart."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        departed = self.on['opencti-connector'].relation_departed
        framework.observe(departed, self._on_departed)

    def _on_departed(self, event: ops.RelationDepartedEvent):
        self.opencti_connector.publish_connection(event.relation, url=self.url, token=self.token)


class TestDyingRelation:
    """When the hook ends, Juju 3.6 refuses a grant there, which fails the hook."""

    def departed(self, state: testing.State) -> testing.State:
        context = opencti_context(DepartingCharm, version=juju.Version.V3_6)
        context.relations[7] = juju.Relation('a-connector', juju.Life.DYING)
        event = context.on.relation_departed(state.get_relation(7), remote_unit=0)
        return context.run(event, state)

    @pytest.mark.parametrize('token', [TOKEN, TokenFactory()])
    def test_a_first_token_waits(self, monkeypatch: pytest.MonkeyPatch, token: Any):
        monkeypatch.setattr(OpenctiCharm, 'token', token)
        state = testing.State(leader=True, relations={related(id=7)})
        out = self.departed(state)
        assert not out.secrets
        assert out.relations == state.relations
        assert getattr(token, 'made', []) == []

    @pytest.mark.parametrize('token', [TOKEN, TokenFactory()])
    def test_a_published_one_is_kept_up_to_date(self, monkeypatch: pytest.MonkeyPatch, token: Any):
        state = published(testing.State(leader=True, relations={related(id=7)}))
        revoked = dataclasses.replace(only_secret(state), remote_grants={})
        state = dataclasses.replace(state, secrets={revoked})
        monkeypatch.setattr(OpenctiCharm, 'token', token)
        monkeypatch.setattr(OpenctiCharm, 'url', 'http://elsewhere.example')
        out = self.departed(state)
        assert out.get_relation(7).local_app_data['opencti_url'] == 'http://elsewhere.example'
        assert token_in(out) == TOKEN
        assert only_secret(out).remote_grants == {}

    def test_if_the_relation_stays_the_next_hook_publishes(self, opencti: Context):
        state = self.departed(testing.State(leader=True, relations={related(id=7)}))
        state = opencti.run(opencti.on.update_status(), state)
        assert only_secret(state).remote_grants == {7: {'a-connector'}}
