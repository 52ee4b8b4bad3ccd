# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Counts a hook's calls to Juju and Pebble."""

import collections
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import ops

# In a deployed charm, each of these runs a hook tool (a few reuse the answer of another).
# `ops.testing` replaces them and does not say when they are called, so its backend is wrapped.
JUJU = (
    'config_get',
    'is_leader',
    'planned_units',
    'relation_get',
    'relation_ids',
    'relation_list',
    'relation_set',
    'secret_add',
    'secret_get',
    'secret_grant',
    'secret_info_get',
    'secret_remove',
    'secret_revoke',
    'secret_set',
    'status_set',
)
PEBBLE = (
    'get_plan',
    'get_services',
    'add_layer',
    'replan_services',
    'start_services',
    'stop_services',
)
WRITES = (
    'relation_set',
    'secret_add',
    'secret_grant',
    'secret_remove',
    'secret_revoke',
    'secret_set',
    'add_layer',
    'replan_services',
    'start_services',
    'stop_services',
)


class RoundTrips(collections.Counter[str]):
    """How often each call was made."""

    seconds: float = 0.0
    """How long the mock took for them; some of its look-ups grow with the state."""


@contextlib.contextmanager
def counted() -> Iterator[RoundTrips]:
    """Count the calls, and as `leader_questions` those of `Unit.is_leader`.

    ops asks the backend who leads whenever an application databag is touched, and once more for
    the status; only `leader_questions` holds what charm and library ask. (In a deployed charm,
    the backend remembers the answer for 30 seconds.)
    """
    from scenario import mocking

    counter = RoundTrips()

    def count(owner: Any, name: str, counted_as: str, *, is_call: bool = True) -> None:
        original = getattr(owner, name)

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            counter[counted_as] += 1
            before, start = counter.seconds, time.perf_counter()
            try:
                return original(*args, **kwargs)
            finally:
                if is_call:  # A call within another is part of it.
                    counter.seconds = before + time.perf_counter() - start

        is_own = name in vars(owner)
        stack.callback(*((setattr, owner, name, original) if is_own else (delattr, owner, name)))
        setattr(owner, name, wrapper)

    with contextlib.ExitStack() as stack:
        for name in JUJU:
            count(mocking._MockModelBackend, name, name)
        for name in PEBBLE:
            count(mocking._MockPebbleClient, name, name)
        count(ops.Unit, 'is_leader', 'leader_questions', is_call=False)
        yield counter
