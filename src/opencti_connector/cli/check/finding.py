# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A finding of `check`."""

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
    """What is wrong, and what to type next. It holds no value but a secret's id."""

    code: str
    """The name of the finding, for scripts."""

    level: Level = Level.ERROR

    side: Side | None = None
    """The side that has to act, if known."""

    key: str | None = None
    """The key in the databag, if the finding is about one."""

    problem: str
    """The problem and what to do, as a clause whose subject is the key, if there is one."""

    command: str
    """The next command to type."""
