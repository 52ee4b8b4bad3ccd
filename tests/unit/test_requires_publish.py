# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What OpenCTI publishes, rotates, adopts and takes back."""

import dataclasses

import pydantic
import pytest
from ops import testing

from tests.round_trips import WRITES, counted

from .conftest import (
    MARK,
    NEW_TOKEN,
    TOKEN,
    URL,
    Context,
    OpenctiCharm,
    only_relation,
    opencti_context,
    replace_relation,
    token_secret,
)
from .requires_charm import only_secret, published, related


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
        assert not any(calls[write] for write in WRITES)
        assert again.relations == first.relations
        assert again.secrets == first.secrets
        assert (calls['relation_get'], calls['secret_get']) == (2, 1)

    def test_a_new_token_is_a_new_revision(self, monkeypatch: pytest.MonkeyPatch):
        first = published(testing.State(leader=True, relations={related()}))
        monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
        with counted() as calls:
            second = published(first)
        assert {call: calls[call] for call in WRITES if calls[call]} == {'secret_set': 1}
        assert only_secret(second).id == only_secret(first).id
        assert only_secret(second).latest_content == {'token': NEW_TOKEN}
        assert second.relations == first.relations

    @pytest.mark.parametrize(
        ('label', 'removed'),
        [
            ('opencti-connector-token-7', [42]),
            ('of-the-charm', []),
            ('opencti-connector-token-of-mine', []),
            ('another-endpoint-token-7', []),
            (None, []),
        ],
    )
    def test_an_old_revision_is_removed_when_nobody_uses_it(
        self, opencti: Context, label: str | None, removed: list[int]
    ):
        secret = token_secret(label=label, owner='app')
        opencti.run(
            opencti.on.secret_remove(secret, revision=42),
            testing.State(leader=True, relations={related(id=7)}, secrets={secret}),
        )
        assert opencti.removed_secret_revisions == removed

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
        assert {call: calls[call] for call in WRITES if calls[call]} == {'relation_set': 1}
        assert only_relation(second).local_app_data == {
            'opencti_url': 'https://opencti.example/prefix',
            'opencti_token': only_secret(first).id,
        }

    @pytest.mark.parametrize(
        'secret_id',
        [
            'secret:cjqub6vubg2s77p3nio0',
            'secret://59060ecc-0495-4a80-8006-5f1fc13fd783/cjqub6vubg2s77p3nio0',
        ],
    )
    def test_a_secret_that_is_published_already_is_adopted(self, secret_id: str):
        deployed = token_secret(TOKEN, id=secret_id, owner='app')
        data = {'opencti_url': URL, 'opencti_token': deployed.id}
        state = testing.State(
            leader=True, relations={related(local_app_data=data)}, secrets={deployed}
        )
        with counted() as calls:
            out = published(state)
        assert not any(calls[write] for write in WRITES)
        assert only_relation(out).local_app_data == data
        assert only_secret(out).id == deployed.id

        broken = opencti_context()
        out = broken.run(broken.on.relation_broken(only_relation(out)), out)
        assert not out.secrets

    def test_an_adopted_secret_is_found_when_its_id_is_gone(self):
        deployed = token_secret(owner='app')
        data = {'opencti_url': URL, 'opencti_token': deployed.id}
        state = testing.State(
            leader=True, relations={related(local_app_data=data)}, secrets={deployed}
        )
        out = replace_relation(published(state), local_app_data={})
        broken = opencti_context()
        out = broken.run(broken.on.relation_broken(only_relation(out)), out)
        assert not out.secrets

    @pytest.mark.parametrize('garbage', [TOKEN, 'secret:gone', ''])
    def test_what_is_published_is_mended(self, garbage: str):
        first = published(testing.State(leader=True, relations={related()}))
        spoilt = replace_relation(first, local_app_data={'opencti_token': garbage})
        with counted() as calls:
            mended = published(spoilt)
        # What cannot be an id is not asked for: it may be a token, and would show in the call.
        assert calls['secret_get'] == (3 if garbage == 'secret:gone' else 2)
        assert only_relation(mended).local_app_data == only_relation(first).local_app_data
        assert only_secret(mended).id == only_secret(first).id

    def test_a_secret_that_is_found_by_its_label_is_read_anew(self):
        # Another leader wrote the newest revision, and then somebody took the id away.
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

    def test_a_secret_that_was_removed_under_our_feet_is_made_anew(self):
        first = published(testing.State(leader=True, relations={related()}))
        context = opencti_context()
        second = context.run(
            context.on.relation_changed(only_relation(first)),
            dataclasses.replace(first, secrets=set()),
        )
        warnings = [line.message for line in context.juju_log if line.level == 'WARNING']
        assert warnings == [f'the secret published to relation {only_relation(first).id} is gone']
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
            names = [connector.user_name for connector in manager.charm.opencti_connector.connectors]
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
                manager.charm.opencti_connector.publish_connection(related_to, url=URL, token=TOKEN)
                manager.charm.opencti_connector.withdraw_connection(related_to)
        assert opencti.emitted() == []
        assert out.relations == state.relations
        assert not out.secrets

    @pytest.mark.parametrize(
        ('url', 'token', 'problem'),
        [
            ('ftp://opencti.example', TOKEN, 'url: must be an http:// or https:// URL'),
            ('http://', TOKEN, 'url: must be an http:// or https:// URL'),
            ('', TOKEN, 'url: must be an http:// or https:// URL'),
            (TOKEN, TOKEN, 'url: must be an http:// or https:// URL'),
            (URL, '', 'token: must not be empty or blank'),
            (URL, ' \t', 'token: must not be empty or blank'),
            (URL, f'{TOKEN}\n', 'token: must not contain white space'),
            (URL, None, 'token: '),
        ],
    )
    def test_unusable_arguments(self, opencti: Context, url: str, token: str, problem: str):
        state = testing.State(leader=True, relations={related()})
        with opencti(opencti.on.start(), state) as manager:
            (related_to,) = manager.charm.model.relations['opencti-connector']
            with counted() as calls, pytest.raises(ValueError, match=f'^{problem}') as info:
                manager.charm.opencti_connector.publish_connection(related_to, url=url, token=token)
            manager.run()
        assert not any(calls[write] for write in WRITES)
        assert MARK not in f'{info.value!r} {info.value.__cause__!r} {info.value.__context__!r}'

    def test_a_masked_token_is_taken_too(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(OpenctiCharm, 'token', pydantic.SecretStr(TOKEN))
        out = published(testing.State(leader=True, relations={related()}))
        assert only_secret(out).latest_content == {'token': TOKEN}


class TestWithdraw:
    def test_data_and_secret_are_taken_back(self, opencti: Context):
        state = published(testing.State(leader=True, relations={related()}))
        state = replace_relation(
            state, local_app_data={**only_relation(state).local_app_data, 'more': 'of it'}
        )
        with opencti(opencti.on.start(), state) as manager:
            (related_to,) = manager.charm.model.relations['opencti-connector']
            manager.charm.opencti_connector.withdraw_connection(related_to)
            manager.charm.opencti_connector.withdraw_connection(related_to)
            out = manager.run()
        assert only_relation(out).local_app_data == {'more': 'of it'}
        assert not out.secrets
