# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is wrong with the values that one side wrote."""

from collections.abc import Callable
from typing import Any

import pytest

from . import dumps

TOKEN = 'flgrn_octi_tkn_' + 'a1B2' * 16
BothEnds = Callable[..., dict[str, Any]]


def test_all_is_valid(both_ends: BothEnds):
    found = dumps.report(both_ends())
    assert found == {
        'ok': True,
        'complete': True,
        'verdict': None,
        'seen': [],
        'relations': [
            {
                'id': 4,
                'cross-model': False,
                'units': ['crowdstrike/0', 'opencti/0'],
                'connector': {
                    'application': 'crowdstrike',
                    'wrote': {
                        'connector_charm_name': {
                            'usable': True,
                            'value': 'opencti-crowdstrike-connector',
                        },
                        'connector_type': {'usable': True, 'value': 'EXTERNAL_IMPORT'},
                        'connector_id': {'usable': True, 'value': None},
                    },
                },
                'opencti': {
                    'application': 'opencti',
                    'wrote': {
                        'opencti_url': {'usable': True, 'value': 'http://opencti:8080'},
                        'opencti_token': {'usable': True, 'value': dumps.SECRET_ID},
                    },
                },
                'seen': [],
                'log': [],
                'findings': [
                    {
                        'code': 'grant-not-shown',
                        'level': 'note',
                        'side': 'opencti',
                        'key': 'opencti_token',
                        'problem': "is valid; check that the secret's access names the connector",
                        'next': 'juju show-secret d2mq7mrubg2s77p3nio0',
                    }
                ],
            }
        ],
        'findings': [],
    }


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        ('connector_type', 'EXTERNAL'),
        ('connector_type', 'EXTERNAL IMPORT'),
        ('connector_charm_name', '-x'),
        ('connector_charm_name', 'a charm'),
        ('connector_id', 'crowdstrike'),
        ('connector_id', '{5f4e2a52-0f5a-4f4b-9f3c-4f7d4a1d2b3c}'),
    ],
)
def test_unusable_details(both_ends: BothEnds, key: str, value: str):
    dump = both_ends(details=dumps.DETAILS | {key: value})
    assert dumps.errors(dump) == [('unusable', 'connector', key, 'juju refresh crowdstrike')]
    assert '(unusable, not shown)' in dumps.check(dump).output


@pytest.mark.parametrize('value', ['opencti:8080', 'ftp://opencti', 'http://', 'http://a b'])
def test_unusable_url(both_ends: BothEnds, value: str):
    dump = both_ends(connection=dumps.CONNECTION | {'opencti_url': value})
    assert dumps.errors(dump) == [
        ('unusable', 'opencti', 'opencti_url', 'juju config opencti'),
    ]


@pytest.mark.parametrize(
    'value',
    [
        TOKEN,
        '88ec0c6a-13ce-4e39-b486-354fe4a7084f',
        'secret:88ec0c6a-13ce-4e39-b486-354fe4a7084f',
        f'secret:{TOKEN}',
        f'"{TOKEN}"',
        f'secret://88ec0c6a-13ce-4e39-b486-354fe4a7084f/{TOKEN}',
    ],
)
def test_the_token_itself(both_ends: BothEnds, value: str):
    dump = both_ends(connection=dumps.CONNECTION | {'opencti_token': value})
    assert dumps.errors(dump) == [
        ('token-published', 'opencti', 'opencti_token', 'juju refresh opencti'),
    ]
    output = dumps.check(dump).output
    assert 'revoke it in OpenCTI' in ' '.join(output.split())
    assert TOKEN not in output
    assert '88ec0c6a' not in output


@pytest.mark.parametrize('key', [*dumps.DETAILS, *dumps.CONNECTION])
def test_written_as_json(both_ends: BothEnds, key: str):
    details, connection = dict(dumps.DETAILS), dict(dumps.CONNECTION)
    side = details if key in details else connection
    side[key] = f'"{side[key]}"'
    ((code, _, found_key, _),) = dumps.errors(both_ends(details, connection))
    assert (code, found_key) == ('json', key)


@pytest.mark.parametrize('value', ['external_import', 'external-import', 'External-Import'])
def test_a_type_that_is_only_spelled_differently(both_ends: BothEnds, value: str):
    dump = both_ends(details=dumps.DETAILS | {'connector_type': value})
    assert dumps.notes(dump) == ['not-canonical', 'grant-not-shown']
    assert dumps.check(dump).exit_code == 0


@pytest.mark.parametrize('missing', ['connector_charm_name', 'connector_type'])
def test_half_written_details(both_ends: BothEnds, missing: str):
    details = {key: value for key, value in dumps.DETAILS.items() if key != missing}
    command = 'juju debug-log --replay --include crowdstrike'
    assert dumps.errors(both_ends(details)) == [('half-written', 'connector', missing, command)]


@pytest.mark.parametrize('missing', dumps.CONNECTION)
def test_half_written_connection(both_ends: BothEnds, missing: str):
    connection = dumps.CONNECTION | {missing: ''}
    command = 'juju debug-log --replay --include opencti'
    assert dumps.errors(both_ends(connection=connection)) == [
        ('half-written', 'opencti', missing, command)
    ]


def test_an_id_alone_is_half_written(both_ends: BothEnds):
    details = {'connector_id': dumps.CONNECTOR_ID}
    ((code, _, key, _),) = dumps.errors(both_ends(details))
    assert (code, key) == ('half-written', 'connector_charm_name')


def test_no_id_is_valid(both_ends: BothEnds):
    details = {k: v for k, v in dumps.DETAILS.items() if k != 'connector_id'}
    assert dumps.errors(both_ends(details)) == []


def test_several_errors_at_once(both_ends: BothEnds):
    dump = both_ends({'connector_type': 'X'}, {'opencti_url': 'x', 'opencti_token': 'y'})
    assert [(code, key) for code, _, key, _ in dumps.errors(dump)] == [
        ('unusable', 'connector_type'),
        ('half-written', 'connector_charm_name'),
        ('unusable', 'opencti_url'),
        ('token-published', 'opencti_token'),
    ]


@pytest.mark.parametrize(
    ('url', 'shown'),
    [
        ('https://opencti.example.com/', 'https://opencti.example.com'),
        ('https://user:password@opencti/prefix?key=value', 'https://opencti/...'),
        ('http://[fd42::1]:8080', 'http://[fd42::1]:8080'),
        ('http://88ec0c6a-13ce-4e39-b486-354fe4a7084f.example.com', None),
        ('http://b\u00fccher.example.com', None),
    ],
)
def test_what_is_shown_of_a_url(both_ends: BothEnds, url: str, shown: str | None):
    found = dumps.report(both_ends(connection=dumps.CONNECTION | {'opencti_url': url}))
    (relation,) = found['relations']
    assert relation['opencti']['wrote']['opencti_url'] == {'usable': True, 'value': shown}


def test_a_models_uuid_is_not_shown_because_it_may_be_a_token(both_ends: BothEnds):
    long = f'secret://{dumps.CONNECTOR_ID}/{dumps.SECRET_ID.removeprefix("secret:")}'
    output = dumps.check(both_ends(connection=dumps.CONNECTION | {'opencti_token': long})).output
    assert f'secret://<model-uuid>/{dumps.SECRET_ID.removeprefix("secret:")}' in output
    assert dumps.CONNECTOR_ID not in output


@pytest.mark.parametrize('name', ['88ec0c6a-13ce-4e39-b486-354fe4a7084f', 'aB3', 'a' * 64])
def test_a_charm_name_that_may_be_a_token_is_not_shown(both_ends: BothEnds, name: str):
    found = dumps.report(both_ends(details=dumps.DETAILS | {'connector_charm_name': name}))
    (relation,) = found['relations']
    value = relation['connector']['wrote']['connector_charm_name']
    assert value == {'usable': True, 'value': None}
