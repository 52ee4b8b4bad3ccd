# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command, whatever the verb."""

from click.testing import CliRunner

from opencti_connector.cli._main import main


def test_help_lists_the_verbs():
    output = CliRunner().invoke(main, ['--help']).output

    assert all(f'\n  {verb} ' in output for verb in ('check', 'new', 'update'))


def test_no_such_verb():
    result = CliRunner().invoke(main, ['mend'])

    assert result.exit_code == 2
    assert "No such command 'mend'" in result.output
