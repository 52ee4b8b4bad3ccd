# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

import pathlib

import pytest

from opencti_connector._workload.options import ConfigOption, read_options

OPTIONS = """
options:
  plain: {type: string}
  optional: {type: string, optional: true}
  required: {type: string, optional: false}
  secret: {type: secret}
"""
READ = [
    ConfigOption('plain', is_required=False, is_secret=False),
    ConfigOption('optional', is_required=False, is_secret=False),
    ConfigOption('required', is_required=True, is_secret=False),
    ConfigOption('secret', is_required=False, is_secret=True),
]


def test_config_yaml(tmp_path: pathlib.Path):
    (tmp_path / 'config.yaml').write_text(OPTIONS)
    (tmp_path / 'charmcraft.yaml').write_text('name: not looked at: {')
    assert read_options(tmp_path) == READ


def test_charmcraft_yaml(tmp_path: pathlib.Path):
    indented = OPTIONS.replace('\n', '\n  ')
    (tmp_path / 'charmcraft.yaml').write_text(f'name: a-charm\nconfig:{indented}')
    assert read_options(tmp_path) == READ


@pytest.mark.parametrize(
    ('file', 'content'),
    [
        ('config.yaml', ''),
        ('config.yaml', '{}'),
        ('config.yaml', 'options:'),
        ('charmcraft.yaml', 'name: a-charm'),
        ('charmcraft.yaml', 'config: {}'),
        ('metadata.yaml', 'name: a-charm'),
    ],
)
def test_a_charm_without_options(tmp_path: pathlib.Path, file: str, content: str):
    (tmp_path / file).write_text(content)
    assert read_options(tmp_path) == []


def test_neither_file(tmp_path: pathlib.Path):
    with pytest.raises(FileNotFoundError) as info:
        read_options(tmp_path)
    assert str(info.value) == (
        f'{tmp_path} has neither a config.yaml nor a charmcraft.yaml that declares the options; '
        'set charm_dir to the directory that has one'
    )


@pytest.mark.parametrize(
    ('content', 'problem'),
    [
        ('options: {', 'is not YAML'),
        ('\0', 'is not YAML'),
        ('- options', "'options' must map each option's name"),
        ('options: [a]', "'options' must map each option's name"),
        ('options: {a: string}', "'options' must map each option's name"),
        ('options: {a: }', "'options' must map each option's name"),
    ],
)
def test_a_malformed_file(tmp_path: pathlib.Path, content: str, problem: str):
    file = tmp_path / 'config.yaml'
    file.write_text(content)
    with pytest.raises(ValueError, match=problem) as info:
        read_options(tmp_path)
    assert str(file) in str(info.value)
