# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A secret that a deployed OpenCTI charm published is taken over, not duplicated."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import OpenctiRequires
from tests.round_trips import counted

from ..charms import Context, opencti_context
from ..states import only_relation, replace_relation, token_secret
from ..values import NEW_TOKEN, TOKEN, URL
from .calls import withdrawn
from .states import answerable, only_secret, published, related, token_in

SECRET_ID = 'secret:cjqub6vubg2s77p3nio0'
LONG_ID = 'secret://59060ecc-0495-4a80-8006-5f1fc13fd783/cjqub6vubg2s77p3nio0'


def deployed(secret_id: str = SECRET_ID, *, relation_id: int = 7) -> testing.State:
    """The state that a deployed OpenCTI charm leaves: its secret has no label."""
    secret = token_secret(id=secret_id, owner='app', remote_grants={relation_id: {'a-connector'}})
    data = {'opencti_url': URL, 'opencti_token': secret_id}
    relation = related(id=relation_id, local_app_data=data)
    return testing.State(leader=True, relations={relation}, secrets={secret})


@pytest.mark.parametrize('secret_id', [SECRET_ID, LONG_ID])
def test_the_secret_and_its_id_stay(opencti: Context, secret_id: str):
    state = deployed(secret_id)
    out = published(state, opencti)
    assert out.relations == state.relations
    assert only_secret(out).id.endswith(SECRET_ID.removeprefix('secret:'))
    assert only_secret(out).label == 'opencti-connector-token-7'
    assert token_in(out) == TOKEN
    # The charm repeats its token, so there is no need to read, which would pin a revision.
    assert 'opencti/0' not in opencti.ledger.find(secret_id).consumers

    with counted() as calls:
        assert published(out).secrets == out.secrets
    assert calls['secret_info_get'] == 1


def test_a_new_token_is_a_new_revision_of_it():
    out = published(deployed(), token=NEW_TOKEN)
    assert only_secret(out).id == SECRET_ID
    assert token_in(out) == NEW_TOKEN
    assert only_secret(out).remote_grants == {7: {'a-connector'}}


@pytest.mark.parametrize('version', juju.Version)
@pytest.mark.parametrize('since', ['published', 'its id is gone', 'never answered'])
def test_it_goes_with_the_relation(version: juju.Version, since: str):
    context = opencti_context(version=version)
    state = deployed()
    if since != 'never answered':
        state = published(state, context)
    if since == 'its id is gone':
        state = replace_relation(state, local_app_data={})
    out = context.run(context.on.relation_broken(only_relation(state)), state)
    assert not out.secrets


def test_one_that_is_withdrawn_is_found_again(opencti: Context):
    state = withdrawn(opencti, deployed())
    assert only_relation(state).local_app_data == {}
    assert only_secret(state).remote_grants == {}
    state = published(state, opencti)
    assert only_secret(state).id == SECRET_ID
    assert only_secret(state).remote_grants == {7: {'a-connector'}}


class TestSharedByTwoRelations:
    """No charm is known to do this, but two relations must never share a token."""

    def state(self) -> testing.State:
        older = deployed(LONG_ID, relation_id=7)
        younger = related(
            id=9,
            remote_app_name='another-connector',
            local_app_data={**only_relation(older).local_app_data, 'opencti_token': SECRET_ID},
        )
        return dataclasses.replace(older, relations={*older.relations, younger})

    @pytest.mark.parametrize('first', [7, 9])
    def test_the_older_one_keeps_it(self, opencti: Context, first: int):
        state = self.state()
        for relation_id in (first, 16 - first):
            relation = state.get_relation(relation_id)
            state = opencti.run(opencti.on.relation_changed(relation), state)
        labels = {secret.id.rpartition('/')[2]: secret.label for secret in state.secrets}
        assert labels.pop(SECRET_ID.removeprefix('secret:')) == 'opencti-connector-token-7'
        ((other_id, label),) = labels.items()
        assert label == 'opencti-connector-token-9'
        assert state.get_relation(7).local_app_data['opencti_token'] == LONG_ID
        assert state.get_relation(9).local_app_data['opencti_token'] == other_id

    def test_one_that_ends_takes_nothing_from_the_other(self, opencti: Context):
        state = self.state()
        state = opencti.run(opencti.on.relation_broken(state.get_relation(7)), state)
        assert len(state.secrets) == 1
        left = {relation for relation in state.relations if relation.id == 9}
        state = dataclasses.replace(state, relations=left)
        state = opencti.run(opencti.on.update_status(), state)
        assert only_secret(state).label == 'opencti-connector-token-9'
        assert only_relation(state).local_app_data['opencti_token'] == SECRET_ID

    def test_the_secret_of_another_relation_is_not_taken(self, opencti: Context):
        state = published(answerable(), opencti)
        copied = related(id=3, local_app_data=only_relation(state).local_app_data)
        state = dataclasses.replace(state, relations={*state.relations, copied})
        state = opencti.run(opencti.on.relation_changed(copied), state)
        ids = {r.id: r.local_app_data['opencti_token'] for r in state.relations}
        labels = {secret.id: secret.label for secret in state.secrets}
        assert labels[ids[7]] == 'opencti-connector-token-7'
        assert labels[ids[3]] == 'opencti-connector-token-3'


class TwoEndpoints(ops.CharmBase):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.endpoints = {n: OpenctiRequires(self, relation_name=n) for n in ('one', 'two')}
        for endpoint in self.endpoints.values():
            framework.observe(endpoint.on.connector_available, self._on_available)

    def _on_available(self, event: Any):
        endpoint = self.endpoints[event.relation_name]
        endpoint.publish_connection(event.relation, url=URL, token=TOKEN)


def test_the_end_of_a_relation_takes_no_secret_of_the_other_endpoint():
    """A deployed charm published one secret without a label to both of its endpoints."""
    context = opencti_context(TwoEndpoints, 'one', 'two')
    grants = {7: {'a-connector'}, 8: {'b-connector'}}
    secret = token_secret(id=SECRET_ID, owner='app', remote_grants=grants)
    data = {'opencti_url': URL, 'opencti_token': SECRET_ID}
    relations = {
        dataclasses.replace(
            related(id=id_, local_app_data=data, remote_app_name=app), endpoint=name
        )
        for id_, name, app in ((7, 'one', 'a-connector'), (8, 'two', 'b-connector'))
    }
    state = testing.State(leader=True, relations=relations, secrets={secret})
    for _ in range(2):
        state = context.run(context.on.update_status(), state)
    state = context.run(context.on.relation_broken(state.get_relation(8)), state)
    published_id = state.get_relation(7).local_app_data['opencti_token']
    assert published_id in {secret.id for secret in state.secrets}
