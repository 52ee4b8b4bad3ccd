# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Old revisions go when nobody reads them, and no call is made that Juju refuses."""

import dataclasses
import datetime
from typing import Any

import pytest
from ops import testing

from fakes import juju

from ..conftest import (
    MARK,
    NEW_TOKEN,
    TOKEN,
    URL,
    Context,
    OpenctiCharm,
    TokenFactory,
    opencti_context,
    relation,
    token_secret,
)
from ..requires_charm import (
    connector_reads,
    endpoint_of,
    only_secret,
    published,
    related,
    token_in,
)

OLD_TOKEN = f'{MARK}-old'


def rotated(context: Context) -> testing.State:
    """The state after a new token, which the connector has read, as it had the old one."""
    state = testing.State(leader=True, relations={related(id=7)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OpenctiCharm, 'token', OLD_TOKEN)
        state = published(state, context)
    connector_reads(context, only_secret(state))
    state = published(state, context)
    connector_reads(context, only_secret(state))
    return state


def secret_remove(context: Context, state: testing.State, revision: int) -> testing.State:
    secret = only_secret(state)
    return context.run(context.on.secret_remove(secret, revision=revision), state)


@pytest.mark.parametrize('version', juju.Version)
def test_it_goes_when_juju_says_so(version: juju.Version):
    context = opencti_context(version=version)
    state = rotated(context)
    assert context.ledger.obsolete('opencti')[0][1] == 1
    out = secret_remove(context, state, 1)
    assert context.removed_secret_revisions == [1]
    assert token_in(out) == TOKEN


@pytest.mark.parametrize(
    'label',
    [
        'of-the-charm',
        'opencti-connector-token-of-mine',
        'opencti-connector-token-extra-7',
        'opencti-connector-token-07',
        'another-endpoint-token-7',
        'opencti-connector-token-7-and-more',
        None,
    ],
)
def test_the_charms_own_secrets_are_left_alone(opencti: Context, label: str | None):
    secret = token_secret(label=label, owner='app')
    opencti.run(
        opencti.on.secret_remove(secret, revision=42),
        testing.State(leader=True, relations={related(id=7)}, secrets={secret}),
    )
    assert opencti.removed_secret_revisions == []


class TestNoCallThatIsRefused:
    def test_juju_reports_it_twice(self, opencti: Context):
        state = rotated(opencti)
        state = secret_remove(opencti, state, 1)
        state = secret_remove(opencti, state, 1)
        state = opencti.run(opencti.on.update_status(), state)
        assert opencti.removed_secret_revisions == [1]
        assert len(state.secrets) == 1

    @pytest.mark.parametrize('version', juju.Version)
    def test_the_secret_is_gone(self, version: juju.Version, monkeypatch: pytest.MonkeyPatch):
        context = opencti_context(version=version)
        state = rotated(context)
        secret = only_secret(state)
        state = context.run(context.on.relation_broken(state.get_relation(7)), state)
        state = dataclasses.replace(state, relations=set())
        assert not state.secrets
        monkeypatch.setenv('SCENARIO_SKIP_CONSISTENCY_CHECKS', '1')
        context.run(context.on.secret_remove(secret, revision=1), state)

    def test_to_a_unit_that_does_not_lead(self, opencti: Context):
        state = dataclasses.replace(rotated(opencti), leader=False)
        state = secret_remove(opencti, state, 1)
        assert opencti.removed_secret_revisions == []

    @pytest.mark.parametrize('revision', [2, 3])
    def test_of_a_secret_that_had_the_label_before(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch, revision: int
    ):
        # As for a cross-model relation that was suspended. Later, this number is another one.
        state = rotated(opencti)
        state = secret_remove(opencti, state, revision)
        for token in (NEW_TOKEN, f'{MARK}-4'):
            monkeypatch.setattr(OpenctiCharm, 'token', token)
            for _ in range(2):
                state = opencti.run(opencti.on.config_changed(), state)
        assert opencti.removed_secret_revisions == []


class TestWithOtherWrites:
    """Juju keeps one entry for each secret in a hook."""

    def test_a_new_token_in_the_same_hook_is_not_lost(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        state = rotated(opencti)
        state = self.told_and_published(opencti, state, monkeypatch, token=NEW_TOKEN)
        assert token_in(state) == NEW_TOKEN
        assert opencti.removed_secret_revisions == []  # Juju loses the removal to it.

    def test_the_same_token_in_the_same_hook(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        state = rotated(opencti)
        state = self.told_and_published(opencti, state, monkeypatch, token=TOKEN)
        assert (token_in(state), opencti.removed_secret_revisions) == (TOKEN, [1])

    @pytest.mark.parametrize('token', [TOKEN, TokenFactory()], ids=['plain', 'made'])
    def test_a_withdrawn_connection_is_published_in_the_same_hook(
        self, opencti: Context, token: Any
    ):
        state = rotated(opencti)
        with opencti(opencti.on.start(), state) as manager:
            endpoint = endpoint_of(manager)
            endpoint.withdraw_connection(endpoint.connectors[0].relation)
            state = manager.run()
        with opencti(opencti.on.secret_remove(only_secret(state), revision=1), state) as manager:
            endpoint = endpoint_of(manager)
            relation = endpoint.connectors[0].relation
            endpoint.publish_connection(relation, url=URL, token=token)
            state = manager.run()
        assert token_in(state) == getattr(token, 'made', [TOKEN])[-1]
        assert only_secret(state).remote_grants == {7: {'a-connector'}}
        assert opencti.removed_secret_revisions == []  # Juju would lose the grant.

    def test_a_token_that_is_made_in_the_same_hook_is_not_lost(self, opencti: Context):
        state = rotated(opencti)
        make = TokenFactory()
        with opencti(opencti.on.secret_remove(only_secret(state), revision=1), state) as manager:
            endpoint = endpoint_of(manager)
            (connector,) = endpoint.connectors
            endpoint.withdraw_connection(connector.relation)
            endpoint.publish_connection(connector.relation, url=URL, token=make)
            state = manager.run()
        assert [token_in(state)] == make.made
        assert opencti.removed_secret_revisions == []

    def test_juju_is_asked_for_no_grant_beside_a_removal(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        state = rotated(opencti)
        monkeypatch.setattr(OpenctiCharm, 'url', 'http://moved.example')
        state = self.told_and_published(opencti, state, monkeypatch, token=TOKEN)
        assert opencti.warnings() == []
        assert opencti.removed_secret_revisions == [1]
        assert state.get_relation(7).local_app_data['opencti_url'] == 'http://moved.example'

    def test_an_expiry_in_the_same_hook(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        state = rotated(opencti)
        revoked = dataclasses.replace(only_secret(state), remote_grants={})
        opencti.ledger.find(revoked.id).grants.clear()
        state = dataclasses.replace(state, secrets={revoked})
        monkeypatch.setattr(OpenctiCharm, 'expire', datetime.timedelta(days=1))
        make = TokenFactory()
        state = self.told_and_published(opencti, state, monkeypatch, token=make)
        assert (only_secret(state).expire is not None, make.made) == (True, [])
        state = opencti.run(opencti.on.update_status(), state)
        assert only_secret(state).remote_grants == {7: {'a-connector'}}

    def test_a_lost_grant_is_restored_later(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        state = rotated(opencti)
        revoked = dataclasses.replace(only_secret(state), remote_grants={})
        opencti.ledger.find(revoked.id).grants.clear()
        state = dataclasses.replace(state, secrets={revoked})
        state = self.told_and_published(opencti, state, monkeypatch, token=TOKEN)
        assert opencti.warnings() == []  # Juju refuses a grant beside a removal; it was not asked.
        state = opencti.run(opencti.on.update_status(), state)
        assert only_secret(state).remote_grants == {7: {'a-connector'}}
        assert opencti.removed_secret_revisions == [1]

    def told_and_published(
        self,
        context: Context,
        state: testing.State,
        monkeypatch: pytest.MonkeyPatch,
        *,
        token: Any,
    ) -> testing.State:
        """A hook in which the charm also answers all connectors."""
        monkeypatch.setattr(OpenctiCharm, 'token', token)
        event = context.on.secret_remove(only_secret(state), revision=1)
        with context(event, state) as manager:
            manager.charm.opencti_connector.emit_current()
            return manager.run()


class TestHookFails:
    def test_it_is_removed_again_when_juju_reports_it_again(self, opencti: Context):
        state = rotated(opencti)
        secret = opencti.ledger.find(only_secret(state).id)
        removed = secret.revisions[1]
        state = secret_remove(opencti, state, 1)
        # Juju undid it, although this unit has stored that it asked.
        secret.revisions[1] = removed
        opencti.removed_secret_revisions.clear()
        secret_remove(opencti, state, 1)
        assert opencti.removed_secret_revisions == [1]


class TestBeforeJuju3611:
    """There, `secret-remove --revision 1` also removes 10 to 19."""

    @pytest.mark.parametrize(
        ('newest', 'revision', 'juju_version', 'goes'),
        [
            (9, 1, '3.6.10', True),
            (10, 1, '3.6.10', False),
            (10, 2, '3.6.10', True),
            (19, 2, '3.6.10', True),
            (20, 2, '3.6.10', False),
            # 10 to 19 would go as well, which a connector may still read.
            (25, 1, '3.6.0', False),
            (10, 1, '3.6.11', True),
            (10, 1, '4.0.15', True),
        ],
    )
    def test_a_revision_whose_digits_begin_the_newest_stays(
        self, newest: int, revision: int, juju_version: str, *, goes: bool
    ):
        removed = self.removed(juju_version, newest, revision)
        assert removed == ([revision] if goes else [])

    def removed(self, juju_version: str, newest: int, revision: int) -> list[int]:
        secret = token_secret(owner='app', label='opencti-connector-token-7')
        object.__setattr__(secret, '_latest_revision', newest)
        object.__setattr__(secret, '_tracked_revision', newest)
        state = testing.State(leader=True, relations={relation(id=7)}, secrets={secret})
        meta = {
            'name': 'opencti',
            'requires': {'opencti-connector': {'interface': 'opencti_connector'}},
        }
        context = testing.Context(OpenctiCharm, meta, juju_version=juju_version)
        calls: list[int] = []
        with context(context.on.secret_remove(secret, revision=revision), state) as manager:
            manager.charm.model._backend.secret_remove = lambda _, *, revision: calls.append(
                revision
            )
            manager.run()
        return calls
