# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Times programs in fresh processes, in turns, so that a slow minute slows all of them."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence


def medians(
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    env: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, float]:
    """Run each command in each round and return the medians, in seconds.

    A first round does not count: it compiles all modules, as in a deployed charm.
    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as cache:
        for round_ in range(rounds + 1):
            for name, command in commands.items():
                environment = {**(env[name] if env else os.environ), 'PYTHONPYCACHEPREFIX': cache}
                environment.pop('PYTHONDONTWRITEBYTECODE', None)
                start = time.perf_counter()
                subprocess.run(command, check=True, env=environment, capture_output=True)
                if round_:
                    times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def python(code: str) -> list[str]:
    """Return the command that runs some code in this Python."""
    return [sys.executable, '-c', code]
