# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Packs a charm's directory into a file for `juju deploy`, with the library of a given tree.

`python -m tests.integration.packing docs/examples/opencti 3.12` packs a charm into this folder,
for machines with that version of Python.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import Any

import yaml

from . import dependencies

ROOT = pathlib.Path(__file__).parents[2]

_DISPATCH = """\
#!/bin/sh
PYTHONPATH=lib:src exec /usr/bin/python3 {entrypoint}
"""
# What only charmcraft reads in charmcraft.yaml, or writes to another file.
_NOT_METADATA = {'type', 'base', 'platforms', 'parts', 'config', 'actions'}


def pack(
    charm: pathlib.Path,
    into: pathlib.Path,
    python: str,
    *,
    entrypoint: str = '',
    library: pathlib.Path = ROOT,
) -> pathlib.Path:
    """Pack a charm.

    Args:
        charm: The charm's folder.
        into: The folder for the packed charm.
        python: The version of the machine's Python, such as `3.12`, which runs the charm.
        entrypoint: What to run instead of what the charm itself says.
        library: The source tree with the library to pack.

    Returns:
        The packed charm.
    """
    with tempfile.TemporaryDirectory() as temporary:
        copy = pathlib.Path(temporary, charm.name)
        shutil.copytree(charm, copy)
        charmcraft: dict[str, Any] = yaml.safe_load((copy / 'charmcraft.yaml').read_text())
        if entrypoint:
            charmcraft['parts']['charm']['charm-entrypoint'] = entrypoint
            (copy / 'charmcraft.yaml').write_text(yaml.safe_dump(charmcraft))
        has_dependencies = (copy / 'requirements.txt').exists()
        if has_dependencies and shutil.which('charmcraft'):
            packed = _with_charmcraft(copy, library)
        else:
            if has_dependencies:
                _put_dependencies(copy, python, library)
            packed = _zip(copy, charmcraft)
        return pathlib.Path(shutil.move(packed, into / f'{charm.name}.charm'))


def _with_charmcraft(charm: pathlib.Path, library: pathlib.Path) -> pathlib.Path:
    build = [sys.executable, '-m', 'build', '--wheel', '--no-isolation', '--outdir', charm]
    subprocess.run([*build, library], check=True)
    (wheel,) = charm.glob('*.whl')
    requirements = charm / 'requirements.txt'
    lines = [f'./{wheel.name}', *dependencies.of_charm(charm)]
    requirements.write_text('\n'.join(lines) + '\n')
    subprocess.run(['charmcraft', 'pack'], cwd=charm, check=True)
    (packed,) = charm.glob('*.charm')
    return packed


def _put_dependencies(charm: pathlib.Path, python: str, library: pathlib.Path) -> None:
    """Copy what the charm imports into `lib`."""
    shutil.copytree(dependencies.fetch(charm, python), charm / 'lib')
    package = library / 'src' / 'opencti_connector'
    shutil.copytree(package, charm / 'lib' / 'opencti_connector')


def _zip(charm: pathlib.Path, charmcraft: dict[str, Any]) -> pathlib.Path:
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
        entrypoint = charmcraft['parts']['charm'].get('charm-entrypoint', 'src/charm.py')
        dispatch.write_text(_DISPATCH.format(entrypoint=entrypoint))
    os.chmod(dispatch, 0o755)
    return pathlib.Path(shutil.make_archive(f'{charm}.packed', 'zip', charm))


if __name__ == '__main__':
    pack(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(), sys.argv[2])
