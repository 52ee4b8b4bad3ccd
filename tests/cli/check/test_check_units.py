# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Units that go, that take no part, and whose charm is local."""

from typing import Any

import pytest

from . import dumps


@pytest.mark.parametrize('life', ['dying', 'dead'])
def test_a_unit_that_is_removed(both_ends: Any, life: str):
    dump = both_ends()
    dump['crowdstrike/0']['life'] = life
    assert dumps.errors(dump) == [
        ('dying', 'connector', None, 'juju status --relations crowdstrike')
    ]
    assert f'crowdstrike/0 is {life}' in dumps.told(dump)


def test_one_that_is_removed_while_another_stays(both_ends: Any):
    dump = both_ends()
    dump['crowdstrike/1'] = dump['crowdstrike/0'] | {'life': 'dying'}
    assert dumps.notes(dump) == ['dying', 'grant-not-shown']
    assert 'show another unit' not in dumps.told(dump)


def test_no_unit_takes_part(both_ends: Any):
    dump = both_ends()
    for related in dump['crowdstrike/0']['relation-info'][0]['related-units'].values():
        related['in-scope'] = False
    assert dumps.errors(dump) == [('out-of-scope', None, None, 'juju status --relations opencti')]
    assert 'no other unit of it is shown' in dumps.told(dump)


def test_one_of_two_takes_part(both_ends: Any):
    dump = both_ends()
    related = dump['crowdstrike/0']['relation-info'][0]['related-units']
    related['opencti/1'] = {'in-scope': False, 'data': None}
    assert dumps.notes(dump) == ['out-of-scope', 'grant-not-shown']
    assert 'opencti/1 takes no part' in dumps.told(dump)


def test_a_unit_of_another_model():
    other = f'remote-{"ab" * 16}/0'
    info = dumps.relation(dumps.DETAILS, {other: {}})
    info['related-units'][other]['in-scope'] = False
    dump = dumps.opencti(info)
    assert [code for code, *_ in dumps.errors(dump)] == ['out-of-scope']
    assert 'a unit of the other model takes no part' in dumps.told(dump)
    assert 'juju status --model OTHER-MODEL --relations' in dumps.told(dump)


def test_a_unit_that_leaves_is_the_cause_of_silence():
    dump = dumps.in_juju_4(connection={})
    dump['opencti/0']['life'] = 'dying'
    assert dumps.report(dump)['verdict']['code'] == 'dying'


def test_juju_refreshes_one_only_from_a_file(both_ends: Any):
    dump = both_ends(details=dumps.DETAILS | {'connector_type': 'X'})
    dump['crowdstrike/0']['charm'] = 'local:opencti-crowdstrike-connector-0'
    ((*_, command),) = dumps.errors(dump)
    assert command == 'juju refresh crowdstrike --path CHARM-FILE'
