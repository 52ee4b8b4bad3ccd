# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The orders of writes in one hook, of which Juju loses some.

Source: `internal/worker/uniter/runner/context/secrets.go` (one entry a secret) and `context.go`.
"""

import pytest

from fakes import juju

from .conftest import A, B, C, Controller


class TestRemoval:
    def test_removed_content_is_served_and_metadata_refused(self, controller: Controller):
        secret = controller.add()
        hook = controller.hook()
        hook.secret_remove(secret)
        assert hook.secret_get(secret) == A
        assert hook.secret_get(label='L') == A
        for call in (
            lambda: hook.secret_info_get(secret),
            lambda: hook.secret_info_get(label='L'),
            lambda: hook.secret_grant(secret, 1),
        ):
            with pytest.raises(juju.Refused, match='not found'):
                call()

    def test_of_one_old_revision_hides_the_secret_as_well(self, controller: Controller):
        secret = controller.two_revisions()
        with controller.flushed() as hook:
            hook.secret_remove(secret, 1)
            with pytest.raises(juju.Refused, match='not found'):
                hook.secret_info_get(secret)
        assert controller.known(secret).revisions.keys() == {2}

    @pytest.mark.parametrize('changes', [juju.Changes(B), juju.Changes(A, label='K')])
    def test_is_taken_back_by_an_update(self, controller: Controller, changes: juju.Changes):
        secret = controller.add()
        with controller.flushed() as hook:
            hook.secret_remove(secret)
            hook.secret_set(secret, changes)
        assert controller.newest(secret) == changes.content

    def test_stays_if_equal_content_is_set(self, controller: Controller):
        secret = controller.add()
        with controller.flushed() as hook:
            hook.secret_remove(secret)
            hook.secret_set(secret, juju.Changes(A))
        assert not controller.ledger.secrets

    def test_of_an_old_revision_loses_new_content(self, controller: Controller):
        secret = controller.two_revisions()
        with controller.flushed() as hook:
            hook.secret_set(secret, juju.Changes(C))
            hook.secret_remove(secret, 1)
        assert controller.newest(secret) == B

    def test_of_an_old_revision_is_lost_by_new_content(self, controller: Controller):
        secret = controller.two_revisions()
        with controller.flushed() as hook:
            hook.secret_remove(secret, 1)
            hook.secret_set(secret, juju.Changes(C))
        assert controller.known(secret).revisions.keys() == {1, 2, 3}

    def test_of_an_old_revision_loses_a_grant(self, controller: Controller):
        secret = controller.two_revisions(is_granted=False)
        with controller.flushed() as hook:
            hook.secret_grant(secret, 1)
            hook.secret_remove(secret, 1)
        assert controller.known(secret).grants == {}

    @pytest.mark.parametrize('is_just_added', [False, True])
    def test_of_the_only_revision_removes_the_secret(
        self, controller: Controller, is_just_added: bool
    ):
        secret = '' if is_just_added else controller.add()
        with controller.flushed() as hook:
            hook.secret_remove(secret or hook.secret_add(A, label='L'), 1)
        assert not controller.ledger.secrets


class TestContent:
    def test_equal_content_makes_no_revision(self, controller: Controller):
        secret = controller.add()
        controller.set(secret, A)
        assert controller.known(secret).newest == 1

    def test_the_stored_content_set_again_does_not_take_new_content_back(
        self, controller: Controller
    ):
        secret = controller.add()
        with controller.flushed() as hook:
            hook.secret_set(secret, juju.Changes(B))
            hook.secret_set(secret, juju.Changes(A))
        assert controller.newest(secret) == B

    def test_only_a_read_with_refresh_sees_what_is_queued(self, controller: Controller):
        secret = controller.add()
        with controller.flushed() as hook:
            hook.secret_set(secret, juju.Changes(B))
            assert hook.secret_get(secret) == A
            assert hook.secret_get(secret, peek=True) == B
            assert hook.secret_get(secret, refresh=True) == B
        assert controller.known(secret).consumers == {'opencti/0': 2}


class TestGrant:
    @pytest.mark.parametrize('order', [('revoke', 'grant'), ('grant', 'revoke')])
    def test_a_revocation_wins(self, controller: Controller, order: tuple[str, str]):
        secret = controller.add()
        with controller.flushed() as hook:
            for verb in order:
                getattr(hook, f'secret_{verb}')(secret, 1)
        assert controller.known(secret).grants == {}

    def test_granting_again_changes_nothing(self, controller: Controller):
        secret = controller.add()
        hook = controller.hook()
        hook.secret_grant(secret, 1)
        assert not hook.writes.grants


class TestLabel:
    def test_is_not_free_in_the_hook_that_removes(self, controller: Controller):
        secret = controller.add()
        hook = controller.hook()
        hook.secret_remove(secret)
        hook.secret_add(B, label='L')
        with pytest.raises(juju.HookFailed, match='already exists'):
            hook.flush()
        assert controller.newest(secret) == A

    def test_is_refused_at_once_if_it_is_queued_already(self, controller: Controller):
        hook = controller.hook()
        hook.secret_add(A, label='L')
        with pytest.raises(juju.Refused, match='already exists'):
            hook.secret_add(B, label='L')
