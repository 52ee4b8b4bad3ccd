# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The program `goal-state`, which tells a unit whether it is dying."""

import contextlib
import dataclasses
import json
import os
import pathlib
import tempfile
from collections.abc import Generator


@dataclasses.dataclass(frozen=True)
class GoalState:
    """What the program answers.

    Across models it can fail: then `error` holds what it says.
    """

    units: dict[str, str] = dataclasses.field(default_factory=dict[str, str])
    """The status of each unit of the application: `active`, `dying`."""
    relations: dict[str, dict[str, str]] = dataclasses.field(
        default_factory=dict[str, dict[str, str]]
    )
    """For each endpoint, the statuses of applications and units there."""
    error: str | None = None

    def to_json(self) -> str:
        """Return the program's output."""
        since = '2026-01-01 00:00:00Z'

        def with_time(statuses: dict[str, str]) -> dict[str, dict[str, str]]:
            return {name: {'status': s, 'since': since} for name, s in statuses.items()}

        relations = {endpoint: with_time(there) for endpoint, there in self.relations.items()}
        return json.dumps({'units': with_time(self.units), 'relations': relations})


@contextlib.contextmanager
def on_path(goal_state: GoalState | None) -> Generator[None, None, None]:
    """Put the program on the PATH; with `None` it is not there, as in `ops.testing`."""
    if goal_state is None:
        yield
        return
    with tempfile.TemporaryDirectory() as directory:
        program = pathlib.Path(directory, 'goal-state')
        if goal_state.error is None:
            program.with_suffix('.json').write_text(goal_state.to_json())
            # Without the option it answers in YAML.
            program.write_text('#!/bin/sh\n[ "$1" = --format=json ] && exec cat "$0.json"\n')
        else:
            program.with_suffix('.txt').write_text(f'ERROR {goal_state.error}\n')
            program.write_text('#!/bin/sh\ncat "$0.txt" >&2\nexit 1\n')
        program.chmod(0o755)
        path = os.environ['PATH']
        os.environ['PATH'] = f'{directory}{os.pathsep}{path}'
        try:
            yield
        finally:
            os.environ['PATH'] = path
