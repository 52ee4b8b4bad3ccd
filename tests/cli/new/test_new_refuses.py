# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `new` refuses: it names the file, the field and the problem, and writes nothing."""

import os
import pathlib
from typing import Any

import pytest

from tests.cli import metadata
from tests.cli.generated import new


def refused(
    tmp_path: pathlib.Path,
    *,
    manifest: Any = metadata.MANIFEST,
    schema: Any = None,
    arguments: tuple[str, ...] = (),
) -> str:
    """Return the error, and check that nothing was written."""
    files = [metadata.write(tmp_path / 'manifest.json', manifest)]
    if schema is not None:
        files += ['--schema', metadata.write(tmp_path / 'schema.json', schema)]
    before = sorted(tmp_path.rglob('*'))
    result = new(tmp_path / 'charm', *files, *arguments)
    assert result.exit_code == 2, result.output
    assert sorted(tmp_path.rglob('*')) == before
    return result.output


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'slug': ''}, 'slug: '),
        ({'slug': '???'}, 'slug: gives no name for a charm; pass --name'),
        ({'slug': 'a' * 31}, 'slug: gives no name for a charm; pass --name'),
        ({'title': None}, 'title: '),
        ({'container_type': 'NO_SUCH_TYPE'}, 'container_type: must be one of EXTERNAL_IMPORT'),
        ({'container_image': 5}, 'container_image: '),
        ({'container_version': ''}, 'container_version: '),
    ],
)
def test_manifest(tmp_path: pathlib.Path, change: dict[str, Any], words: str):
    error = refused(tmp_path, manifest={**metadata.MANIFEST, **change})

    assert f'manifest.json: {words}' in error


@pytest.mark.parametrize('text', ['', '[]', '{', '{"title": "only"}', 'null'])
def test_no_manifest(tmp_path: pathlib.Path, text: str):
    assert 'manifest.json: ' in refused(tmp_path, manifest=text)


def test_no_file(tmp_path: pathlib.Path):
    result = new(tmp_path / 'charm', tmp_path / 'nothing.json')

    assert result.exit_code == 2
    assert 'nothing.json: No such file or directory' in result.output


@pytest.mark.parametrize(
    ('declared', 'words'),
    [
        ({'type': 'object'}, "type: Input should be 'string'"),
        ({'type': 'object', 'properties': {'a': {'type': 'string'}}}, 'type: '),
        ({'type': 'string', 'additionalProperties': True}, 'additionalProperties is not'),
        ({'type': 'null'}, 'type: '),
        ({'type': 'file'}, 'type: '),
        ({'description': 'no type'}, 'type: Field required'),
        ({'enum': ['a', 1]}, 'type: '),
        ({'$ref': '#/$defs/X'}, '$ref is not supported'),
        ({'allOf': [{'type': 'string'}, {'minLength': 1}]}, 'allOf of 2 schemas'),
        ({'anyOf': [{'type': 'null'}]}, 'anyOf of 0 schemas'),
        ({'anyOf': 'string'}, 'anyOf must be a list of schemas'),
        ({'anyOf': [{'type': 'string'}, {'type': 'object'}]}, 'type: '),
        ({'anyOf': [{'type': 'string'}, {'type': {}}]}, 'type: '),
        ({'type': 'array', 'items': {'type': 'object'}}, 'items.type: '),
        ({'type': 'array', 'items': {'type': 'array'}}, 'an array of arrays is not supported'),
        ({'type': 'string', 'pattern': '('}, 'pattern: is not a regular expression'),
        ({'type': 'string', 'enum': ['a', 1]}, 'the enum has 1, which is not of the type string'),
        ({'type': 'integer', 'enum': ['1']}, "the enum has '1', which is not of the type integer"),
        ({'type': 'integer', 'enum': [True]}, 'the enum has True'),
        ({'enum': [None]}, 'type: '),
        ({'type': 'string', 'enum': []}, 'enum: '),
        ({'type': 'number', 'enum': [float('nan')]}, 'enum.0'),
        ({'type': 'number', 'minimum': float('inf')}, 'minimum: '),
        ({'type': 'integer', 'maximum': 1.5}, 'the bound 1.5 of an integer is none'),
        ({'type': 'integer', 'multipleOf': 0}, 'multipleOf: '),
        ({'type': 'string', 'minLength': -1}, 'minLength: '),
        ('string', 'Input should be'),
    ],
)
def test_property(tmp_path: pathlib.Path, declared: Any, words: str):
    error = refused(tmp_path, schema=metadata.schema({'X_ODD': declared}))

    assert 'schema.json: properties.X_ODD' in error
    assert words in error


@pytest.mark.parametrize('variable', ['x_lower', 'X-HYPHEN', 'X_', '_X', '1X', 'X__Ä', '', 'X Y'])
def test_no_option_can_set_the_variable(tmp_path: pathlib.Path, variable: str):
    error = refused(tmp_path, schema=metadata.schema({variable: {'type': 'string'}}))

    assert f'schema.json: properties.{variable}: no option can set this variable' in error


@pytest.mark.parametrize(
    ('schema', 'words'),
    [
        ({'type': 'array'}, 'type: '),
        ({'type': 'object'}, 'properties: Field required'),
        ({'type': 'object', 'properties': {}, 'required': ['X']}, 'required: X is not among'),
        (metadata.MANIFEST, 'type: '),
        (
            {'type': 'object', 'properties': {'CONNECTOR_TYPE': {'const': 'NONE'}}},
            'properties.CONNECTOR_TYPE: must be one of',
        ),
    ],
)
def test_no_schema_of_this_kind(tmp_path: pathlib.Path, schema: Any, words: str):
    assert f'schema.json: {words}' in refused(tmp_path, schema=schema)


@pytest.mark.parametrize('name', ['Upper', 'a' * 41, '1a', 'a-1', 'a--b', '-a', 'a_b'])
def test_name(tmp_path: pathlib.Path, name: str):
    assert '--name' in refused(tmp_path, arguments=(f'--name={name}',))


def test_directory_not_empty(tmp_path: pathlib.Path):
    (tmp_path / 'charm').mkdir()
    (tmp_path / 'charm' / 'file').touch()

    assert 'charm: is not empty' in refused(tmp_path)


def test_directory_is_a_file(tmp_path: pathlib.Path):
    (tmp_path / 'charm').touch()

    assert 'charm: Not a directory' in refused(tmp_path)


def test_no_directory_above(tmp_path: pathlib.Path):
    manifest = metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)
    result = new(tmp_path / 'no' / 'charm', manifest)

    assert 'charm: its parent directory does not exist' in result.output


@pytest.mark.parametrize('exists', [True, False])
@pytest.mark.parametrize(
    ('place', 'fails'),
    [(pathlib.Path, 'mkdir'), (os, 'chmod'), (pathlib.Path, 'replace')],
    ids=lambda each: each if isinstance(each, str) else '',
)
def test_nothing_is_written_half(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, place: Any, fails: str, exists: bool
):
    if exists:
        (tmp_path / 'charm').mkdir()
    real = getattr(place, fails)
    calls: list[object] = []

    def second_fails(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise OSError(28, 'No space left on device')
        real(*args)

    monkeypatch.setattr(place, fails, second_fails)
    assert 'No space left on device' in refused(tmp_path)
