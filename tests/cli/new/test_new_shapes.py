# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Upstream's schema in every shape, and the charm made from it."""

import pathlib
import subprocess
from typing import Any

import pytest
import ruff

from tests.cli import metadata
from tests.cli.generated import Generated, new, options
from tests.cli.proof import prove


@pytest.fixture
def manifest(tmp_path: pathlib.Path) -> pathlib.Path:
    return metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)


@pytest.fixture
def schema(tmp_path: pathlib.Path) -> pathlib.Path:
    return metadata.write(tmp_path / 'schema.json', metadata.all_shapes())


@pytest.fixture
def charm(tmp_path: pathlib.Path, manifest: pathlib.Path, schema: pathlib.Path) -> pathlib.Path:
    result = new(tmp_path / 'charm', manifest, '--schema', schema)
    assert result.exit_code == 0, result.output
    return tmp_path / 'charm'


def test_all_shapes_run(tmp_path: pathlib.Path, manifest: pathlib.Path, schema: pathlib.Path):
    proof = prove(tmp_path / 'charm', manifest, schema)

    assert proof.failures == []
    assert proof.options == len(metadata.SHAPES) + len(metadata.REQUIRED)
    assert proof.wrong_values > len(metadata.SHAPES) / 2


def test_platform_variables_are_not_options(charm: pathlib.Path):
    variables = {name.replace('-', '_').upper() for name in options(charm)}

    assert variables == metadata.SHAPES.keys() | metadata.REQUIRED.keys()


@pytest.mark.parametrize(
    ('option', 'type', 'default'),
    [
        ('connector-scope', 'string', 'a,b'),
        ('connector-log-level', 'string', 'error'),
        ('x-array-empty', 'string', ''),
        ('x-array-text', 'string', 'a,b'),
        ('x-array-unsplit', 'string', 'true'),
        ('x-boolean', 'boolean', False),
        ('x-date-time-back', 'string', 'P30D'),
        ('x-enum-integers', 'int', 2),
        ('x-long', 'string', metadata.LONG),
        ('x-no-default', 'string', None),
        ('x-nullable', 'int', None),
        ('x-number', 'float', 1.0),
        ('x-password', 'secret', None),
        ('x-secret', 'secret', None),
        ('x-array-secret', 'secret', None),
        ('x-string-empty', 'string', ''),
        ('x-string-number', 'string', '5'),
        ('x-string-yes', 'string', 'yes'),
        ('x-union', 'string', None),
        ('x-union-numbers', 'float', 1.0),
        ('x-unfit', 'string', None),
    ],
)
def test_type_and_default(charm: pathlib.Path, option: str, type: str, default: Any):  # noqa: A002
    declared = options(charm)[option]

    assert declared['type'] == type
    assert declared.get('default') == default
    assert declared.get('default').__class__ is default.__class__
    assert 'optional' not in declared


def test_required(charm: pathlib.Path):
    required = {name for name, each in options(charm).items() if each.get('optional') is False}

    assert required == {name.lower().replace('_', '-') for name in metadata.REQUIRED}


def test_descriptions_are_upstreams(charm: pathlib.Path):
    declared = options(charm)

    assert declared['x-long']['description'] == metadata.LONG.strip()
    assert declared['x-multiline']['description'] == 'One line.\n\n- another: "line"'
    assert 'description' not in declared['x-boolean']


def test_an_unfit_default_is_named(
    tmp_path: pathlib.Path, manifest: pathlib.Path, schema: pathlib.Path
):
    result = new(tmp_path / 'charm', manifest, '--schema', schema)

    assert 'Note: x-unfit: its type refuses its default, which is left out.' in result.output
    assert result.output.count('Note: ') == 1


def test_deprecated_if_asked_for(
    tmp_path: pathlib.Path, manifest: pathlib.Path, schema: pathlib.Path
):
    new(tmp_path / 'charm', manifest, '--schema', schema, '--deprecated')

    assert options(tmp_path / 'charm')['x-old'] == {'type': 'int', 'default': 3}


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('x-duration', '3600'),
        ('x-duration', '01:00:00'),
        ('x-duration', '-P1D'),
        ('x-duration', 'PT'),
        ('x-date-time', '1700000000'),
        ('x-date-time', '2026-13-01'),
        ('x-date', '0'),
        ('x-time', '43200'),
        ('x-url', 'localhost:8080'),
        ('x-email', 'a b@example.com'),
        ('x-json-object', '[]'),
        ('x-json-array', '{}'),
        ('x-enum-floats', 1.0),
        ('x-integer-steps', 7),
        ('x-union', 'manual'),
    ],
)
def test_wrong_although_pydantic_alone_might_accept_it(
    charm: pathlib.Path, option: str, value: str | float
):
    generated = Generated(charm)
    out = generated.run({option: value})

    assert out.unit_status.name == 'blocked'
    assert f'{option}: ' in out.unit_status.message


@pytest.mark.parametrize('value', ['2026-01-01T00:00:00+02:00', 'P1Y2M', 'PT0.5S'])
def test_right_dates_and_durations(charm: pathlib.Path, value: str):
    generated = Generated(charm)
    out = generated.run({'x-date-time': value})

    assert 'x-date-time' not in out.unit_status.message


def test_a_wrong_choice_names_the_choices_and_not_the_value(charm: pathlib.Path):
    out = Generated(charm).run({'connector-log-level': 'verbose'})

    assert all(level in out.unit_status.message for level in metadata.LEVELS)
    assert 'verbose' not in out.unit_status.message


def test_formatted_and_linted(charm: pathlib.Path):
    for verb in (['format', '--check'], ['check']):
        subprocess.run([ruff.find_ruff_bin(), *verb, '--isolated', str(charm)], check=True)
