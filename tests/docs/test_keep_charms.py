# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The page's three charms are kept by its one job."""

import pathlib
import re
import shlex

import pytest
import yaml
from click.testing import CliRunner, Result

from opencti_connector.cli.main import main
from tests.cli import metadata
from tests.cli.update.proof import own_tests

PAGE = pathlib.Path(__file__).parents[2] / 'docs' / 'how-to' / 'keep-charms-up-to-date.md'
PREFIX = 'opencti-connector '


def section(title: str) -> str:
    return PAGE.read_text().replace('\\\n', '').partition(f'\n## {title}\n')[2].split('\n## ')[0]


def commands() -> list[str]:
    return re.findall(rf'^\$ {PREFIX}(.+)$', section('Keep many'), re.MULTILINE)


def run(command: str) -> Result:
    return CliRunner().invoke(main, shlex.split(command), catch_exceptions=False)


def upstream(**changed: object) -> None:
    """Let upstream have the connectors that the page names."""
    for manifest in map(pathlib.Path, re.findall(r'--manifest (\S+)', section('Keep many'))):
        manifest.parent.mkdir(parents=True, exist_ok=True)
        metadata.write(manifest, {**metadata.MANIFEST, 'slug': manifest.parts[2]})
        schema = {**metadata.all_shapes()['properties'], **changed}
        file = manifest.with_name('connector_config_schema.json')
        metadata.write(file, metadata.schema(schema, list(metadata.REQUIRED)))


def test_one_job_keeps_three_charms(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    upstream()
    pathlib.Path('charms').mkdir()
    *makes, updates = commands()
    assert [run(make).exit_code for make in makes] == [0, 0, 0]
    job = yaml.safe_load(section('Keep many').partition('```yaml\n')[2].partition('```')[0])
    steps = [step.get('run', '') for step in job['jobs']['check']['steps']]
    (check,) = (step.removeprefix(PREFIX) for step in steps if step.startswith(PREFIX))
    assert run(check).exit_code == 0
    upstream(X_INTEGER={'type': 'integer', 'default': 2})
    checked = run(check)
    assert checked.exit_code == 1
    for name in ('nvd-cve', 'shodan', 'splunk'):
        assert re.search(rf'{name} +1 changed +yes', checked.output)
    assert run(updates).exit_code == 0
    assert run(check).exit_code == 0
    for charm in pathlib.Path('charms').iterdir():
        assert own_tests(charm) == []


def test_each_key_that_the_page_shows_is_one(tmp_path: pathlib.Path):
    from opencti_connector.cli.charm.memory import Memory

    shown = section('Decide').partition('```text\n')[2].partition('```')[0]

    assert Memory(tmp_path, shown).content.options.keys() == {
        'connector-log-level',
        'cve-pull-history',
    }
