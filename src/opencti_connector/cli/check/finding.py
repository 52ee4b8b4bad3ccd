# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is found: each finding, what is found in a relation, and all together."""

import dataclasses
import enum
from collections.abc import Sequence

from . import relations
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


# The order in which errors are acted on: first what does harm, then causes before what follows.
ORDER = (
    *('token-published', 'unit-databag'),
    *('cut', 'same-side', 'differs'),
    *('not-related', 'not-known', 'too-many-relations'),
    *('agent-lost', 'hook-failed', 'no-unit', 'no-leader', 'dying', 'out-of-scope'),
    *('misspelt-key', 'json', 'unusable', 'both-sides', 'no-secret', 'not-granted', 'blocked'),
    *('half-written', 'silent', 'service-down'),
)


@dataclasses.dataclass(frozen=True)
class Checked:
    """A relation, with what was found in it."""

    relation: relations.Relation
    findings: list[Finding]

    @property
    def error_codes(self) -> list[str]:
        """The names of the errors, each once."""
        errors = (finding for finding in self.findings if finding.level is Level.ERROR)
        return list(dict.fromkeys(error.code for error in errors))


@dataclasses.dataclass(frozen=True)
class Report:
    """All that was found."""

    relations: list[Checked]
    """Each relation, with what was found in it."""

    general: list[Finding]
    """What was found that is not about a single relation."""

    seen: Sequence[str] = ()
    """What else was seen, a line each."""

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors

    @property
    def is_complete(self) -> bool:
        """Whether both ends of each relation are shown."""
        return all(one.relation.is_complete for one in self.relations)

    @property
    def errors(self) -> list[Finding]:
        """All errors."""
        found = [*self.general, *(f for one in self.relations for f in one.findings)]
        return [finding for finding in found if finding.level is Level.ERROR]

    @property
    def verdict(self) -> Finding | None:
        """The error to act on first."""
        return min(self.errors, key=lambda error: ORDER.index(error.code), default=None)
