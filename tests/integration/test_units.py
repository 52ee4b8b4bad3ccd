# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Units that come and go remove nothing and end nothing."""

from collections.abc import Iterator

import pytest

from .models import Model, Pack
from .pairs import Pair


@pytest.fixture(scope='module')
def pair(model: Model, pack: Pack) -> Pair:
    """Two units of OpenCTI, and a connector."""
    pair = Pair(model, pack)
    model.add_unit(pair.opencti)
    return pair


@pytest.fixture(scope='module')
def other_pair(model: Model, pack: Pack, pair: Pair) -> Pair:
    """Another connector of the same OpenCTI."""
    return Pair(model, pack, opencti=pair.opencti)


@pytest.fixture(autouse=True)
def nobody_is_told_of_an_end(pair: Pair) -> Iterator[None]:
    yield
    assert pair.told('connector_removed') == []
    # A connector's unit that is removed gets the event, because its workload ends.
    staying = pair.model.units(pair.connector)
    assert not staying & {entry['unit'] for entry in pair.told('opencti_connection_removed')}


def assert_new_token_arrives(pair: Pair, token: str) -> None:
    """Check that all goes on, with the same secret and the same connector."""
    databags = pair.databags()
    pair.publish(token)
    pair.wait_until_connector_has(token)
    assert pair.databags() == databags
    secret = databags['opencti_token'].rpartition('/')[2]
    pair.model.wait(lambda: len(pair.model.revisions(secret)) == 1)


def test_connectors_have_ids_and_tokens_of_their_own(pair: Pair, other_pair: Pair):
    shared = pair.databags().items() & other_pair.databags().items()
    assert {key for key, _ in shared} == {
        'connector_charm_name',
        'connector_type',
        'opencti_url',
    }
    assert pair.token() != other_pair.token()


def test_new_tokens(pair: Pair):
    for number in range(3):
        assert_new_token_arrives(pair, f'flgrn_octi_tkn_new_{number}')


def test_the_leader_of_opencti_is_removed(pair: Pair):
    pair.model.remove_unit(pair.model.leader(pair.opencti))
    assert_new_token_arrives(pair, 'flgrn_octi_tkn_of_the_next_leader')


def test_the_only_unit_of_opencti_is_replaced(pair: Pair, other_pair: Pair):
    before = pair.databags(), pair.token(), other_pair.databags(), other_pair.token()
    (unit,) = pair.model.units(pair.opencti)
    pair.model.remove_unit(unit)
    pair.model.add_unit(pair.opencti)
    assert (pair.databags(), pair.token(), other_pair.databags(), other_pair.token()) == before
    assert_new_token_arrives(pair, 'flgrn_octi_tkn_of_the_next_unit')


def test_two_units_of_a_connector_are_blocked(pair: Pair):
    pair.model.add_unit(pair.connector)
    told = pair.told('opencti_connection_available')
    pair.publish('flgrn_octi_tkn_for_nobody')
    pair.model.wait(lambda: pair.model.statuses(pair.connector) == ['blocked', 'blocked'])
    pair.model.run_hook(pair.connector)
    assert pair.told('opencti_connection_available') == told


def test_the_leader_of_these_two_is_removed(pair: Pair):
    pair.model.remove_unit(pair.model.leader(pair.connector))
    assert_new_token_arrives(pair, 'flgrn_octi_tkn_for_the_next_leader')


def test_the_only_unit_of_a_connector_is_replaced(pair: Pair):
    (unit,) = pair.model.units(pair.connector)
    pair.model.remove_unit(unit)
    pair.model.add_unit(pair.connector)
    assert_new_token_arrives(pair, 'flgrn_octi_tkn_for_the_next_unit')
