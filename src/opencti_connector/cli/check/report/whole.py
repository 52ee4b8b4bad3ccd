# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""All that was found."""

import dataclasses
from collections.abc import Sequence

from ..finding import Finding, Level
from ..rules import apply


@dataclasses.dataclass(frozen=True)
class Report:
    """All that was found."""

    relations: list[apply.Checked]
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
        return min(self.errors, key=lambda error: apply.ORDER.index(error.code), default=None)
