# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The departing unit, which in Juju can be the unit that runs the hook.

A unit that is being removed runs relation-departed for each remote unit, with itself as the
departing unit (seen on Juju 3.6.28 and 4.0.15). `ops.testing` only knows remote ones.
"""

import contextlib
from collections.abc import Generator
from typing import Any
from unittest import mock

from scenario import _runtime


@contextlib.contextmanager
def named(unit: str | None) -> Generator[None, None, None]:
    """Let relation-departed name a unit; with `None` it names the one of `ops.testing`."""
    if unit is None:
        yield
        return
    runtime: Any = _runtime.Runtime
    original = runtime._get_event_env

    def get_event_env(self: Any, *args: Any, **kwargs: Any) -> dict[str, str]:
        environment = original(self, *args, **kwargs)
        return {**environment, 'JUJU_DEPARTING_UNIT': unit}

    with mock.patch.object(runtime, '_get_event_env', get_event_env):
        yield
