# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The answers of running Jujus, one file for each version, kept for where there is none."""

import json
import pathlib

from .answers import HookAnswer

_FOLDER = pathlib.Path(__file__).parent


def versions() -> list[str]:
    """Return the versions of Juju that have answered."""
    return sorted(file.stem.removeprefix('juju-') for file in _FOLDER.glob('juju-*.json'))


def read(version: str) -> dict[str, list[HookAnswer]]:
    """Return of each script what its hooks answered."""
    recorded = json.loads(_file(version).read_text())
    return {name: [(answered, end) for answered, end in hooks] for name, hooks in recorded.items()}


def write(version: str, answers: dict[str, list[HookAnswer]]) -> None:
    """Keep the answers, one script a line."""
    lines = (f'{json.dumps(name)}: {json.dumps(hooks)}' for name, hooks in answers.items())
    _file(version).write_text('{\n' + ',\n'.join(lines) + '\n}\n')


def _file(version: str) -> pathlib.Path:
    return _FOLDER / f'juju-{version}.json'
