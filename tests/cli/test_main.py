# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command itself, without a subcommand."""

import contextlib
import io
import pathlib

import click
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
    ('fails', 'code', 'output'),
    [
        (PermissionError(13, 'Permission denied', 'a/b'), 2, 'Error: a/b: Permission denied\n'),
        (OSError('Odd'), 2, 'Error: : Odd\n'),
        (RecursionError(), 2, 'Error: a file is nested too deeply\n'),
        (BrokenPipeError(32, 'Broken pipe'), 1, ''),
        (KeyboardInterrupt(), 130, ''),
    ],
)
def test_what_ends_it(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    fails: BaseException,
    code: int,
    output: str,
):
    def is_file(_: pathlib.Path) -> bool:
        raise fails

    manifest = metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)
    monkeypatch.setattr(pathlib.Path, 'is_file', is_file)
    result = new(tmp_path / 'charm', manifest)

    assert (result.exit_code, result.output) == (code, output)


def test_a_path_that_is_no_text(tmp_path: pathlib.Path):
    folder = tmp_path / 'bad\udce9'
    folder.mkdir()
    manifest = metadata.write(folder / 'manifest.json', metadata.MANIFEST)
    result = new(tmp_path / 'charm', manifest)

    assert result.exit_code == 2
    assert "/bad\\udce9' cannot be written as UTF-8" in result.output
    assert not (tmp_path / 'charm').exists()


def test_a_stream_of_another_kind(tmp_path: pathlib.Path):
    with contextlib.redirect_stdout(io.StringIO()), pytest.raises(click.BadParameter):
        main(['update', str(tmp_path / 'no')], standalone_mode=False)
