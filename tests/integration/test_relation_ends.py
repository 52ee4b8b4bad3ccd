# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The end of a relation is announced once on each end, and leaves nothing behind."""

import pytest

from .models import Model, Pack
from .pairs import Pair


@pytest.fixture(scope='module')
def pair(model: Model, pack: Pack) -> Pair:
    return Pair(model, pack)


def assert_end_is_told_once(pair: Pair, times: int) -> None:
    """Check both ends, and that no secret is left."""
    pair.model.wait(lambda: len(pair.told('opencti_connection_removed')) == times)
    pair.model.wait(lambda: len(pair.told('connector_removed')) == times)
    pair.model.wait(lambda: not pair.model.secrets(pair.opencti))
    ended = pair.told('connector_removed')[-1]
    begun = [e for e in pair.told('connector_available') if e['relation'] == pair.relation_id]
    assert ended['user'] == begun[0]['user']


def test_a_relation_is_removed_and_made_again(pair: Pair):
    before, token = pair.databags(), pair.token()
    pair.part()
    assert_end_is_told_once(pair, times=1)
    pair.relate()
    after = pair.databags()
    assert after['connector_id'] != before['connector_id']
    assert after['opencti_token'] != before['opencti_token']
    assert pair.token() != token


def test_a_connector_is_removed(pair: Pair):
    pair.model.remove(pair.connector)
    assert_end_is_told_once(pair, times=2)


def test_opencti_is_removed(model: Model, pack: Pack, pair: Pair):
    standing = Pair(model, pack, opencti=pair.opencti)
    model.remove(standing.opencti)
    model.wait(lambda: len(standing.told('opencti_connection_removed')) == 1)
    status = model.juju.status().apps[standing.connector]
    assert 'missing relation' in status.app_status.message
    assert not model.secrets(standing.opencti)
