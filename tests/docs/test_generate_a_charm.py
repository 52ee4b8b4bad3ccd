# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The how-to page, command by command, with metadata of invented connectors."""

import pathlib
import re
import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner

from opencti_connector.cli._main import main
from tests.cli import metadata

PAGE = pathlib.Path(__file__).parents[2] / 'docs' / 'how-to' / 'generate-a-charm.md'
TEXT = PAGE.read_text().replace('\\\n', '')
COMMANDS = [
    shlex.split(line) for line in re.findall(r'^\$ opencti-connector (.+)$', TEXT, re.MULTILINE)
]


def write_metadata(directory: pathlib.Path, command: list[str]) -> None:
    for option, content in (
        ('--manifest', metadata.MANIFEST),
        ('--schema', metadata.all_shapes()),
    ):
        if option in command:
            file = directory / command[command.index(option) + 1]
            file.parent.mkdir(parents=True, exist_ok=True)
            metadata.write(file, content)


def test_each_command(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        write_metadata(tmp_path, command)
        result = CliRunner().invoke(main, command, catch_exceptions=False)
        assert result.exit_code == 0, result.output

    made = [command[1] for command in COMMANDS if command[0] == 'new']
    assert len(made) == 5
    assert [command[1] for command in COMMANDS if command[0] == 'update'] == made[:1]


@pytest.mark.parametrize('number', [0, 4])
def test_its_tests_pass(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, number: int):
    monkeypatch.chdir(tmp_path)
    write_metadata(tmp_path, COMMANDS[number])
    CliRunner().invoke(main, COMMANDS[number], catch_exceptions=False)
    result = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-p', 'no:anyio'],
        cwd=COMMANDS[number][1],
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stdout
