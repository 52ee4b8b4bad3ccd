# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Charms that the command updates, and the metadata that it updates them with."""

import pathlib
from typing import Any

from click.testing import CliRunner, Result

from opencti_connector.cli.main import main
from tests.cli import metadata

HANDWRITTEN = """\
# A charm that a person wrote.
name: opencti-shapes-connector
config: # all of it
    options:
        # Ours.
        our-own: {type: string, default: yes}

        x-same:   # kept to the letter
            description: The
                same.
            type: "string"
            default: 'a'
        # On the level.
        x-level:
            type: string
            default: info   # quiet
            optional: false

# What comes after.
parts: [ a,   b ]
"""

ALL = {**metadata.SHAPES, **metadata.REQUIRED}

NEWER = {
    'X_SAME': {'type': 'string', 'default': 'a', 'description': 'The same.'},
    'X_LEVEL': {'type': 'string', 'enum': ['info', 'error'], 'default': 'error'},
    'X_NEW': {'type': 'integer', 'default': 1},
}


def update(directory: pathlib.Path, *arguments: str) -> Result:
    metadata.write(directory.parent / 'manifest.json', metadata.MANIFEST)
    manifest = f'--manifest={directory.parent / "manifest.json"}'
    line = ['update', str(directory), manifest, *arguments]
    return CliRunner().invoke(main, line, catch_exceptions=False)


def with_schema(
    directory: pathlib.Path,
    properties: dict[str, Any],
    *arguments: str,
    required: tuple[str, ...] = (),
) -> Result:
    schema = metadata.schema(properties, list(required))
    file = metadata.write(directory.parent / 'schema.json', schema)
    return update(directory, f'--schema={file}', *arguments)


def snapshot(directory: pathlib.Path) -> dict[pathlib.Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob('*') if path.is_file()}
