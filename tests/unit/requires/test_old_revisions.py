# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Old revisions go when nobody reads them, and no call is made that Juju refuses."""

import dataclasses
import datetime
from typing import Any

import pytest
from ops import testing

from fakes import juju
from opencti_connector import OpenctiRequires

from ..charms import Context, OpenctiCharm, opencti_context
from ..states import relation, token_secret
from ..values import MARK, NEW_TOKEN, TOKEN, TokenFactory
from .calls import in_hook, publishing, withdrawn
from .states import (
    answerable,
    only_secret,
    published,
    replace_secret,
    rotated,
    secret_remove,
    token_in,
)


@pytest.mark.parametrize('version', juju.Version)
def test_it_goes_when_juju_says_so(version: juju.Version):
    context = opencti_context(version=version)
    state = rotated(context)
    assert context.ledger.obsolete('opencti')[0][1] == 1
    out = secret_remove(context, state)
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
    secret_remove(opencti, dataclasses.replace(answerable(), secrets={secret}), 42)
    assert opencti.removed_secret_revisions == []


class TestNoCallThatIsRefused:
    def test_juju_reports_it_twice(self, opencti: Context):
        state = rotated(opencti)
        for _ in range(2):
            state = secret_remove(opencti, state)
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
        secret_remove(opencti, dataclasses.replace(rotated(opencti), leader=False))
        assert opencti.removed_secret_revisions == []

    @pytest.mark.parametrize('revision', [2, 3])
    def test_of_a_secret_that_had_the_label_before(self, opencti: Context, revision: int):
        # As for a cross-model relation that was suspended. Later, this number is another one.
        state = secret_remove(opencti, rotated(opencti), revision)
        for token in (NEW_TOKEN, f'{MARK}-4'):
            for _ in range(2):
                state = published(state, opencti, token=token)
        assert opencti.removed_secret_revisions == []


class TestWithOtherWrites:
    """Juju keeps one entry for each secret in a hook."""

    def told(
        self, context: Context, state: testing.State, call: Any, revision: int = 1
    ) -> testing.State:
        """The state after a hook in which the charm also calls its endpoint."""
        event = context.on.secret_remove(only_secret(state), revision=revision)
        return in_hook(context, state, call, event)

    def without_grant(self, context: Context) -> testing.State:
        state = replace_secret(rotated(context), remote_grants={})
        context.ledger.find(only_secret(state).id).grants.clear()
        return state

    # Juju loses the removal to a new token.
    @pytest.mark.parametrize(('token', 'removed'), [(NEW_TOKEN, []), (TOKEN, [1])])
    def test_a_token_in_the_same_hook_is_not_lost(
        self, opencti: Context, token: str, removed: list[int]
    ):
        state = self.told(opencti, rotated(opencti), publishing(token=token))
        assert (token_in(state), opencti.removed_secret_revisions) == (token, removed)

    def test_a_withdrawn_connection_is_published_in_the_same_hook(
        self, opencti: Context, token: Any
    ):
        state = withdrawn(opencti, rotated(opencti))
        state = self.told(opencti, state, publishing(token=token))
        assert token_in(state) == getattr(token, 'made', [TOKEN])[-1]
        assert only_secret(state).remote_grants == {7: {'a-connector'}}
        assert opencti.removed_secret_revisions == []  # Juju would lose the grant.

    def test_a_token_that_is_made_in_the_same_hook_is_not_lost(
        self, opencti: Context, make: TokenFactory
    ):
        def both(endpoint: OpenctiRequires, relation: Any) -> None:
            endpoint.withdraw_connection(relation)
            publishing(token=make)(endpoint, relation)

        state = self.told(opencti, rotated(opencti), both)
        assert [token_in(state)] == make.made
        assert opencti.removed_secret_revisions == []

    def test_one_that_is_withdrawn_again_loses_nothing(self, opencti: Context):
        def both(endpoint: OpenctiRequires, relation: Any) -> None:
            publishing(token=NEW_TOKEN)(endpoint, relation)
            endpoint.withdraw_connection(relation)

        self.told(opencti, withdrawn(opencti, rotated(opencti)), both)
        assert opencti.removed_secret_revisions == [1]

    def test_juju_is_asked_for_no_grant_beside_a_removal(self, opencti: Context):
        moved = publishing(url='http://moved.example')
        state = self.told(opencti, rotated(opencti), moved)
        assert opencti.warnings() == []
        assert opencti.removed_secret_revisions == [1]
        assert state.get_relation(7).local_app_data['opencti_url'] == 'http://moved.example'

    @pytest.mark.parametrize('expire', [None, datetime.timedelta(days=1)])
    def test_a_lost_grant_is_restored_later(
        self, opencti: Context, token: Any, expire: datetime.timedelta | None
    ):
        state = self.without_grant(opencti)
        state = self.told(opencti, state, publishing(token=token, expire=expire))
        assert bool(only_secret(state).expire) is bool(expire)
        assert getattr(token, 'made', []) == []
        assert opencti.warnings() == []  # Juju refuses a grant beside a removal; it was not asked.
        state = opencti.run(opencti.on.update_status(), state)
        assert only_secret(state).remote_grants == {7: {'a-connector'}}
        # Juju loses the removal to the expiry.
        assert opencti.removed_secret_revisions == ([] if expire else [1])

    def test_a_lost_grant_is_restored_beside_a_revision_that_stays(self, opencti: Context):
        state = self.told(opencti, self.without_grant(opencti), publishing(), revision=2)
        assert only_secret(state).remote_grants == {7: {'a-connector'}}
        assert opencti.removed_secret_revisions == []


def test_it_is_removed_again_when_juju_reports_it_again(opencti: Context):
    """The hook failed: Juju undid it, although this unit has stored that it asked."""
    state = rotated(opencti)
    secret = opencti.ledger.find(only_secret(state).id)
    removed = secret.revisions[1]
    state = secret_remove(opencti, state)
    secret.revisions[1] = removed
    opencti.removed_secret_revisions.clear()
    secret_remove(opencti, state)
    assert opencti.removed_secret_revisions == [1]


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
def test_before_juju_3_6_11_a_revision_whose_digits_begin_the_newest_stays(
    newest: int, revision: int, juju_version: str, goes: bool
):
    """There, `secret-remove --revision 1` also removes 10 to 19."""
    secret = token_secret(owner='app', label='opencti-connector-token-7')
    object.__setattr__(secret, '_latest_revision', newest)
    object.__setattr__(secret, '_tracked_revision', newest)
    state = testing.State(leader=True, relations={relation(id=7)}, secrets={secret})
    requires = {'opencti-connector': {'interface': 'opencti_connector'}}
    meta = {'name': 'opencti', 'requires': requires}
    context = testing.Context(OpenctiCharm, meta, juju_version=juju_version)
    calls: list[int] = []
    with context(context.on.secret_remove(secret, revision=revision), state) as manager:
        manager.charm.model._backend.secret_remove = lambda _, *, revision: calls.append(revision)
        manager.run()
    assert calls == ([revision] if goes else [])
