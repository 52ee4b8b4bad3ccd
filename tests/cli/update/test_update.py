# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `update` changes in a charm when metadata is newer."""

import os
import pathlib
import subprocess
import sys

import pytest
import yaml
from click.testing import Result

from tests.cli import metadata
from tests.cli.generated import options
from tests.cli.update.kept import PROPERTIES, Kept
from tests.cli.update.updates import ALL, HANDWRITTEN, NEWER, snapshot, update, with_schema


def rows(result: Result) -> dict[str, str]:
    """Return the table's rows by their option."""
    lines = (line.split(maxsplit=1) for line in result.output.splitlines() if '  ' in line.strip())
    return {words[0]: ' '.join(words[1].split()) for words in lines if len(words) > 1}


def test_only_the_options_and_the_model_change(generated: pathlib.Path):
    before = snapshot(generated)
    properties = {**ALL, 'X_NEW': {'type': 'string'}}
    result = with_schema(generated, properties, required=tuple(metadata.REQUIRED))

    assert result.exit_code == 0
    after = snapshot(generated)
    changed = {path.name for path in after if after[path] != before[path]}
    assert changed == {'charmcraft.yaml', 'config.py', 'opencti-connector.toml'}
    old, text = (each[generated / 'charmcraft.yaml'].decode() for each in (before, after))
    assert text == old + '    x-new:\n      type: string\n'


def test_the_table(generated: pathlib.Path):
    properties = {
        **ALL,
        'X_BOOLEAN': {'type': 'boolean', 'default': True},
        'X_INTEGER': {'type': 'string', 'default': '1'},
        'X_LENGTH': {'type': 'string'},
        'X_URI': {'type': 'string', 'description': 'New words.'},
        'X_NEW': {'type': 'string'},
        'X_NEW_REQUIRED': {'type': 'string'},
    }
    del properties['X_REQUIRED'], properties['CLASS']
    required = {*metadata.REQUIRED, 'X_URL', 'X_NEW_REQUIRED'} - {'X_REQUIRED', 'IMPORT'}
    result = with_schema(generated, properties, required=tuple(required))

    assert rows(result) == {
        'option': 'change what breaking',
        'import': 'changed no longer required',
        'x-boolean': 'changed default: False to True yes',
        'x-integer': "changed type: int to string, default: 1 to '1' yes",
        'x-uri': 'changed description',
        'x-url': 'changed now required yes',
        'x-new': 'added',
        'x-new-required': 'added required yes',
        'x-required': 'removed by upstream yes',
        'class': 'removed by upstream yes',
        'x-required-deprecated': 'kept deprecated by upstream',
    }
    assert 'x-required' not in options(generated)
    assert 'import' in options(generated)


def test_deprecated_stays_where_it_is(generated: pathlib.Path):
    properties = {**ALL, 'X_LENGTH': {'type': 'string', 'deprecated': True}}
    properties['X_OLD'] = {'type': 'string', 'deprecated': True}
    result = with_schema(generated, properties, required=tuple(metadata.REQUIRED))

    assert rows(result)['x-length'] == 'kept deprecated by upstream'
    assert 'x-old' not in options(generated)
    with_schema(generated, properties, '--deprecated', required=tuple(metadata.REQUIRED))
    assert 'x-old' in options(generated)


def test_an_option_that_a_person_added_stays(generated: pathlib.Path):
    file = generated / 'charmcraft.yaml'
    file.write_text(file.read_text() + '    our-own:\n      type: int\n')
    result = with_schema(generated, ALL, required=tuple(metadata.REQUIRED))

    assert rows(result)['our-own'] == 'kept unknown to upstream'
    assert options(generated)['our-own'] == {'type': 'int'}


def test_a_charm_that_a_person_wrote(handwritten: pathlib.Path):
    result = with_schema(handwritten, NEWER)

    level = '            default: info   # quiet\n            optional: false\n'
    newer = '            default: info   # quiet\n        x-new:\n          type: int\n'
    assert (handwritten / 'charmcraft.yaml').read_text() == HANDWRITTEN.replace(
        level, f'{newer}          default: 1\n'
    )
    assert rows(result)['our-own'] == 'kept unknown to upstream'
    assert 'x-same' not in rows(result)
    assert 'set `config_type = Config`' in result.output
    assert rows(result)['x-level'] == 'changed no longer required'
    assert 'class Config' in (handwritten / 'src' / 'config.py').read_text()
    assert with_schema(handwritten, NEWER, '--check').exit_code == 0


def test_config_yaml(handwritten: pathlib.Path):
    (handwritten / 'config.yaml').write_text('options:\n  our-own:\n    type: string\n')
    with_schema(handwritten, {'X_NEW': {'type': 'boolean'}})

    assert (handwritten / 'config.yaml').read_text() == (
        'options:\n  our-own:\n    type: string\n  x-new:\n    type: boolean\n'
    )
    assert (handwritten / 'charmcraft.yaml').read_text() == HANDWRITTEN


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        ('name: a\n', 'name: a\n\nconfig:\n  options:\n    x-new:\n      type: boolean\n'),
        *(
            (
                f'name: a\nconfig:{empty}\nz: 1',
                f'name: a\nconfig:{comment}\n  options:\n    x-new:\n      type: boolean\nz: 1',
            )
            for empty, comment in (
                ('', ''),
                (' {} # all', ' # all'),
                (' # all', ' # all'),
                (' null', ''),
                (' ~ # all', ' # all'),
            )
        ),
        (
            'name: a\nconfig:\n    other:\n      - 1\n',
            'name: a\nconfig:\n    options:\n      x-new:\n        type: boolean\n'
            '    other:\n      - 1\n',
        ),
        (
            'config:\n  other: 1\nname: a\n',
            'config:\n  options:\n    x-new:\n      type: boolean\n  other: 1\nname: a\n',
        ),
        (
            'config:\n  options:\nname: a\n',
            'config:\n  options:\n    x-new:\n      type: boolean\nname: a\n',
        ),
        (
            'config:\n  options:\n    a:\n      type: int',
            'config:\n  options:\n    a:\n      type: int\n    x-new:\n      type: boolean\n',
        ),
    ],
)
def test_the_first_options(tmp_path: pathlib.Path, before: str, after: str):
    (tmp_path / 'charm').mkdir()
    (tmp_path / 'charm' / 'charmcraft.yaml').write_text(before)
    with_schema(tmp_path / 'charm', {'X_NEW': {'type': 'boolean'}})

    assert (tmp_path / 'charm' / 'charmcraft.yaml').read_text() == after


def test_no_options_at_all(tmp_path: pathlib.Path):
    (tmp_path / 'charm').mkdir()
    (tmp_path / 'charm' / 'charmcraft.yaml').write_text('name: a\n')
    with_schema(tmp_path / 'charm', {})

    assert (tmp_path / 'charm' / 'charmcraft.yaml').read_text() == 'name: a\n'


def test_no_schema(handwritten: pathlib.Path):
    update(handwritten)

    assert {'connector-scope', 'connector-auto', 'our-own', 'x-same'} <= options(
        handwritten
    ).keys()


def test_a_terminal_without_a_character(kept: Kept):
    kept.new()
    kept.upstream({**PROPERTIES, 'X_LEVEL': {'type': 'string', 'default': 'Ω'}})
    result = subprocess.run(
        [sys.executable, '-m', 'opencti_connector', 'update', str(kept.charm), '--check'],
        env={**os.environ, 'PYTHONIOENCODING': 'ascii'},
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (1, '')
    assert "to '\\u03a9'" in result.stdout


def test_the_table_on_a_terminal(handwritten: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv('FORCE_COLOR', '1')
    monkeypatch.setenv('COLUMNS', '60')
    result = with_schema(handwritten, NEWER)

    assert result.exit_code == 0
    assert 'x-new' in result.output


def test_config_yaml_without_options(handwritten: pathlib.Path):
    (handwritten / 'config.yaml').write_text('{}\n')
    with_schema(handwritten, {'X_NEW': {'type': 'boolean'}})

    assert 'x-new' in yaml.safe_load((handwritten / 'config.yaml').read_text())['options']


def test_what_a_person_added_to_the_module(generated: pathlib.Path):
    module = generated / 'src' / 'config.py'
    module.write_text(
        module.read_text() + '    more: int = int(1)\n    a: int = Field(default=1)\n'
    )
    result = with_schema(generated, ALL, required=tuple(metadata.REQUIRED))

    assert result.output.endswith('Up to date.\n')
    assert 'more' in module.read_text()
