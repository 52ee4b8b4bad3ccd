# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command itself, without a subcommand."""

import pathlib

import pytest
from click.testing import CliRunner

from opencti_connector.cli.main import main
from tests.cli import metadata
from tests.cli.generated import new


def test_help_lists_the_subcommands():
    output = CliRunner().invoke(main, ['--help']).output

    assert all(f'\n  {name} ' in output for name in ('check', 'new', 'update'))


def test_no_such_subcommand():
    result = CliRunner().invoke(main, ['fix'])

    assert result.exit_code == 2
    assert "No such command 'fix'" in result.output


@pytest.mark.parametrize(
    ('fails', 'words'),
    [
        (PermissionError(13, 'Permission denied', 'a/file'), 'Error: a/file: Permission denied'),
        (OSError('Odd'), 'Error: : Odd'),
        (RecursionError(), 'Error: a file is nested too deeply'),
    ],
)
def test_what_the_system_refuses(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, fails: Exception, words: str
):
    def is_file(_: pathlib.Path) -> bool:
        raise fails

    manifest = metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)
    monkeypatch.setattr(pathlib.Path, 'is_file', is_file)
    result = new(tmp_path / 'charm', manifest)

    assert (result.exit_code, result.output) == (2, f'{words}\n')


def test_nobody_reads_the_output(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    def is_file(_: pathlib.Path) -> bool:
        raise BrokenPipeError(32, 'Broken pipe')

    manifest = metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)
    monkeypatch.setattr(pathlib.Path, 'is_file', is_file)
    assert new(tmp_path / 'charm', manifest).output == ''
