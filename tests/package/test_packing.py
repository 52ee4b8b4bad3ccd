# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the integration tests deploy, packed by hand and with charmcraft."""

import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest
import yaml

from demo import EXAMPLES
from tests.integration import dependencies, packing


def unpack(packed: pathlib.Path) -> pathlib.Path:
    unpacked = packed.parent / 'unpacked'
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(unpacked)
        for info in archive.infolist():
            (unpacked / info.filename).chmod(info.external_attr >> 16)
    return unpacked


@pytest.fixture
def fetched(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The Python versions for which dependencies were fetched."""
    pythons: list[str] = []
    library = tmp_path / 'fetched' / 'ops'
    library.mkdir(parents=True)
    (library / '__init__.py').write_text('')

    def fetch(charm: pathlib.Path, python: str) -> pathlib.Path:
        pythons.append(python)
        return library.parent

    monkeypatch.setattr(dependencies, 'fetch', fetch)
    return pythons


def test_by_hand(tmp_path: pathlib.Path, fetched: list[str]):
    entrypoint = 'src/reconciling_charm.py'
    charm = unpack(packing.pack('opencti', tmp_path, entrypoint=entrypoint))
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


@pytest.mark.parametrize(
    ('base', 'named', 'python'),
    [
        ('ubuntu@22.04', None, '3.10'),
        ('ubuntu@24.04', None, '3.12'),
        ('ubuntu@24.04', '3.11', '3.11'),
    ],
)
def test_the_python_is_that_of_the_base_unless_it_is_named(
    tmp_path: pathlib.Path,
    fetched: list[str],
    base: str,
    named: str | None,
    python: str,
):
    charm = tmp_path / 'charms' / 'its-base'
    charm.mkdir(parents=True)
    charmcraft = yaml.safe_load((EXAMPLES / 'opencti' / 'charmcraft.yaml').read_text())
    (charm / 'charmcraft.yaml').write_text(yaml.safe_dump({**charmcraft, 'base': base}))
    (charm / 'requirements.txt').write_text('ops\n')
    packing.pack(str(charm), tmp_path, python=named)
    assert fetched == [python]


@pytest.mark.parametrize(
    'line', ['opencti-connector', './opencti_connector-0.1.0-py3-none-any.whl']
)
def test_a_charm_elsewhere_gets_the_library_of_the_tree(
    tmp_path: pathlib.Path, fetched: list[str], line: str
):
    elsewhere = tmp_path / 'my-charm'
    shutil.copytree(EXAMPLES / 'tutorial-connector', elsewhere)
    (elsewhere / 'requirements.txt').write_text(f'{line}\nops\n')
    (elsewhere / '.venv').mkdir()
    (elsewhere / 'lib' / 'charms').mkdir(parents=True)
    packed = packing.pack(str(elsewhere), tmp_path)
    charm = unpack(packed)
    assert packed.name == 'my-charm.charm'
    assert (charm / 'src' / 'charm.py').stat().st_mode & 0o111
    assert (charm / 'lib' / 'opencti_connector').is_dir()
    assert (charm / 'lib' / 'charms').is_dir()
    assert not (charm / '.venv').exists()
    assert dependencies.of_charm(elsewhere) == ['ops']


@pytest.mark.parametrize(
    'name',
    ['by-hand', 'conformance', 'restarting-connector', 'scripted-connector', 'scripted-opencti'],
)
def test_each_charm_of_the_tests(tmp_path: pathlib.Path, fetched: list[str], name: str):
    charm = unpack(packing.pack(name, tmp_path))
    assert (charm / 'dispatch').stat().st_mode & 0o111


def test_the_connector_that_charmcraft_would_fetch_is_a_stand_in(
    tmp_path: pathlib.Path, fetched: list[str]
):
    charm = unpack(packing.pack('machine-connector', tmp_path))
    assert {file.name for file in (charm / 'connector').iterdir()} == {
        'main.py',
        'requirements.txt',
    }


def test_a_generated_one(tmp_path: pathlib.Path, fetched: list[str]):
    packed = packing.pack(packing.GENERATED, tmp_path)
    assert packed.name == 'generated.charm'
    charm = unpack(packed)
    assert yaml.safe_load((charm / 'metadata.yaml').read_text())['containers']
    options = yaml.safe_load((charm / 'config.yaml').read_text())['options']
    assert options['shapes-key']['type'] == 'secret'
    # What the image of the tests has.
    assert 'bash /entrypoint.sh' in (charm / 'src' / 'charm.py').read_text()


@pytest.mark.parametrize('name', ['machine-connector', packing.GENERATED])
def test_with_charmcraft(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str):
    charmcraft = tmp_path / 'bin' / 'charmcraft'
    charmcraft.parent.mkdir()
    charmcraft.write_text(
        f'#!{sys.executable}\n'
        'import shutil, sys\n'
        'assert sys.argv[1:] == ["pack"]\n'
        'shutil.move(shutil.make_archive("../made", "zip"), "made.charm")\n'
    )
    charmcraft.chmod(0o755)
    monkeypatch.setenv('PATH', str(charmcraft.parent))
    monkeypatch.setattr(sys, 'argv', ['', name, '--charmcraft', '--into', str(tmp_path / 'new')])
    packing.main()
    charm = unpack(tmp_path / 'new' / f'{name}.charm')
    wheel, *others = (charm / 'requirements.txt').read_text().splitlines()
    assert (charm / wheel).exists()
    assert wheel.startswith('./opencti_connector-')
    assert others
    assert not any('opencti-connector' in line for line in others)


def test_dependencies_are_fetched_once(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    calls: list[list[str]] = []

    def install(command: list[str], check: bool) -> None:
        calls.append(command)
        pathlib.Path(command[command.index('--target') + 1]).mkdir()

    monkeypatch.setattr(dependencies, '_KEPT', tmp_path / 'kept')
    monkeypatch.setattr(subprocess, 'run', install)
    charm = EXAMPLES / 'opencti'
    assert dependencies.fetch(charm, '3.12') == dependencies.fetch(charm, '3.12')
    assert dependencies.fetch(charm, '3.11') != dependencies.fetch(charm, '3.12')
    assert [command[command.index('--python-version') + 1] for command in calls] == [
        '3.12',
        '3.11',
    ]
    assert 'opencti-connector' not in calls[0]
    assert any(str(word).startswith('ops') for word in calls[0])
