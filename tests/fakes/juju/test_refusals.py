# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What Juju refuses, at once or when the hook ends, and what is left then.

Sources: 4.0 `domain/unitstate/state/commithook.go`, `apiserver/facades/agent/uniter/secrets.go`;
3.6 `apiserver/facades/agent/uniter/uniter.go` (`commitHookChangesForOneUnit`) and
`apiserver/facades/agent/secretsmanager/secrets.go`.
"""

import pytest

from fakes import juju

from .conftest import PEER, READER, A, B, Controller


class TestFlush:
    def test_4_0_writes_all_or_nothing(self, juju_4_0: Controller):
        old = juju_4_0.add()
        hook = juju_4_0.hook()
        hook.secret_set(old, juju.Changes(B))
        new = hook.secret_add(A, label='K')
        hook.secret_grant(new, 1)
        juju_4_0.lives[1] = juju.Life.GONE
        hook.relations = juju_4_0.hook().relations
        with pytest.raises(juju.HookFailed, match='relation not found'):
            hook.flush()
        assert [s.label for s in juju_4_0.ledger.secrets.values()] == ['L']
        assert juju_4_0.newest(old) == A

    def test_3_6_leaves_what_it_wrote_before(self, juju_3_6: Controller):
        hook = juju_3_6.hook()
        secret = hook.secret_add(A, label='L')
        hook.secret_grant(secret, 1)
        juju_3_6.lives[1] = juju.Life.DYING
        hook.relations = juju_3_6.hook().relations
        with pytest.raises(juju.HookFailed, match='not alive'):
            hook.flush()
        assert juju_3_6.known(secret).grants == {}
        retried = juju_3_6.hook()
        retried.secret_add(A, label='L')
        with pytest.raises(juju.HookFailed, match='already exists'):
            retried.flush()

    def test_a_databag_of_a_relation_that_is_gone(self, controller: Controller):
        controller.lives[1] = juju.Life.GONE
        hook = controller.hook()
        hook.relation_set(1)
        with pytest.raises(juju.HookFailed, match='relation not found'):
            hook.flush()


class TestGrant:
    def test_4_0_accepts_a_dying_relation(self, juju_4_0: Controller):
        secret = juju_4_0.add(is_granted=False)
        juju_4_0.lives[1] = juju.Life.DYING
        with juju_4_0.flushed() as hook:
            hook.secret_grant(secret, 1)
        assert juju_4_0.known(secret).grants == {'conn': 1}

    def test_4_0_refuses_a_second_relation_of_an_application(self, juju_4_0: Controller):
        secret = juju_4_0.add()
        hook = juju_4_0.hook()
        hook.secret_grant(secret, 2)
        with pytest.raises(juju.HookFailed, match='cannot change scope'):
            hook.flush()

    def test_goes_with_its_relation(self, controller: Controller):
        secret = controller.add()
        controller.ledger.forget_relation(1)
        assert controller.known(secret).grants == {}

    def test_of_a_secret_that_went_in_between_fails_only_3_6(self, controller: Controller):
        secret = controller.add(is_granted=False)
        hook = controller.hook()
        hook.secret_grant(secret, 1)
        controller.ledger.remove(secret)
        if controller.version is juju.Version.V4_0:
            hook.flush()
        else:
            with pytest.raises(juju.HookFailed, match='not found'):
                hook.flush()


class TestNotLeader:
    def test_may_not_add(self, controller: Controller):
        with pytest.raises(juju.Refused, match='not the leader'):
            controller.hook(PEER).secret_add(A)

    def test_sees_nothing_of_the_applications_secret(self, controller: Controller):
        secret = controller.add()
        with pytest.raises(juju.Refused, match='not found'):
            controller.hook(PEER).secret_info_get(secret)

    @pytest.mark.parametrize('verb', ['remove', 'set'])
    def test_fails_its_hook_by_writing(self, controller: Controller, verb: str):
        secret = controller.add()
        hook = controller.hook(PEER)
        if verb == 'remove':
            hook.secret_remove(secret, 1)
        else:
            hook.secret_set(secret, juju.Changes(B))
        is_new = controller.version is juju.Version.V4_0
        words = 'not allowed to manage' if is_new else 'permission denied'
        with pytest.raises(juju.HookFailed, match=words):
            hook.flush()

    def test_removes_harmlessly_what_is_gone(self, controller: Controller):
        with controller.flushed(PEER) as hook:
            hook.secret_remove('secret:cjqub6vubg2s77p3nio0', 1)


class TestLaterRemoval:
    @pytest.fixture
    def removed(self, juju_4_0: Controller) -> str:
        secret = juju_4_0.add()
        with juju_4_0.flushed() as hook:
            hook.secret_remove(secret)
        return secret

    def test_the_secret_is_there_until_the_job_has_run(self, juju_4_0: Controller, removed: str):
        following = juju_4_0.hook()
        assert following.secret_info_get(label='L')[1].revision == 1
        following.secret_add(B, label='L')
        with pytest.raises(juju.HookFailed, match='already exists'):
            following.flush()

    def test_what_is_set_in_between_goes_with_it(self, juju_4_0: Controller, removed: str):
        juju_4_0.set(removed, B)
        juju_4_0.ledger.run_removals()
        assert not juju_4_0.ledger.secrets

    def test_3_6_removes_at_once(self, juju_3_6: Controller):
        secret = juju_3_6.add()
        with juju_3_6.flushed() as hook:
            hook.secret_remove(secret)
        with pytest.raises(juju.Refused, match='not found'):
            juju_3_6.read(secret, READER)

    def test_4_0_gives_the_number_of_a_removed_newest_revision_again(self, controller: Controller):
        secret = controller.two_revisions()
        controller.ledger.remove(secret, [2])
        controller.set(secret, {'token': 'c'})
        is_new = controller.version is juju.Version.V4_0
        assert controller.known(secret).newest == (2 if is_new else 3)


class TestFailingList:
    """Seen on a running 4.0.15, where another secret was removed at the same time."""

    def test_a_secret_that_is_there_is_not_found_once(self, juju_4_0: Controller):
        secret = juju_4_0.add()
        juju_4_0.ledger.failing_lists = [juju.SECRET_WENT]
        hook = juju_4_0.hook()
        with pytest.raises(juju.Refused, match='not found'):
            hook.secret_info_get(secret)
        assert hook.secret_info_get(secret)[1].label == 'L'

    def test_content_is_served_meanwhile(self, juju_4_0: Controller):
        juju_4_0.add()
        juju_4_0.ledger.failing_lists = [juju.SECRET_WENT]
        assert juju_4_0.hook().secret_get(label='L') == A
