# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Counts what a hook asks of Juju."""

import collections
import contextlib
from collections.abc import Iterator
from typing import Any

import ops

# Each of these runs a program of Juju's in a deployed charm. `ops.testing` replaces them and does
# not say when they are called, so its backend has to be wrapped.
CALLS = (
    'is_leader',
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
)
WRITES = ('relation_set', 'secret_add', 'secret_grant', 'secret_remove', 'secret_set')


@contextlib.contextmanager
def counted() -> Iterator[collections.Counter[str]]:
    """Count the calls of the model's backend, and as `leader_questions` those of `Unit.is_leader`.

    ops asks the backend who leads whenever an application databag is touched; only the second
    count holds the questions that charm and library ask.
    """
    from scenario import mocking

    counter: collections.Counter[str] = collections.Counter()
    backend = mocking._MockModelBackend

    def count(owner: Any, name: str, counted_as: str) -> None:
        original = getattr(owner, name)

        def wrapper(*args: Any, **kwargs: Any) -> Any:
            counter[counted_as] += 1
            return original(*args, **kwargs)

        stack.callback(setattr, owner, name, original)
        setattr(owner, name, wrapper)

    with contextlib.ExitStack() as stack:
        for name in CALLS:
            count(backend, name, name)
        count(ops.Unit, 'is_leader', 'leader_questions')
        yield counter
