# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A read pins the unit to a revision, and pinned revisions stay.

Sources: 4.0 `domain/secret/service/consume.go` (`GetConsumedRevision`), `access.go` (`canRead`),
`domain/unitstate/state/commithook.go` (`markSecretRevisionsObsolete`); 3.6
`apiserver/facades/agent/secretsmanager/secrets.go` (`getSecretContent`).
"""

import datetime

import pytest

from fakes import juju

from .conftest import OWNER, PEER, READER, A, B, C, Controller


class TestPins:
    @pytest.mark.parametrize('how', [{}, {'peek': True}, {'refresh': True}])
    @pytest.mark.parametrize('unit', [OWNER, PEER, READER])
    def test_any_first_read_pins(self, controller: Controller, how: dict[str, bool], unit: str):
        secret = controller.add()
        controller.read(secret, unit, **how)
        assert controller.known(secret).consumers == {unit: 1}

    def test_a_read_by_label_pins_an_owner_too(self, controller: Controller):
        secret = controller.add()
        controller.hook(PEER).secret_get(label='L')
        assert controller.known(secret).consumers == {PEER: 1}

    def test_writing_and_asking_pins_nothing(self, controller: Controller):
        secret = controller.add()
        controller.set(secret, B)
        controller.hook().secret_info_get(secret)
        assert controller.known(secret).consumers == {}

    def test_only_a_refresh_moves_a_reader_on(self, controller: Controller):
        secret = controller.add()
        controller.read(secret)
        controller.set(secret, B)
        assert controller.read(secret) == A
        assert controller.read(secret, peek=True) == B
        assert controller.read(secret) == A
        assert controller.read(secret, refresh=True) == B
        assert controller.read(secret) == B


class TestObsolete:
    def obsolete(self, controller: Controller) -> list[int]:
        return [number for _, number in controller.ledger.obsolete('opencti')]

    def test_at_once_if_nobody_read(self, controller: Controller):
        controller.two_revisions()
        assert self.obsolete(controller) == [1]

    def test_when_the_last_reader_moves_on(self, controller: Controller):
        secret = controller.add()
        controller.read(secret)
        controller.set(secret, B)
        assert self.obsolete(controller) == []
        controller.read(secret, refresh=True)
        assert self.obsolete(controller) == [1]

    def test_never_if_a_former_leader_read(self, controller: Controller):
        secret = controller.add()
        controller.read(secret, OWNER)
        for content in (B, C):
            controller.set(secret, content)
        assert self.obsolete(controller) == [2]

    def test_nothing_is_judged_when_a_reader_goes(self, controller: Controller):
        secret = controller.add()
        controller.read(secret)
        controller.set(secret, B)
        controller.ledger.forget_relation(1)
        controller.ledger.forget(READER)
        assert self.obsolete(controller) == []
        controller.set(secret, C)
        assert self.obsolete(controller) == [1, 2]


class TestRefusedReads:
    def test_3_6_says_permission_denied_and_pins_nothing(self, juju_3_6: Controller):
        secret = juju_3_6.add(is_granted=False)
        with pytest.raises(juju.Refused, match='permission denied'):
            juju_3_6.read(secret)
        assert juju_3_6.known(secret).consumers == {}

    def test_4_0_has_another_message_and_pins_the_unit(self, juju_4_0: Controller):
        secret = juju_4_0.add(is_granted=False)
        with pytest.raises(juju.Refused, match='"conn/0" is not allowed to read this secret'):
            juju_4_0.read(secret)
        juju_4_0.set(secret, B)
        with juju_4_0.flushed() as hook:
            hook.secret_grant(secret, 1)
        assert juju_4_0.read(secret) == A
        assert juju_4_0.read(secret, refresh=True) == B

    def test_a_removed_revision_cannot_be_read_without_refresh(self, controller: Controller):
        secret = controller.add()
        controller.read(secret)
        controller.set(secret, B)
        controller.ledger.remove(secret, [1])
        controller.ledger.run_removals()
        with pytest.raises(juju.Refused, match='not found'):
            controller.read(secret)
        assert controller.read(secret, refresh=True) == B


def test_an_expiry_is_that_of_its_revision_and_reported_until_it_is_removed(
    controller: Controller,
):
    secret = controller.add()
    controller.set(secret, expire=_time(0))
    controller.set(secret, B)
    known = controller.known(secret)
    assert [r.expire for r in known.revisions.values()] == [_time(0), None]
    assert controller.ledger.expired('opencti', _time(1)) == [(known, 1)]
    controller.ledger.remove(secret, [1])
    assert controller.ledger.expired('opencti', _time(1)) == []


class TestLabels:
    def test_by_id_and_label_a_consumer_labels_it(self, controller: Controller):
        secret = controller.add()
        controller.hook(READER).secret_get(secret, label='mine')
        assert controller.hook(READER).secret_get(label='mine') == A
        with pytest.raises(juju.Refused, match='not found'):
            controller.hook(READER).secret_get(label='L')

    def test_by_id_and_label_the_leader_gives_another_label(self, controller: Controller):
        secret = controller.add()
        controller.hook().secret_get(secret, label='K')
        assert controller.known(secret).label == 'K'

    def test_4_0_copies_the_owners_label_at_the_second_read_with_refresh(
        self, juju_4_0: Controller
    ):
        secret = juju_4_0.add()
        juju_4_0.read(secret, OWNER)
        juju_4_0.read(secret, OWNER, refresh=True)
        juju_4_0.set(secret, label='K')
        assert juju_4_0.hook().secret_get(label='L') == A
        other = juju_4_0.add('L')
        juju_4_0.read(other, OWNER)
        with pytest.raises(juju.Refused, match='UNIQUE constraint failed'):
            juju_4_0.read(other, OWNER, refresh=True)

    def test_with_a_queued_creation_of_that_label_another_secret_answers(
        self, controller: Controller
    ):
        secret = controller.add()
        hook = controller.hook()
        hook.secret_add(B, label='K')
        assert hook.secret_get(secret, label='K') == B


def _time(days: int) -> datetime.datetime:
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    return start + datetime.timedelta(days=days)
