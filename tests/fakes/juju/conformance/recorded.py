# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The answers of a running Juju 4.0.15, kept for where there is none."""

import json
import pathlib

from .answers import HookAnswer

_FILE = pathlib.Path(__file__).with_name('juju-4.0.15.json')


def read() -> dict[str, list[HookAnswer]]:
    """Return of each script what its hooks answered."""
    recorded = json.loads(_FILE.read_text())
    return {name: [(answered, end) for answered, end in hooks] for name, hooks in recorded.items()}


def write(answers: dict[str, list[HookAnswer]]) -> None:
    """Keep the answers, one script a line."""
    lines = (f'{json.dumps(name)}: {json.dumps(hooks)}' for name, hooks in answers.items())
    _FILE.write_text('{\n' + ',\n'.join(lines) + '\n}\n')
