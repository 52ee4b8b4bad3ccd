# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What OpenCTI publishes."""

import dataclasses
from typing import Any

import ops
import pydantic
import pytest
from ops import testing

from tests.round_trips import WRITES, RoundTrips, counted

from ..charms import Context, OpenctiCharm, opencti_context
from ..states import only_relation, replace_relation
from ..values import NEW_TOKEN, TOKEN, URL, TokenFactory
from .calls import endpoint_of
from .states import answerable, only_secret, published, related, replace_secret, token_in


def writes(calls: RoundTrips) -> dict[str, int]:
    return {name: calls[name] for name in WRITES if calls[name]}


def written_elsewhere(state: testing.State, **more: Any) -> testing.State:
    """The state in which another leader wrote the newest revision, and this unit an older one."""
    newest = testing.Secret(
        {'token': TOKEN},
        latest_content={'token': NEW_TOKEN},
        id=only_secret(state).id,
        owner='app',
        **more,
    )
    return dataclasses.replace(state, secrets={newest})


def test_the_connection(opencti: Context):
    out = published(answerable(), opencti)
    secret = only_secret(out)
    assert only_relation(out).local_app_data == {'opencti_url': URL, 'opencti_token': secret.id}
    assert secret.latest_content == {'token': TOKEN}
    assert secret.owner in ('app', 'application')  # As ops 3 and ops 2 call it.
    assert secret.label == 'opencti-connector-token-7'
    assert secret.remote_grants == {7: {'a-connector'}}


def test_with_nothing_changed_nothing_is_written(token: Any):
    first = published(answerable(), token=token)
    with counted() as calls:
        again = published(first, token=token)
    # Juju is asked for what is already there, so it changes nothing.
    is_plain = isinstance(token, str)
    assert writes(calls) == {'secret_grant': 1, **({'secret_set': 1} if is_plain else {})}
    assert again.relations == first.relations
    assert again.secrets == first.secrets
    reads = ('relation_get', 'secret_info_get', 'secret_get')
    assert [calls[name] for name in reads] == [2, 1, 0]


def test_a_new_token_is_a_new_revision():
    first = published(answerable())
    with counted() as calls:
        second = published(first, token=NEW_TOKEN)
    assert writes(calls) == {'secret_grant': 1, 'secret_set': 1}
    assert only_secret(second).id == only_secret(first).id
    assert token_in(second) == NEW_TOKEN
    assert second.relations == first.relations


def test_a_new_url():
    first = published(answerable())
    with counted() as calls:
        second = published(first, url='https://opencti.example/prefix')
    assert writes(calls) == {'relation_set': 1, 'secret_grant': 1, 'secret_set': 1}
    assert only_relation(second).local_app_data == {
        'opencti_url': 'https://opencti.example/prefix',
        'opencti_token': only_secret(first).id,
    }


@pytest.mark.parametrize('garbage', [TOKEN, 'secret:gone', ''])
def test_what_is_published_is_fixed(garbage: str):
    first = published(answerable())
    spoilt = replace_relation(first, local_app_data={'opencti_token': garbage})
    with counted() as calls:
        fixed = published(spoilt)
    # What cannot be an id is not asked for: it may be a token, and would show in the call.
    assert calls['secret_info_get'] == (2 if garbage == 'secret:gone' else 1)
    assert only_relation(fixed).local_app_data == only_relation(first).local_app_data
    assert only_secret(fixed).id == only_secret(first).id


@pytest.mark.parametrize('found_by', ['id', 'label'])
def test_a_token_that_comes_back_after_a_change_of_leader(found_by: str):
    state = published(answerable())
    if found_by == 'label':
        state = written_elsewhere(state, label=only_secret(state).label)
        state = replace_relation(state, local_app_data={})
    else:
        state = written_elsewhere(state)
    assert token_in(published(state)) == TOKEN


def test_a_secret_that_somebody_removed_is_made_again():
    first = published(answerable())
    second = published(dataclasses.replace(first, secrets=set()))
    assert only_secret(second).id != only_secret(first).id
    assert token_in(second) == TOKEN
    assert only_relation(second).local_app_data['opencti_token'] == only_secret(second).id
    assert only_secret(second).remote_grants == {7: {'a-connector'}}


def test_two_applications_of_one_charm_have_an_account_and_a_secret_each(opencti: Context):
    relations = {related(id=1, remote_app_name='one'), related(id=2, remote_app_name='another')}
    state = testing.State(leader=True, relations=relations)
    with opencti(opencti.on.config_changed(), state) as manager:
        out = manager.run()
        names = {connector.user_name for connector in endpoint_of(manager).connectors}
    assert len(names) == 2
    secrets = {secret.id: secret for secret in out.secrets}
    assert {s.latest_content['token'] for s in out.secrets} == {TOKEN}
    published_ids = {r.id: r.local_app_data['opencti_token'] for r in out.relations}
    assert secrets[published_ids[1]].remote_grants == {1: {'one'}}
    assert secrets[published_ids[2]].remote_grants == {2: {'another'}}


def test_a_unit_that_is_not_the_leader_does_nothing(opencti: Context, make: TokenFactory):
    relation = related(id=7, local_app_data={'opencti_url': URL})
    state = testing.State(leader=False, relations={relation})
    with opencti(opencti.on.relation_changed(relation), state) as manager:
        out = manager.run()
        endpoint = endpoint_of(manager)
        (connector,) = endpoint.connectors
        assert endpoint.publish_connection(connector.relation, url=URL, token=make) is False
        assert endpoint.publish_connection(connector.relation, url=URL, token=TOKEN) is False
        assert endpoint.withdraw_connection(connector.relation) is False
    assert make.made == opencti.emitted() == []
    assert out.relations == state.relations
    assert not out.secrets


def test_a_masked_token_is_accepted():
    assert token_in(published(answerable(), token=pydantic.SecretStr(TOKEN))) == TOKEN


class TestBeforeJuju36:
    @pytest.fixture
    def context(self) -> testing.Context:
        endpoint = {'interface': 'opencti_connector'}
        meta = {'name': 'opencti', 'requires': {'opencti-connector': endpoint}}
        return testing.Context(OpenctiCharm, meta, juju_version='3.5.7')

    @pytest.mark.parametrize(('token', 'sets'), [(TOKEN, 0), (NEW_TOKEN, 1)])
    def test_equal_content_would_be_a_revision(
        self, context: testing.Context, monkeypatch: pytest.MonkeyPatch, token: str, sets: int
    ):
        state = published(answerable())
        monkeypatch.setattr(OpenctiCharm, 'token', token)
        with counted() as calls:
            out = context.run(context.on.update_status(), state)
        assert (calls['secret_get'], calls['secret_set']) == (1, sets)
        assert token_in(out) == token

    def test_the_newest_revision_is_compared(self, context: testing.Context):
        state = published(answerable())
        state = replace_secret(state, latest_content={'token': NEW_TOKEN})
        assert token_in(context.run(context.on.update_status(), state)) == TOKEN


def test_it_is_written_in_an_action_too():
    class ActingCharm(OpenctiCharm):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on['rotate'].action, self._on_rotate)

        def _on_rotate(self, event: ops.ActionEvent):
            self.opencti_connector.emit_current()

    context = opencti_context(ActingCharm, actions={'rotate': {}})
    assert token_in(context.run(context.on.action('rotate'), answerable())) == TOKEN
