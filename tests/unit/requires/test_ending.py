# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A relation that is gone in another model, or about to end."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju

from ..charms import Context, OpenctiCharm, opencti_context
from ..failures import raising
from ..states import only_relation
from ..values import TOKEN, URL, TokenFactory
from .calls import endpoint_of, in_hook, publishing
from .states import answerable, only_secret, published, replace_secret, token_in

TWO = answerable(7, 9)


class TestRelationThatIsGoneInAnotherModel:
    """It is still listed, but cannot be read."""

    def test_the_others_go_on(self, opencti: Context):
        opencti.unreadable_relations[7] = 'permission denied'
        out = opencti.run(opencti.on.config_changed(), TWO)
        assert opencti.emitted() == ['connector_available']
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
            assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        assert not state.secrets
        state = dataclasses.replace(state, relations=set())
        state = opencti.run(opencti.on.update_status(), state)
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
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
