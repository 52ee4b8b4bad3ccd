# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Packs a charm's directory into a file for `juju deploy`, with the library of a given tree.

`python -m tests.integration.packing opencti ../my-charm` packs an example and your charm into
this folder, without charmcraft; `--help` says more.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import Any

import yaml

from tests.cli import generated, metadata

from . import dependencies

ROOT = pathlib.Path(__file__).parents[2]
GENERATED = 'generated'
"""The name of the charm that `opencti-connector new` makes."""

_FOLDERS = (pathlib.Path(__file__).parent / 'charms', ROOT / 'docs' / 'examples')
# The Python of the machine, or of the image that Juju runs a charm in, by the charm's base.
_PYTHONS = {'22.04': '3.10', '24.04': '3.12', '26.04': '3.14'}
_DISPATCH = """\
#!/bin/sh
PYTHONPATH=lib:src exec ./{entrypoint}
"""
# What only charmcraft reads in charmcraft.yaml, or writes to another file.
_NOT_METADATA = {'type', 'base', 'platforms', 'parts', 'config', 'actions'}


def pack(
    name: str,
    into: pathlib.Path,
    *,
    python: str | None = None,
    entrypoint: str = '',
    library: pathlib.Path = ROOT,
) -> pathlib.Path:
    """Pack a charm by hand.

    Args:
        name: The name of the charm's folder among the tests' charms and the examples, the path
            of any other charm's folder, or `GENERATED`.
        into: The folder for the packed charm.
        python: The version of the Python that runs the charm; by default that of the charm's base.
        entrypoint: What to run instead of what the charm itself says.
        library: The source tree with the library to pack.

    Returns:
        The packed charm.
    """
    with tempfile.TemporaryDirectory() as temporary:
        charm = _copy(name, pathlib.Path(temporary))
        charmcraft: dict[str, Any] = yaml.safe_load((charm / 'charmcraft.yaml').read_text())
        if (charm / 'requirements.txt').exists():
            base = charmcraft['base'].partition('@')[2]
            _put_dependencies(charm, python or _PYTHONS[base], library)
        if 'connector' in charmcraft.get('parts', {}):
            _put_stand_in(charm / 'connector')
        return _moved(_zip(charm, charmcraft, entrypoint), into, name)


def pack_with_charmcraft(name: str, into: pathlib.Path) -> pathlib.Path:
    """Pack a charm as its author would, but with the library of this tree."""
    # Not below /tmp: a snap has another one.
    with tempfile.TemporaryDirectory(dir=into) as temporary:
        charm = _copy(name, pathlib.Path(temporary))
        build = [sys.executable, '-m', 'build', '--wheel', '--no-isolation', '--outdir', charm]
        subprocess.run([*build, ROOT], check=True)
        (wheel,) = charm.glob('*.whl')
        lines = [f'./{wheel.name}', *dependencies.of_charm(charm)]
        (charm / 'requirements.txt').write_text('\n'.join(lines) + '\n')
        subprocess.run(['charmcraft', 'pack'], cwd=charm, check=True)
        (packed,) = charm.glob('*.charm')
        return _moved(packed, into, name)


def _copy(name: str, into: pathlib.Path) -> pathlib.Path:
    copy = into / pathlib.Path(name).name
    if name == GENERATED:
        files = {'manifest': metadata.MANIFEST, 'schema': metadata.schema(_GENERATED_OPTIONS)}
        for file, content in files.items():
            metadata.write(into / file, content)
        result = generated.new(copy, into / 'manifest', '--schema', into / 'schema', '--rock')
        assert result.exit_code == 0, result.output
    else:
        ours = (folder / name for folder in _FOLDERS)
        source = next((folder for folder in ours if folder.exists()), name)
        hidden = shutil.ignore_patterns('.*')  # Such as a virtual environment.
        shutil.copytree(source, copy, ignore=hidden)
    return copy


_GENERATED_OPTIONS = {
    'SHAPES_KEY': {'type': 'string', 'format': 'password', 'writeOnly': True},
    'SHAPES_SCOPES': {'type': 'string'},
}


def _moved(packed: pathlib.Path, into: pathlib.Path, name: str) -> pathlib.Path:
    return pathlib.Path(shutil.move(packed, into / f'{pathlib.Path(name).name}.charm'))


def _put_dependencies(charm: pathlib.Path, python: str, library: pathlib.Path) -> None:
    """Copy what the charm imports into `lib`."""
    shutil.copytree(dependencies.fetch(charm, python), charm / 'lib', dirs_exist_ok=True)
    package = library / 'src' / 'opencti_connector'
    shutil.copytree(package, charm / 'lib' / 'opencti_connector')


def _put_stand_in(connector: pathlib.Path) -> None:
    """Put a program that only waits in place of the connector, which charmcraft would fetch."""
    connector.mkdir()
    (connector / 'main.py').write_text('import signal\n\nsignal.pause()\n')
    (connector / 'requirements.txt').touch()


def _zip(charm: pathlib.Path, charmcraft: dict[str, Any], entrypoint: str) -> pathlib.Path:
    name, channel = charmcraft['base'].split('@')
    base = {'name': name, 'channel': channel, 'architectures': list(charmcraft['platforms'])}
    files = {
        'metadata.yaml': {k: v for k, v in charmcraft.items() if k not in _NOT_METADATA},
        'config.yaml': charmcraft.get('config', {'options': {}}),
        'actions.yaml': charmcraft.get('actions', {}),
        'manifest.yaml': {'bases': [base]},
    }
    for file, content in files.items():
        (charm / file).write_text(yaml.safe_dump(content))
    dispatch = charm / 'dispatch'
    if not dispatch.exists():
        own = charmcraft['parts']['charm'].get('charm-entrypoint', 'src/charm.py')
        dispatch.write_text(_DISPATCH.format(entrypoint=entrypoint or own))
    os.chmod(dispatch, 0o755)
    return pathlib.Path(shutil.make_archive(f'{charm}.packed', 'zip', charm))


def main() -> None:
    """Pack some charms."""
    parser = argparse.ArgumentParser(prog='python -m tests.integration.packing')
    names = 'an example, the path of a charm, or "generated"'
    parser.add_argument('names', nargs='+', metavar='NAME', help=names)
    parser.add_argument('--into', type=pathlib.Path, default=pathlib.Path(), metavar='DIRECTORY')
    parser.add_argument('--python', metavar='VERSION', help="not that of the charm's base")
    parser.add_argument('--charmcraft', action='store_true', help='pack with charmcraft')
    arguments = parser.parse_args()
    into = arguments.into.resolve()
    into.mkdir(parents=True, exist_ok=True)
    for name in arguments.names:
        if arguments.charmcraft:
            pack_with_charmcraft(name, into)
        else:
            pack(name, into, python=arguments.python)


if __name__ == '__main__':
    main()
