# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command itself, without a subcommand."""

from click.testing import CliRunner

from opencti_connector.cli.main import main


def test_help_lists_the_subcommands():
    output = CliRunner().invoke(main, ['--help']).output

    assert all(f'\n  {name} ' in output for name in ('check', 'new', 'update'))


def test_no_such_subcommand():
    result = CliRunner().invoke(main, ['fix'])

    assert result.exit_code == 2
    assert "No such command 'fix'" in result.output
