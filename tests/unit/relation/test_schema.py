# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

import pydantic
import pytest

from opencti_connector import (
    ConnectorDetails,
    ConnectorType,
    InvalidRelationData,
    OpenctiConnection,
    RelationDataMissing,
)
from opencti_connector._relation.schema import ConnectionData

from ..values import CONNECTOR_ID, DETAILS, MARK, TOKEN, URL

SECRET_ID = 'secret:cjqub6vubg2s77p3nio0'
CONNECTION = {'opencti_url': URL, 'opencti_token': SECRET_ID}
NOT_A_URL = (
    'opencti_url: must be an http:// or https:// URL with a host, '
    'and without blanks, backslashes or control characters'
)
NOT_AN_ID = (
    "opencti_token: must be the id of a Juju secret, 'secret:<id>' or "
    "'secret://<model-uuid>/<id>', and never the token itself"
)


def test_the_types_are_those_of_opencti():
    assert [str(member) for member in ConnectorType] == [
        'EXTERNAL_IMPORT',
        'INTERNAL_ENRICHMENT',
        'INTERNAL_IMPORT_FILE',
        'INTERNAL_EXPORT_FILE',
        'INTERNAL_ANALYSIS',
        'STREAM',
    ]


@pytest.mark.parametrize(
    'spelling', ['INTERNAL_EXPORT_FILE', 'internal-export-file', 'Internal-Export_File']
)
def test_a_type_is_read_in_any_deployed_spelling(spelling: str):
    details = ConnectorDetails.read({**DETAILS, 'connector_type': spelling})
    assert details.connector_type is ConnectorType.INTERNAL_EXPORT_FILE


@pytest.mark.parametrize(
    'name', ['a', 'opencti-crowdstrike-connector', 'my_charm', 'MyCharm', '7zip', 'a.b', 'x' * 128]
)
def test_charm_names(name: str):
    details = ConnectorDetails.read({**DETAILS, 'connector_charm_name': name})
    assert details.connector_charm_name == name


@pytest.mark.parametrize(
    ('written', 'read'),
    [
        ({}, None),
        ({'connector_id': ''}, None),
        ({'connector_id': CONNECTOR_ID}, CONNECTOR_ID),
        ({'connector_id': CONNECTOR_ID.upper()}, CONNECTOR_ID.upper()),
    ],
)
def test_the_connector_id_is_optional(written: dict[str, str], read: str | None):
    assert ConnectorDetails.read({**DETAILS, **written}).connector_id == read


def test_unknown_keys_are_ignored():
    assert ConnectorDetails.read({**DETAILS, 'model_config': 'x', 'later': 'y'}) is not None


@pytest.mark.parametrize(
    ('databag', 'missing'),
    [
        ({}, 'opencti_url and opencti_token'),
        ({'opencti_url': URL}, 'opencti_token'),
        ({'opencti_token': SECRET_ID}, 'opencti_url'),
        ({'opencti_url': URL, 'opencti_token': ''}, 'opencti_token'),
    ],
)
def test_it_waits_for_what_is_missing(databag: dict[str, str], missing: str):
    with pytest.raises(RelationDataMissing, match=f'^waiting for {missing}$'):
        ConnectionData.read(databag)


def test_what_is_unusable_counts_before_what_is_missing():
    with pytest.raises(InvalidRelationData) as info:
        ConnectionData.read({'opencti_url': 'nonsense'})
    assert str(info.value) == NOT_A_URL


def test_all_that_is_unusable_is_named():
    with pytest.raises(InvalidRelationData) as info:
        ConnectionData.read({'opencti_url': 'nonsense', 'opencti_token': 'nonsense'})
    assert str(info.value) == f'{NOT_A_URL}; {NOT_AN_ID}'


@pytest.mark.parametrize(
    'url',
    [
        URL,
        'http://opencti-endpoints.stg-opencti.svc:8080/',
        'https://opencti.example.com/a/prefix',
        'https://opencti.example.com/a//prefix/',
        'HTTPS://Opencti.Example.com',
        'http://10.1.2.3:8080',
        'http://[2001:db8::1]:8080/x',
        'http://localhost',
        'http://münchen.example/ü',
        'http://user@opencti.example',
    ],
)
def test_a_url_is_passed_on_byte_for_byte(url: str):
    assert ConnectionData.read({**CONNECTION, 'opencti_url': url}).opencti_url == url
    assert OpenctiConnection(url=url, token=pydantic.SecretStr(TOKEN)).url == url


@pytest.mark.parametrize(
    'secret_id',
    [
        SECRET_ID,
        'secret:secret-id',
        f'secret://59060ecc-0495-4a80-8006-5f1fc13fd783/{SECRET_ID[7:]}',
    ],
)
def test_secret_ids(secret_id: str):
    data = ConnectionData.read({**CONNECTION, 'opencti_token': secret_id})
    assert data.opencti_token == secret_id


NOT_A_TYPE = (
    'connector_type: must be one of EXTERNAL_IMPORT, INTERNAL_ENRICHMENT, '
    'INTERNAL_IMPORT_FILE, INTERNAL_EXPORT_FILE, INTERNAL_ANALYSIS, STREAM'
)
NOT_A_NAME = (
    "connector_charm_name: must be a charm's name: at most 128 letters, digits, '-', '_' "
    "or '.', the first a letter or digit"
)
UNUSABLE: dict[str, list[str]] = {
    NOT_A_TYPE: [
        'INTERNAL_EXPORT_FILE ',
        ' internal_export_file',
        '"INTERNAL_EXPORT_FILE"',
        'INTERNAL EXPORT FILE',
        'INTERNAL_EXPORT_FILE\n',
        'INTERNAL_EXPORT_FILE\0',
        '\u0131nternal_export_f\u0131le',  # Dotless i, whose capital is an ASCII I.
        'INTERNAL_EXPORT_\ufb01le',  # A ligature, whose capitals are ASCII.
        'INTERNAL_EXPORT',
        'ConnectorType.STREAM',
        '__class__',
    ],
    NOT_A_NAME: [
        'a b',
        '-a',
        'a/b',
        'a\nb',
        'a\n',
        'ä',
        '"a"',
        'x' * 129,
        'x' * 65536,
        '\ud800',
        '\0',
    ],
    'connector_id: must be a UUID': [
        '7',
        'not-a-uuid',
        CONNECTOR_ID[:-1],
        'é' * 32,
        f'{CONNECTOR_ID}\n',
        # What the standard library accepts as a UUID, too.
        CONNECTOR_ID.replace('-', ''),
        f'{{{CONNECTOR_ID}}}',
        f'urn:uuid:{CONNECTOR_ID}',
        '\n' + '0' * 30 + '\t',
        '0_' * 15 + '00',
        '\uff10' * 32,
    ],
    NOT_A_URL: [
        'opencti.example:8080',
        'ftp://opencti.example',
        'http://',
        'http:///path',
        'http:opencti.example',
        'http://:8080',
        'http://[bad',
        'http://[bad]',
        'http://opencti.example:port',
        'http://opencti.example:99999',
        'http://opencti.example/a b',
        'http://opencti .example',
        ' http://opencti.example',
        'http://opencti.example\n',
        'http://opencti.example\0',
        'http://opencti.example\\@elsewhere.example',
        '"http://opencti.example"',
        'http://\ud800',
        'http://exa<mple',
        TOKEN,
    ],
    # A token in place of its secret is refused unseen.
    NOT_AN_ID: [
        TOKEN,
        'cjqub6vubg2s77p3nio0',
        'secret:',
        'secret:/x',
        'secret://x',
        'secret:///x',
        'secret:a b',
        f'{SECRET_ID}\n',
        f' {SECRET_ID}',
        f'"{SECRET_ID}"',
        'secret:ä',
        'SECRET:x',
        '--help',
    ],
}


@pytest.mark.parametrize(
    ('problem', 'value'), [(key, value) for key, values in UNUSABLE.items() for value in values]
)
def test_what_is_unusable(problem: str, value: str):
    field = problem.partition(':')[0]
    model, valid = (ConnectionData, CONNECTION)
    if field.startswith('connector'):
        model, valid = (ConnectorDetails, DETAILS)
    with pytest.raises(InvalidRelationData) as info:
        model.read({**valid, field: value})
    assert str(info.value) == problem


class _Databag(dict[str, str]):
    """A databag that records what is written."""

    def __init__(self, *args: object):
        super().__init__(*args)
        self.updates: list[dict[str, str]] = []

    def update(self, values: dict[str, str]) -> None:  # type: ignore[override]
        self.updates.append(values)
        super().update(values)


def test_what_is_written_is_plain_text():
    databag = _Databag()
    ConnectorDetails.read({**DETAILS, 'connector_type': 'external-import'}).write(databag)
    assert databag == DETAILS
    # A member of an enumeration is a string, too, but not one that every encoder takes.
    assert {type(value) for value in databag.values()} == {str}


def test_only_what_differs_is_written():
    databag = _Databag({**DETAILS, 'connector_type': 'STREAM', 'connector_id': CONNECTOR_ID})
    details = ConnectorDetails.read(DETAILS)
    details.write(databag)
    assert databag.updates == [{'connector_type': 'EXTERNAL_IMPORT'}]
    assert databag['connector_id'] == CONNECTOR_ID
    details.write(databag)
    assert len(databag.updates) == 1


def test_a_connection_does_not_show_its_token():
    connection = OpenctiConnection(url=URL, token=pydantic.SecretStr(TOKEN))
    assert MARK not in f'{connection} {connection!r} {connection.model_dump_json()}'
    with pytest.raises(pydantic.ValidationError):
        connection.url = 'http://elsewhere.example'


@pytest.mark.parametrize(
    'token', ['', ' ', '\t\n', f'{TOKEN}\n', f'{MARK} x', f'{MARK}\0', f'{MARK}\x7f']
)
def test_unusable_tokens_are_not_shown(token: str):
    with pytest.raises(pydantic.ValidationError, match='must not') as info:
        OpenctiConnection(url=URL, token=pydantic.SecretStr(token))
    assert MARK not in f'{info.value} {info.value!r}'
