# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What OpenCTI publishes."""

import dataclasses

import ops
import pydantic
import pytest
from ops import testing

from tests.round_trips import WRITES, RoundTrips, counted

from ..conftest import (
    NEW_TOKEN,
    TOKEN,
    URL,
    Context,
    OpenctiCharm,
    only_relation,
    opencti_context,
    replace_relation,
)
from ..requires_charm import only_secret, published, related


def writes(calls: RoundTrips) -> dict[str, int]:
    return {name: calls[name] for name in WRITES if calls[name]}


def before_juju_3_6() -> testing.Context:
    endpoint = {'interface': 'opencti_connector'}
    meta = {'name': 'opencti', 'requires': {'opencti-connector': endpoint}}
    return testing.Context(OpenctiCharm, meta, juju_version='3.5.7')


class TestPublish:
    def test_the_connection(self, opencti: Context):
        changed = related()
        out = opencti.run(
            opencti.on.relation_changed(changed), testing.State(leader=True, relations={changed})
        )
        secret = only_secret(out)
        assert only_relation(out).local_app_data == {
            'opencti_url': URL,
            'opencti_token': secret.id,
        }
        assert secret.latest_content == {'token': TOKEN}
        assert secret.owner in ('app', 'application')  # As ops 3 and ops 2 call it.
        assert secret.label == f'opencti-connector-token-{changed.id}'
        assert secret.remote_grants == {changed.id: {'a-connector'}}

    def test_with_nothing_changed_nothing_is_written(self):
        first = published(testing.State(leader=True, relations={related()}))
        with counted() as calls:
            again = published(first)
        # Juju is asked for what is already there, so it changes nothing.
        assert writes(calls) == {'secret_grant': 1, 'secret_set': 1}
        assert again.relations == first.relations
        assert again.secrets == first.secrets
        reads = ('relation_get', 'secret_info_get', 'secret_get')
        assert [calls[name] for name in reads] == [2, 1, 0]

    def test_a_new_token_is_a_new_revision(self, monkeypatch: pytest.MonkeyPatch):
        first = published(testing.State(leader=True, relations={related()}))
        monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
        with counted() as calls:
            second = published(first)
        assert writes(calls) == {'secret_grant': 1, 'secret_set': 1}
        assert only_secret(second).id == only_secret(first).id
        assert only_secret(second).latest_content == {'token': NEW_TOKEN}
        assert second.relations == first.relations

    def test_a_token_that_comes_back_after_a_change_of_leader(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        # This unit still tracks the revision that it wrote as the leader before.
        first = published(testing.State(leader=True, relations={related()}))
        elsewhere = testing.Secret(
            {'token': TOKEN},
            latest_content={'token': NEW_TOKEN},
            id=only_secret(first).id,
            owner='app',
        )
        out = published(dataclasses.replace(first, secrets={elsewhere}))
        assert only_secret(out).latest_content == {'token': TOKEN}

    def test_a_new_url(self, monkeypatch: pytest.MonkeyPatch):
        first = published(testing.State(leader=True, relations={related()}))
        monkeypatch.setattr(OpenctiCharm, 'url', 'https://opencti.example/prefix')
        with counted() as calls:
            second = published(first)
        assert writes(calls) == {'relation_set': 1, 'secret_grant': 1, 'secret_set': 1}
        assert only_relation(second).local_app_data == {
            'opencti_url': 'https://opencti.example/prefix',
            'opencti_token': only_secret(first).id,
        }

    @pytest.mark.parametrize('garbage', [TOKEN, 'secret:gone', ''])
    def test_what_is_published_is_fixed(self, garbage: str):
        first = published(testing.State(leader=True, relations={related()}))
        spoilt = replace_relation(first, local_app_data={'opencti_token': garbage})
        with counted() as calls:
            fixed = published(spoilt)
        # What cannot be an id is not asked for: it may be a token, and would show in the call.
        assert calls['secret_info_get'] == (2 if garbage == 'secret:gone' else 1)
        assert only_relation(fixed).local_app_data == only_relation(first).local_app_data
        assert only_secret(fixed).id == only_secret(first).id

    def test_a_secret_that_is_found_by_its_label_is_read_again(self):
        # Another leader wrote the newest revision, and then somebody removed the id.
        first = published(testing.State(leader=True, relations={related()}))
        elsewhere = testing.Secret(
            {'token': TOKEN},
            latest_content={'token': NEW_TOKEN},
            id=only_secret(first).id,
            label=only_secret(first).label,
            owner='app',
        )
        spoilt = replace_relation(first, local_app_data={})
        out = published(dataclasses.replace(spoilt, secrets={elsewhere}))
        assert only_secret(out).latest_content == {'token': TOKEN}

    def test_a_secret_that_somebody_removed_is_made_again(self):
        first = published(testing.State(leader=True, relations={related()}))
        context = opencti_context()
        second = context.run(
            context.on.relation_changed(only_relation(first)),
            dataclasses.replace(first, secrets=set()),
        )
        assert only_secret(second).id != only_secret(first).id
        assert only_secret(second).latest_content == {'token': TOKEN}
        assert only_relation(second).local_app_data['opencti_token'] == only_secret(second).id
        assert only_secret(second).remote_grants == {only_relation(first).id: {'a-connector'}}

    def test_two_applications_of_one_charm_have_an_account_and_a_secret_each(
        self, opencti: Context
    ):
        one, another = related(remote_app_name='one'), related(remote_app_name='another')
        state = testing.State(leader=True, relations={one, another})
        with opencti(opencti.on.config_changed(), state) as manager:
            out = manager.run()
            names = [
                connector.user_name for connector in manager.charm.opencti_connector.connectors
            ]
        assert len(set(names)) == 2
        assert {s.latest_content['token'] for s in out.secrets} == {TOKEN}
        granted = sorted((dict(s.remote_grants) for s in out.secrets), key=lambda g: min(g))
        assert granted == [{one.id: {'one'}}, {another.id: {'another'}}]
        ids = {relation.local_app_data['opencti_token'] for relation in out.relations}
        assert ids == {secret.id for secret in out.secrets}

    def test_a_unit_that_is_not_the_leader_does_nothing(self, opencti: Context):
        state = testing.State(leader=False, relations={related()})
        with opencti(opencti.on.relation_changed(only_relation(state)), state) as manager:
            out = manager.run()
            for related_to in manager.charm.model.relations['opencti-connector']:
                manager.charm.opencti_connector.publish_connection(
                    related_to, url=URL, token=TOKEN
                )
                manager.charm.opencti_connector.withdraw_connection(related_to)
        assert opencti.emitted() == []
        assert out.relations == state.relations
        assert not out.secrets

    def test_a_masked_token_is_accepted(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(OpenctiCharm, 'token', pydantic.SecretStr(TOKEN))
        out = published(testing.State(leader=True, relations={related()}))
        assert only_secret(out).latest_content == {'token': TOKEN}

    @pytest.mark.parametrize(('token', 'sets'), [(TOKEN, 0), (NEW_TOKEN, 1)])
    def test_before_juju_3_6_equal_content_would_be_a_revision(
        self, monkeypatch: pytest.MonkeyPatch, token: str, sets: int
    ):
        state = published(testing.State(leader=True, relations={related()}))
        monkeypatch.setattr(OpenctiCharm, 'token', token)
        context = before_juju_3_6()
        with counted() as calls:
            out = context.run(context.on.update_status(), state)
        assert (calls['secret_get'], calls['secret_set']) == (1, sets)
        assert only_secret(out).latest_content == {'token': token}

    def test_before_juju_3_6_the_newest_revision_is_compared(self):
        # Another leader wrote it; this unit read an older one, which holds the right token.
        state = published(testing.State(leader=True, relations={related()}))
        elsewhere = dataclasses.replace(only_secret(state), latest_content={'token': NEW_TOKEN})
        state = dataclasses.replace(state, secrets={elsewhere})
        context = before_juju_3_6()
        out = context.run(context.on.update_status(), state)
        assert only_secret(out).latest_content == {'token': TOKEN}

    def test_it_is_written_in_an_action_too(self):
        class ActingCharm(OpenctiCharm):
            def __init__(self, framework: ops.Framework):
                super().__init__(framework)
                framework.observe(self.on['rotate'].action, self._on_rotate)

            def _on_rotate(self, event: ops.ActionEvent):
                self.opencti_connector.emit_current()

        endpoint = {'interface': 'opencti_connector'}
        meta = {'name': 'opencti', 'requires': {'opencti-connector': endpoint}}
        context = Context(ActingCharm, meta, actions={'rotate': {}})
        state = testing.State(leader=True, relations={related()})
        out = context.run(context.on.action('rotate'), state)
        assert only_secret(out).latest_content == {'token': TOKEN}
