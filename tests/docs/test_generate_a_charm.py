# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The charms that the how-to page makes pass their own tests."""

import pathlib
import subprocess
import sys

import pytest

from .test_commands import commands, run

PAGE = pathlib.Path(__file__).parents[2] / 'docs' / 'how-to' / 'generate-a-charm.md'
COMMANDS = commands(PAGE)


def test_it_makes_five_and_updates_one():
    made = [command[1] for command in COMMANDS if command[0] == 'new']
    assert len(made) == 5
    assert [command[1] for command in COMMANDS if command[0] == 'update'] == made[:1]


@pytest.mark.parametrize('number', [0, 4])
def test_its_tests_pass(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, number: int):
    monkeypatch.chdir(tmp_path)
    run(COMMANDS[number])
    result = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-p', 'no:anyio'],
        cwd=COMMANDS[number][1],
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stdout
