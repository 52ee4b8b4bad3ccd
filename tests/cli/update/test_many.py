# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`update --all`: every charm below a directory."""

import os
import pathlib
import shutil
from typing import Any

import pytest
from click.testing import CliRunner, Result

from opencti_connector.cli.main import main
from tests.cli import metadata
from tests.cli.generated import new
from tests.cli.update.updates import snapshot

SLUGS = ('circles', 'lines', 'points')


class Many:
    """Charms beside a checkout of upstream that lies elsewhere than when they were made."""

    def __init__(self, root: pathlib.Path):
        self.charms = root / 'charms'
        self.checkout = root / 'checkout'
        self.charms.mkdir()
        for slug in SLUGS:
            self.upstream(slug, {'X_OLD': {'type': 'string', 'default': 'a'}})
            folder = self.checkout / 'stream' / slug / '__metadata__'
            manifest = folder / 'connector_manifest.json'
            schema = manifest.with_name('connector_config_schema.json')
            assert new(self.charms / slug, manifest, f'--schema={schema}').exit_code == 0
        self.checkout = self.checkout.rename(root / 'newer')

    def upstream(self, slug: str, properties: dict[str, Any], **manifest: Any) -> None:
        folder = self.checkout / 'stream' / slug / '__metadata__'
        folder.mkdir(parents=True, exist_ok=True)
        content = {**metadata.MANIFEST, 'slug': slug, **manifest}
        metadata.write(folder / 'connector_manifest.json', content)
        schema = metadata.schema(properties)
        metadata.write(folder / 'connector_config_schema.json', schema)

    def update(self, *arguments: str, directory: pathlib.Path | None = None) -> Result:
        line = ['update', '--all', str(directory or self.charms), *arguments]
        return CliRunner().invoke(main, line, catch_exceptions=False)

    def with_checkout(self, *arguments: str) -> Result:
        return self.update('--upstream', str(self.checkout), *arguments)


@pytest.fixture
def many(tmp_path: pathlib.Path) -> Many:
    return Many(tmp_path)


def rows(result: Result) -> list[str]:
    return [' '.join(line.split()) for line in result.output.splitlines() if line.strip()]


def test_one_table_and_a_paragraph_for_each_changelog(many: Many):
    properties = {'X_OLD': {'type': 'string', 'default': 'b'}, 'X_TOKEN': {'type': 'string'}}
    many.upstream('circles', properties, container_version='7.1')
    many.upstream('lines', {'X_OLD': {'type': 'string', 'default': 'a'}}, title='Lines')
    readme = many.charms / 'lines' / 'README.md'
    readme.write_text('# Ours\n')
    before = snapshot(many.charms)
    checked = many.with_checkout('--check')
    assert snapshot(many.charms) == before
    result = many.with_checkout()

    assert (checked.exit_code, result.exit_code) == (1, 0)
    assert checked.output == result.output
    found = rows(result)
    assert found[0] == 'charm changes breaking'
    assert found[2:5] == [
        'circles 1 added, 2 changed yes',
        'lines 1 changed, 1 left to a person',
        'points up to date',
    ]
    assert found[5:14] == [
        '## opencti-circles-connector',
        "- Changed `x-old`: default: 'a' to 'b' (**breaking**)",
        '- Added `x-token`',
        '- Changed charm tag: rolling to 7.1',
        '## opencti-lines-connector',
        '- Changed charm title: Shapes to Lines',
        '- README.md: a person changed it; compare it by hand',
        'circles: Note: x-token looks like a credential; see opencti-connector.toml.',
        'lines: README.md: a person changed it, so it stays. Upstream would have:',
    ]
    assert '-# Ours' in found[14:]
    assert "+A charm for OpenCTI's connector **Lines** on Kubernetes." in found[14:]
    assert many.with_checkout('--check').exit_code == 0
    assert 'x-token' in (many.charms / 'circles' / 'charmcraft.yaml').read_text()


def test_only_generated_files_differ(many: Many, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr('opencti_connector.cli.charm.render.format_python', lambda text: text)
    many.upstream('lines', {'X_OLD': {'type': 'string', 'default': 'a'}}, short_description='New.')
    result = many.with_checkout()

    assert 'lines texts' in rows(result)
    assert '- Renewed `charmcraft.yaml`' in result.output


def test_one_cannot_be_updated(many: Many):
    many.upstream('circles', {'x': {'type': 'string'}})
    many.upstream('points', {'X_NEW': {'type': 'string'}})
    result = many.with_checkout()

    assert result.exit_code == 2
    assert 'circles not updated' in rows(result)
    (error,) = (line for line in result.output.splitlines() if line.startswith('circles: '))
    assert 'properties.x: no option can set this variable' in error
    assert 'x-new' in (many.charms / 'points' / 'charmcraft.yaml').read_text()


def test_each_charm_knows_its_checkout(many: Many):
    many.checkout.rename(many.checkout.with_name('checkout'))

    assert many.update('--check').exit_code == 0


def test_hidden_directories_are_left_out(many: Many):
    (many.charms / 'circles').rename(many.charms / '.circles')

    assert 'circles' not in many.with_checkout().output


def test_copies_of_a_charm_are_left_out(many: Many):
    circles = many.charms / 'circles'
    shutil.copytree(circles, circles / 'parts' / 'charm' / 'src')

    assert [row for row in rows(many.with_checkout()) if 'circles' in row] == [
        'circles up to date'
    ]


@pytest.mark.parametrize('broken', ['upstream', 'charm'])
def test_the_system_refuses_one(many: Many, monkeypatch: pytest.MonkeyPatch, broken: str):
    if broken == 'charm':
        (many.charms / 'lines' / 'charmcraft.yaml').unlink()
    else:
        exists = pathlib.Path.exists

        def refuse(self: pathlib.Path) -> bool:
            if 'stream/lines' in str(self):
                raise PermissionError(13, 'Permission denied', str(self))
            return exists(self)

        monkeypatch.setattr(pathlib.Path, 'exists', refuse)
    many.upstream('points', {'X_NEW': {'type': 'string'}})
    result = many.with_checkout()

    assert result.exit_code == 2
    assert 'lines not updated' in rows(result)
    assert 'points 1 added, 1 removed yes' in rows(result)
    (error,) = (line for line in result.output.splitlines() if line.startswith('lines: '))
    assert error.endswith(': No such file or directory' if broken == 'charm' else 'denied')


def test_a_directory_that_cannot_be_read(many: Many, monkeypatch: pytest.MonkeyPatch):
    def scan(path: Any) -> Any:
        if pathlib.Path(path) == many.charms / 'lines':
            raise PermissionError(13, 'Permission denied', path)
        return scandir(path)

    scandir = os.scandir
    monkeypatch.setattr(os, 'scandir', scan)
    result = many.with_checkout()
    assert result.exit_code == 2
    assert result.stderr == f'{many.charms / "lines"}: Permission denied\n'
    assert any(row.startswith('points') for row in rows(result))


def test_there_is_none(many: Many):
    result = many.update(directory=many.checkout)

    assert result.exit_code == 2
    assert 'no charm below' in result.output


@pytest.mark.parametrize('option', ['--manifest', '--schema'])
def test_one_manifest_is_not_that_of_many(many: Many, option: str):
    result = many.update(option, 'file.json')

    assert result.exit_code == 2
    assert '--all takes --upstream' in result.output
