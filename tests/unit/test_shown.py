# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The parts of the integration tests that need no Juju, on samples of what it shows."""

import json
import pathlib

import pytest

from tests.integration import shown

SAMPLES = pathlib.Path(shown.__file__).parent / 'samples'
CONNECTOR = (SAMPLES / 'connector-unit.json').read_text()
OPENCTI = (SAMPLES / 'opencti-unit.json').read_text()


def test_what_a_connector_sees():
    (relation,) = shown.relations(CONNECTOR)
    assert relation.relation_id == 4
    shown.assert_connection(relation)
    with pytest.raises(KeyError):
        shown.assert_details(relation, 'x', 'STREAM')


def test_what_opencti_sees():
    (relation,) = shown.relations(OPENCTI)
    shown.assert_details(relation, 'opencti-crowdstrike-connector', 'EXTERNAL_IMPORT')
    with pytest.raises(AssertionError):
        shown.assert_details(relation, 'opencti-crowdstrike-connector', 'STREAM')


@pytest.mark.parametrize(
    ('published', 'unit'),
    [
        ({'opencti_url': 'http://x', 'opencti_token': 'the-token-itself'}, {}),
        ({'opencti_url': 'x', 'opencti_token': 'secret:x'}, {}),
        ({'opencti_url': 'http://x', 'opencti_token': 'secret:x', 'token': 'x'}, {}),
        ({'opencti_url': 'http://x', 'opencti_token': 'secret:x'}, {'opencti_url': 'http://x'}),
    ],
)
def test_what_must_not_be_seen(published: dict[str, str], unit: dict[str, str]):
    output = json.loads(CONNECTOR)
    (info,) = output['crowdstrike/0']['relation-info']
    info['application-data'] = published
    info['related-units']['opencti/0']['data'] |= unit
    (relation,) = shown.relations(json.dumps(output))
    with pytest.raises(AssertionError):
        shown.assert_connection(relation)


def test_a_unit_without_such_a_relation():
    assert shown.relations(CONNECTOR, 'another-endpoint') == []
    assert shown.relations('{"opencti/0": {"leader": true}}') == []
