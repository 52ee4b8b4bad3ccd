# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The pages' `opencti-connector new` and `update`, with metadata of invented connectors."""

import pathlib
import re
import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner

from opencti_connector.cli.main import main
from tests.cli import metadata

from .test_code_blocks import PAGES, ROOT

COMMAND = re.compile(r'^ *(?:\$ |    )opencti-connector ((?:new|update) [a-z].+)$', re.MULTILINE)
FILES = {
    '--manifest': metadata.MANIFEST,
    '--schema': metadata.all_shapes(),
    '--dockerfile': 'FROM scratch\nENTRYPOINT ["/entrypoint.sh"]\n',
}
WITHOUT_SCHEMA = 'export-report-pdf'
COMPOSE = 'services: {a: {environment: [SHAPES_URL=ChangeMe, SHAPES_TOKEN=ChangeMe]}}'


def commands(page: pathlib.Path) -> list[list[str]]:
    text = page.read_text().replace('\\\n', '')
    return [shlex.split(command) for command in COMMAND.findall(text)]


def run(command: list[str]) -> None:
    """Run a command, and write the files that it names first."""
    for option, content in FILES.items():
        if option in command:
            file = pathlib.Path(command[command.index(option) + 1])
            file.parent.mkdir(parents=True, exist_ok=True)
            metadata.write(file, content)
            if option == '--manifest' and file.parent.name == '__metadata__':
                write_beside(file)
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output


def write_beside(manifest: pathlib.Path) -> None:
    """Write what a checkout of upstream's repository has beside a manifest."""
    if manifest.parent.parent.name == WITHOUT_SCHEMA:
        metadata.write(manifest.parent.parent / 'docker-compose.yml', COMPOSE)
    else:
        metadata.write(manifest.with_name('connector_config_schema.json'), metadata.all_shapes())


@pytest.mark.parametrize(
    'page', [page for page in PAGES if commands(page)], ids=lambda page: page.name
)
def test_each_command(page: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for command in commands(page):
        verb, directory, *options = command
        pathlib.Path(directory).parent.mkdir(exist_ok=True)
        if verb == 'update' and not pathlib.Path(directory).exists():
            run(['new', directory, *(option for option in options if option != '--check')])
        run(command)


GENERATE = commands(ROOT / 'docs' / 'how-to' / 'generate-a-charm.md')


def test_the_page_about_it_makes_five_charms_and_updates_one():
    made = [command[1] for command in GENERATE if command[0] == 'new']
    assert len(made) == 5
    assert [command[1] for command in GENERATE if command[0] == 'update'] == made[:1]


@pytest.mark.parametrize('number', [0, 4])
def test_the_tests_of_a_charm_that_it_makes_pass(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    monkeypatch.chdir(tmp_path)
    run(GENERATE[number])
    result = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-p', 'no:anyio'],
        cwd=GENERATE[number][1],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout
