# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Values and defaults that fit a schema only loosely, as upstream's own often do."""

import pathlib
from typing import Any

import pytest

from tests.cli import metadata
from tests.cli.generated import Generated, new, options

TLP = {'type': 'string', 'enum': ['white', 'green', 'TLP:RED']}
LISTS: dict[str, Any] = {
    'X_TEXTS': {'type': 'array', 'items': {'type': 'string'}},
    'X_CHOICES': {'type': 'array', 'items': TLP},
    'X_NUMBERS': {'type': 'array', 'items': {'type': 'integer'}},
}


@pytest.fixture
def make(tmp_path: pathlib.Path):
    """Make a charm of these variables, and return what the command said."""

    def run(properties: dict[str, Any], required: list[str] | None = None) -> str:
        manifest = metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)
        schema = metadata.schema(properties, required)
        file = metadata.write(tmp_path / 'schema.json', schema)
        result = new(tmp_path / 'charm', manifest, f'--schema={file}')
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.mark.parametrize('value', ['White', 'GREEN', 'tlp:red', 'TLP:RED'])
@pytest.mark.parametrize(
    ('declared', 'text'),
    [
        (TLP, '{}'),
        ({'type': 'array', 'items': TLP}, 'green, {}'),
        ({'anyOf': [{'type': 'integer'}, TLP]}, '{}'),
    ],
)
def test_a_choice_in_any_case_is_passed_on_unchanged(
    tmp_path: pathlib.Path, make: Any, declared: dict[str, Any], text: str, value: str
):
    make({'X_TLP': declared})
    charm = Generated(tmp_path / 'charm')
    out = charm.run({'x-tlp': text.format(value)})

    assert out.unit_status.name == 'active'
    assert charm.environment(out)['X_TLP'] == text.format(value)


def test_a_choice_that_differs_by_case_only(tmp_path: pathlib.Path, make: Any):
    make({'X_STATUS': {'type': 'string', 'enum': ['new', 'New'], 'default': 'NEW'}})
    charm = Generated(tmp_path / 'charm')

    assert options(tmp_path / 'charm')['x-status']['default'] == 'NEW'
    assert charm.run({'x-status': 'New'}).unit_status.name == 'active'
    assert charm.run({'x-status': 'old'}).unit_status.name == 'blocked'


@pytest.mark.parametrize('name', [each.lower().replace('_', '-') for each in LISTS])
@pytest.mark.parametrize('blank', ['{0},', '{0}, {0},', '{0},,{0}', ',{0}', ',', ' ', ' , '])
def test_a_blank_item(tmp_path: pathlib.Path, make: Any, name: str, blank: str):
    make(LISTS)
    item = {'x-texts': 'cve', 'x-choices': 'white', 'x-numbers': '80'}[name]
    out = Generated(tmp_path / 'charm').run({name: blank.format(item)})

    assert out.unit_status.name == 'blocked'
    assert out.unit_status.message == f'invalid configuration: {name}: an item is empty'


@pytest.mark.parametrize(
    'declared',
    [
        {'type': 'array', 'items': {'type': 'string'}, 'default': ['A,B']},
        {'type': 'array', 'items': TLP, 'default': ['white,green']},
        {'type': 'array', 'items': {'type': 'string'}, 'default': ['a', '']},
        {'type': 'array', 'items': {'type': 'string'}, 'default': 'a,,b'},
        {'type': 'array', 'items': {'type': 'string'}, 'default': [{'a': 1}]},
        {'type': 'array', 'items': {'type': 'string'}, 'default': {'a': 1}},
        {'type': 'string', 'default': ['a']},
        {'type': 'string', 'default': {}},
        {'type': 'string', 'enum': ['a'], 'default': 'b'},
        {'type': 'string', 'format': 'uri', 'default': 'nowhere'},
        {'type': 'boolean', 'default': 'false'},
        {'type': 'boolean', 'default': 1},
        {'type': 'integer', 'default': 1.5},
        {'type': 'integer', 'default': 10**30},
        {'type': 'integer', 'default': '5'},
        {'type': 'integer', 'default': True},
        {'type': 'integer', 'default': 0, 'minimum': 1},
        {'type': 'number', 'default': '0.5'},
        {'type': 'number', 'default': float('inf')},
        {'type': 'number', 'default': float('nan')},
        {'type': 'number', 'default': 10**400},
        {'type': 'number', 'default': False},
    ],
    ids=lambda declared: f'{declared["type"]}-{declared["default"]}',
)
@pytest.mark.parametrize('required', [False, True])
def test_an_unfit_default(
    tmp_path: pathlib.Path, make: Any, declared: dict[str, Any], required: bool
):
    output = make({'X_UNFIT': declared}, ['X_UNFIT'] if required else [])

    assert 'Note: x-unfit: its type refuses its default, which is left out.' in output
    assert 'default' not in options(tmp_path / 'charm')['x-unfit']
    assert ('optional' in options(tmp_path / 'charm')['x-unfit']) is required


@pytest.mark.parametrize(
    ('declared', 'default'),
    [
        ({'type': 'integer', 'default': 2.0}, 2),
        ({'type': 'number', 'default': 2}, 2.0),
        ({'type': 'string', 'default': 5}, '5'),
        ({'type': 'array', 'default': [5, True]}, '5,true'),
    ],
)
def test_a_default_that_is_only_spelled_differently(
    tmp_path: pathlib.Path, make: Any, declared: dict[str, Any], default: Any
):
    assert 'Note' not in make({'X_FIT': declared}, ['X_FIT'])
    assert options(tmp_path / 'charm')['x-fit'] == {
        'type': options(tmp_path / 'charm')['x-fit']['type'],
        'default': default,
    }
    assert options(tmp_path / 'charm')['x-fit']['default'].__class__ is default.__class__


@pytest.mark.parametrize(
    'declared', [{'type': 'array', 'default': []}, {'type': 'string', 'default': ''}]
)
def test_required_with_an_empty_default(
    tmp_path: pathlib.Path, make: Any, declared: dict[str, Any]
):
    assert 'Note' not in make({'X_EMPTY': declared}, ['X_EMPTY'])

    assert options(tmp_path / 'charm')['x-empty'] == {'type': 'string', 'optional': False}
    for config in {}, {'x-empty': ''}:
        message = Generated(tmp_path / 'charm').run(config).unit_status.message
        assert message == 'missing configuration: x-empty (set with juju config)'


def test_a_platform_variable_that_is_required_and_not_declared(tmp_path: pathlib.Path, make: Any):
    schema = metadata.schema({'X_A': {'type': 'string'}}, ['CONNECTOR_ID', 'CONNECTOR_TYPE'])
    for name in metadata.PLATFORM:
        del schema['properties'][name]
    manifest = metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)
    file = metadata.write(tmp_path / 'schema.json', schema)

    assert new(tmp_path / 'charm', manifest, f'--schema={file}').exit_code == 0


@pytest.mark.parametrize(
    'branch', ['master', 'oob/connector_manager', 'a/b/c'], ids=lambda branch: branch.count('/')
)
@pytest.mark.parametrize('end', ['', '/', '?tab=readme', '#readme', '/#readme'])
def test_the_branch_may_have_slashes(tmp_path: pathlib.Path, branch: str, end: str):
    tree = f'https://github.com/OpenCTI-Platform/connectors/tree/{branch}'
    changed = {**metadata.MANIFEST, 'source_code': f'{tree}/external-import/cve{end}'}
    manifest = metadata.write(tmp_path / 'manifest.json', changed)

    assert '`python -m src` in /opt/opencti-connector-cve' in (
        new(tmp_path / 'charm', manifest).output
    )


def test_byte_order_marks(tmp_path: pathlib.Path):
    manifest = metadata.write(tmp_path / 'connector_manifest.json', metadata.MANIFEST)
    files = {
        manifest,
        metadata.write(tmp_path / 'connector_config_schema.json', metadata.schema({})),
        metadata.write(tmp_path / 'Dockerfile', 'FROM a\nCMD ["a"]\n'),
    }
    for file in files:
        file.write_bytes(b'\xef\xbb\xbf' + file.read_bytes())

    assert new(tmp_path / 'charm', manifest).exit_code == 0
