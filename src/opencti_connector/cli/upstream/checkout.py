# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A checkout of OpenCTI-Platform/connectors, or files that are laid out like it.

Each connector has a directory below one of its kind, such as `stream/webhook`. Its metadata lies
there in `__metadata__`, or directly.
"""

import functools
import json
import os
import pathlib
import subprocess
from typing import Literal

from ..invalid import Invalid

_METADATA = '__metadata__'
_MANIFEST = 'connector_manifest.json'
_BESIDE = {
    'schema': ('connector_config_schema.json',),
    'compose': (
        'docker-compose.yml',
        'docker-compose.yaml',
        'compose.yml',
        'compose.yaml',
        'docker-compose.yml.sample',
    ),
    'dockerfile': ('Dockerfile',),
}


def checkout_of(manifest: pathlib.Path) -> pathlib.Path | None:
    """Return the checkout that a manifest lies in, if it does."""
    folder, *above = _whole(manifest).parents
    return above[2] if folder.name == _METADATA and len(above) > 2 else None


def directory_of(manifest: pathlib.Path, checkout: pathlib.Path) -> str:
    """Return the directory of a manifest's connector in a checkout; nothing if it is not there."""
    folder = _whole(manifest).parent
    directory = folder.parent if folder.name == _METADATA else folder
    root = _whole(checkout)
    return directory.relative_to(root).as_posix() if directory.is_relative_to(root) else ''


def _whole(path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(os.path.abspath(path))


def manifest_of(checkout: pathlib.Path, directory: str, slug: str) -> pathlib.Path:
    """Return the manifest of a connector, which may have moved to another directory.

    Raises:
        Invalid: if there is none, or several.
    """
    manifest = _manifest_in(checkout / directory) if directory else None
    if manifest is not None:
        return manifest
    found = _manifests(checkout).get(slug, [])
    if len(found) == 1:
        return found[0]
    raise Invalid(checkout, '', f'has {len(found) or "no"} connectors with the slug {slug!r}')


def _manifest_in(directory: pathlib.Path) -> pathlib.Path | None:
    files = (directory / _METADATA / _MANIFEST, directory / _MANIFEST)
    return next((file for file in files if file.exists()), None)


def find_beside(
    manifest: pathlib.Path, kind: Literal['schema', 'compose', 'dockerfile']
) -> pathlib.Path | None:
    """Return a file that lies in the manifest's folder or the connector's, if there is one."""
    folder = manifest.parent
    folders = [folder]
    if folder.absolute().name == _METADATA:
        folders.append(folder.parent if folder.name else pathlib.Path('..'))
    files = (folder / name for folder in folders for name in _BESIDE[kind])
    return next((file for file in files if file.is_file()), None)


@functools.cache
def commit_of(checkout: pathlib.Path) -> str:
    """Return the commit of a checkout; nothing if git knows none."""
    if not (checkout / '.git').exists():
        return ''
    line = ['git', '--git-dir', str(checkout / '.git'), 'rev-parse', 'HEAD']
    try:
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ''


@functools.cache
def _manifests(checkout: pathlib.Path) -> dict[str, list[pathlib.Path]]:
    found: dict[str, list[pathlib.Path]] = {}
    for directory in sorted(checkout.glob('*/*')):
        manifest = _manifest_in(directory)
        if manifest is not None:
            found.setdefault(_slug(manifest), []).append(manifest)
    return found


def _slug(manifest: pathlib.Path) -> str:
    try:
        return str(json.loads(manifest.read_text(encoding='utf-8-sig'))['slug'])
    except (OSError, ValueError, KeyError, TypeError):
        return ''  # Another connector's trouble.
