# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""One thing that `check` has to tell."""

import dataclasses
import enum

from .sides import Side


class Level(str, enum.Enum):
    """How much a finding matters."""

    ERROR = 'error'
    """Something is wrong: the command exits with 1."""

    NOTE = 'note'
    """Good to know."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong, and what to type next; of all values it may hold a secret's id alone."""

    code: str
    """What it is, for scripts."""

    level: Level = Level.ERROR

    side: Side | None = None
    """The side that has to act, if that can be told."""

    key: str | None = None
    """The databag's key, if it is about one."""

    problem: str
    """The problem and what to do, as a clause whose subject is the key, if there is one."""

    command: str
    """The next command to type."""
