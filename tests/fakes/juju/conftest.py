# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A controller, and hooks of the units in its model."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from fakes import juju

from .site import Site

OWNER, PEER, READER = 'opencti/0', 'opencti/1', 'conn/0'
A, B, C = {'token': 'a'}, {'token': 'b'}, {'token': 'c'}


class Controller:
    """Runs hooks against one ledger."""

    def __init__(self, version: juju.Version, *, removes_later: bool = False):
        self.version = version
        self.ledger = juju.Ledger(version, removes_later=removes_later)
        self.lives = {1: juju.Life.ALIVE, 2: juju.Life.ALIVE}

    def hook(self, unit: str = OWNER, *, is_leader: bool | None = None) -> juju.HookTools:
        """Begin a hook; relation 1 and 2 are with the same application."""
        other = 'opencti' if unit == READER else 'conn'
        return juju.HookTools(
            self.ledger,
            unit,
            is_leader=unit != PEER if is_leader is None else is_leader,
            relations={i: juju.Relation(other, life) for i, life in self.lives.items()},
        )

    @contextlib.contextmanager
    def flushed(self, unit: str = OWNER) -> Iterator[juju.HookTools]:
        """Let a hook do something, and flush it."""
        hook = self.hook(unit)
        yield hook
        hook.flush()

    def add(self, label: str = 'L', *, is_granted: bool = True) -> str:
        """Add a secret in a hook of its own."""
        with self.flushed() as hook:
            secret = hook.secret_add(A, label=label)
            if is_granted:
                hook.secret_grant(secret, 1)
        return secret

    def two_revisions(self, *, is_granted: bool = True) -> str:
        """Add a secret, and give it new content in another hook."""
        secret = self.add(is_granted=is_granted)
        self.set(secret, B)
        return secret

    def set(self, secret: str, content: dict[str, str] | None = None, **changes: Any) -> None:
        """Set content, or something else, in a hook of its own."""
        with self.flushed() as hook:
            hook.secret_set(secret, juju.Changes(content, **changes))

    def read(self, secret: str, unit: str = READER, **how: bool) -> dict[str, str]:
        """Read a secret in a hook of its own."""
        return self.hook(unit).secret_get(secret, **how)

    def known(self, secret: str) -> juju.Secret:
        """Return what the ledger has of a secret."""
        return self.ledger.find(secret)

    def newest(self, secret: str) -> dict[str, str]:
        """Return the newest content, as the ledger has it."""
        known = self.known(secret)
        return known.revisions[known.newest].content


@pytest.fixture(params=juju.Version, ids=lambda version: version.value)
def controller(request: pytest.FixtureRequest) -> Controller:
    """A controller of each version."""
    return Controller(request.param)


@pytest.fixture
def juju_3_6() -> Controller:
    """A controller of 3.6, where it differs."""
    return Controller(juju.Version.V3_6)


@pytest.fixture
def juju_4_0() -> Controller:
    """A controller of 4.0, where it differs."""
    return Controller(juju.Version.V4_0, removes_later=True)


@pytest.fixture
def site() -> Site:
    """A model on machines."""
    return Site()
