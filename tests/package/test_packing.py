# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the integration tests deploy, with charmcraft and without."""

import pathlib
import subprocess
import sys
import zipfile

import pytest
import yaml

from demo import EXAMPLES
from tests.integration import dependencies, packing


@pytest.fixture(autouse=True)
def path(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A PATH with nothing on it yet."""
    path = tmp_path / 'bin'
    path.mkdir()
    monkeypatch.setenv('PATH', str(path))
    return path


def unpack(packed: pathlib.Path) -> pathlib.Path:
    unpacked = packed.parent / 'unpacked'
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(unpacked)
        for info in archive.infolist():
            (unpacked / info.filename).chmod(info.external_attr >> 16)
    return unpacked


def test_without_charmcraft(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    fetched = tmp_path / 'fetched'
    (fetched / 'ops').mkdir(parents=True)
    (fetched / 'ops' / '__init__.py').write_text('')
    monkeypatch.setattr(dependencies, 'fetch', lambda charm, python: fetched)
    entrypoint = 'src/reconciling_charm.py'
    packed = packing.pack(EXAMPLES / 'opencti', tmp_path, '3.12', entrypoint=entrypoint)
    charm = unpack(packed)
    metadata = yaml.safe_load((charm / 'metadata.yaml').read_text())
    assert metadata['requires'] == {'opencti-connector': {'interface': 'opencti_connector'}}
    assert not metadata.keys() & {'config', 'actions', 'parts', 'base', 'platforms'}
    assert 'url' in yaml.safe_load((charm / 'config.yaml').read_text())['options']
    assert 'rotate-token' in yaml.safe_load((charm / 'actions.yaml').read_text())
    (base,) = yaml.safe_load((charm / 'manifest.yaml').read_text())['bases']
    assert base == {'name': 'ubuntu', 'channel': '24.04', 'architectures': ['amd64']}
    assert (charm / 'dispatch').stat().st_mode & 0o111
    assert entrypoint in (charm / 'dispatch').read_text()
    assert (charm / 'lib' / 'ops').is_dir()
    assert (charm / 'lib' / 'opencti_connector' / '_requires' / 'endpoint.py').exists()


def test_with_charmcraft(tmp_path: pathlib.Path, path: pathlib.Path):
    charmcraft = path / 'charmcraft'
    charmcraft.write_text(
        f'#!{sys.executable}\n'
        'import shutil, sys\n'
        'assert sys.argv[1:] == ["pack"]\n'
        'shutil.move(shutil.make_archive("../made", "zip"), "made.charm")\n'
    )
    charmcraft.chmod(0o755)
    charm = unpack(packing.pack(EXAMPLES / 'machine-connector', tmp_path, '3.12'))
    wheel, *others = (charm / 'requirements.txt').read_text().splitlines()
    assert (charm / wheel).exists()
    assert wheel.startswith('./opencti_connector-')
    assert 'opencti-connector' not in others


def test_dependencies_are_fetched_once(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    calls: list[list[str]] = []

    def install(command: list[str], check: bool) -> None:
        calls.append(command)
        pathlib.Path(command[command.index('--target') + 1]).mkdir()

    monkeypatch.setattr(dependencies, '_KEPT', tmp_path / 'kept')
    monkeypatch.setattr(subprocess, 'run', install)
    charm = EXAMPLES / 'opencti'
    assert dependencies.fetch(charm, '3.12') == dependencies.fetch(charm, '3.12')
    assert dependencies.fetch(charm, '3.10') != dependencies.fetch(charm, '3.12')
    assert [command[command.index('--python-version') + 1] for command in calls] == [
        '3.12',
        '3.10',
    ]
    assert 'opencti-connector' not in calls[0]
    assert any(str(word).startswith('ops') for word in calls[0])
