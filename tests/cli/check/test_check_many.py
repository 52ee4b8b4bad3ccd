# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Thousands of relations: the bad ones come first, and those in order are counted."""

from typing import Any

from . import dumps
from .fake_juju import CONNECTOR, FakeJuju, answers, app, status


def of(count: int, silent: set[int], hidden: frozenset[int] = frozenset()) -> dict[str, Any]:
    """An OpenCTI of Juju 4 with so many connectors."""
    dump = dumps.opencti(
        *(
            dumps.relation(
                {} if number in silent else dumps.CONNECTION,
                {f'c{number}-connector/0': {}},
                relation_id=number,
            )
            for number in range(count)
        )
    )
    for number in range(count):
        if number not in hidden:
            info = dumps.relation(dumps.DETAILS, {'opencti/0': {}}, relation_id=number)
            dump |= dumps.connector(info, name=f'c{number}-connector/0')
    return dump


def test_a_summary_names_the_bad_ones_first():
    lines = dumps.check(of(3000, {7, 2999}, frozenset({9}))).output.splitlines()
    assert lines[:4] == [
        '3000 relations: 2 wrong, 1 incomplete, 2997 in order',
        '  Relation 7: opencti:opencti-connector and c7-connector:opencti-connector: silent',
        '  Relation 2999: opencti:opencti-connector and c2999-connector:opencti-connector: silent',
        '',
    ]
    titles = [line for line in lines if line.startswith('Relation ')]
    assert [title.split(':')[0] for title in titles] == [
        'Relation 7',
        'Relation 2999',
        'Relation 9',
    ]


def test_a_few_are_all_shown():
    output = dumps.check(of(12, {3})).output
    assert output.count('\nRelation ') == 11
    assert 'in order' not in output


def test_json_has_them_all():
    assert len(dumps.report(of(50, {3}))['relations']) == 50


def test_of_many_units_with_problems_the_errors_come_first(juju: FakeJuju):
    names = [f'c{number}-connector' for number in range(30)]
    apps = {
        name: app(
            CONNECTOR,
            'opencti',
            unit=f'{name}/0',
            status=('blocked' if name == names[-1] else 'waiting', 'for x'),
        )
        for name in names
    }
    whole = status(opencti=app('opencti', ' '.join(names), unit='opencti/0'), **apps)
    juju.models[''] = answers(of(30, set()), status=whole)
    output = juju.check().stdout
    (first,) = (line for line in output.splitlines() if line.startswith('  error'))
    assert first == '  error  c29-connector/0 has the status blocked: for x'
    assert output.count('\n  note ') == 11
    assert '  and 18 more: --format json has all' in output
