# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""OpenCTI offers itself to a connector of another model."""

from typing import Any

import pytest

from .charms import journal
from .models import Model, Pack
from .pairs import ENDPOINT


class Across:
    """An OpenCTI of two units in one model, and a connector in another."""

    def __init__(self, model: Model, other: Model, pack: Pack):
        self.model, self.other = model, other
        self.opencti = model.deploy(pack('scripted-opencti'), token='made')
        self.connector = other.deploy(pack('scripted-connector'))
        model.wait_for_idle()
        model.add_unit(self.opencti)
        self.saas = other.consume(model.offer(self.opencti, ENDPOINT))
        self.relate()

    def relate(self) -> None:
        relation_id = self.other.integrate(self.connector, ENDPOINT, self.saas)
        self.other.wait(lambda: self.connector_told('available', relation_id))

    def connector_told(self, what: str, relation_id: int | None = None) -> list[dict[str, Any]]:
        return [
            entry
            for entry in self.other.journal(self.connector)
            if entry['event'] == f'opencti_connection_{what}'
            and relation_id in (None, entry['relation'])
        ]

    def opencti_told(self, what: str) -> list[dict[str, Any]]:
        entries = self.model.journal(self.opencti)
        return [entry for entry in entries if entry['event'] == f'connector_{what}']

    def assert_new_token_arrives(self, token: str) -> None:
        (relation_id,) = self.model.relation_ids(self.opencti, ENDPOINT)
        secrets = self.model.secrets(self.opencti)
        self.model.run_script(self.opencti, ['publish', relation_id, token])
        digest = journal.digest(token)
        self.other.wait(lambda: self.connector_told('available')[-1]['token'] == digest)
        assert self.model.secrets(self.opencti).keys() == secrets.keys()

    def assert_end_is_told_once(self, times: int) -> None:
        self.other.wait(lambda: len(self.connector_told('removed')) == times)
        self.model.wait(lambda: len(self.opencti_told('removed')) == times)
        self.model.wait(lambda: not self.model.secrets(self.opencti))


@pytest.fixture(scope='module')
def across(model: Model, other_model: Model, pack: Pack) -> Across:
    return Across(model, other_model, pack)


def test_a_new_token(across: Across):
    across.assert_new_token_arrives('flgrn_octi_tkn_across')


def test_a_unit_of_opencti_is_removed(across: Across):
    across.model.remove_unit(across.model.leader(across.opencti))
    across.assert_new_token_arrives('flgrn_octi_tkn_of_the_next_leader')
    assert across.opencti_told('removed') == []
    assert across.connector_told('removed') == []


def test_the_relation_is_removed_from_the_connectors_side(across: Across):
    across.other.remove_relation(across.connector, ENDPOINT, across.saas)
    across.assert_end_is_told_once(times=1)
    across.relate()


def test_the_relation_is_removed_from_openctis_side(across: Across):
    (relation_id,) = across.model.relation_ids(across.opencti, ENDPOINT)
    across.model.juju.cli('remove-relation', str(relation_id))
    across.assert_end_is_told_once(times=2)
