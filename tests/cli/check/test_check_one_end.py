# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""One end is shown: it is incomplete, and the other command shows both."""

from typing import Any

import pytest

from . import dumps

SHOW_BOTH = 'juju show-unit crowdstrike/0 opencti/0 | opencti-connector check'
DUMP = dumps.connector(dumps.relation(dumps.CONNECTION, {'opencti/0': {}}))


def test_it_is_incomplete():
    shown = dumps.told(DUMP)
    assert 'Incomplete: nothing is wrong in what is shown, but one end is not' in shown
    assert SHOW_BOTH in shown
    assert dumps.report(DUMP)['complete'] is False


@pytest.mark.parametrize(
    ('dump', 'arguments', 'code'),
    [
        (DUMP, [], 0),
        (DUMP, ['--strict'], 1),
        (dumps.in_juju_3(), ['--strict'], 0),
        (dumps.in_juju_4(connection={}), ['--strict'], 1),
    ],
)
def test_exit_codes(dump: Any, arguments: list[str], code: int):
    assert dumps.check(dump, *arguments).exit_code == code


@pytest.mark.parametrize(
    ('data', 'silent', 'notes'),
    [
        (dumps.DETAILS, 'opencti', ['not-shown']),
        (dumps.CONNECTION, 'connector', ['not-shown', 'grant-not-shown']),
    ],
    ids=['juju-3', 'juju-4'],
)
def test_opencti_is_shown(data: dict[str, str], silent: str, notes: list[str]):
    dump = dumps.opencti(dumps.relation(data, {'crowdstrike/0': {}}))
    assert dumps.notes(dump) == notes
    note = dumps.findings(dumps.report(dump))[0]
    assert note['side'] == silent
    assert note['next'] == 'juju show-unit opencti/0 crowdstrike/0 | opencti-connector check'


@pytest.mark.parametrize('data', [dumps.CONNECTION, dumps.DETAILS])
def test_nothing_is_written_and_the_version_shows(data: dict[str, str]):
    # The first relation tells which side is silent in the second.
    dump = dumps.opencti(
        dumps.relation(data, {'crowdstrike/0': {}}),
        dumps.relation({}, {'misp-connector/0': {}}, relation_id=5),
    )
    ((code, side, _, _),) = dumps.errors(dump)
    assert code == 'silent'
    assert side == ('opencti' if data is dumps.CONNECTION else 'connector')


def test_nothing_is_written_across_models_in_juju_3():
    relation = dumps.relation({}, {'opencti/0': {}}, **{'cross-model': True})
    assert dumps.errors(dumps.connector(relation)) == [
        ('silent', 'opencti', None, 'juju status --model OTHER-MODEL --relations OPENCTI')
    ]


def test_nothing_is_written_and_the_version_does_not_show():
    dump = dumps.connector(dumps.relation({}, {'opencti/0': {}}))
    assert dumps.errors(dump) == [('silent', None, None, SHOW_BOTH)]


def test_names_do_not_tell_which_side_it_is():
    dump = {'feed/0': dumps.unit('feed', dumps.relation({'connector_type': 'X'}, {}))}
    command = 'juju debug-log --replay --include feed'
    assert dumps.errors(dump) == [
        ('unusable', 'connector', 'connector_type', 'juju refresh feed'),
        ('half-written', 'connector', 'connector_charm_name', command),
    ]
    assert 'The connector wrote' in dumps.check(dump).output


def test_the_name_of_the_other_end_tells():
    info = dumps.relation({'connector_type': 'X'}, {'misp-connector/0': {}})
    assert dumps.errors({'platform/0': dumps.unit('platform', info)})[0][3] == (
        'juju refresh misp-connector'
    )


def test_names_of_both_ends_do_not_tell():
    info = dumps.relation(dumps.CONNECTION | {'opencti_url': 'x'}, {'b/0': {}})
    assert dumps.errors({'a/0': dumps.unit('a', info)}) == [
        ('unusable', 'opencti', 'opencti_url', 'juju debug-log --replay --include a --include b')
    ]
