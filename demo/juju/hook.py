# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Hooks that wait, and what hooks did."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from ops import testing

Event = Callable[[testing.CharmEvents], Any]
"""Makes an event for a hook; `None` if there is no cause for the hook any more."""


@dataclasses.dataclass(frozen=True)
class Pending:
    """A hook that waits. Those of one cause come in their order, others in any order."""

    cause: str
    event: Event
    departing_unit: str | None = None


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What a unit shows of its application at a time."""

    databag: Mapping[str, str]
    secrets: Mapping[str, testing.Secret]
    services: Mapping[str, str]
    """Of each Pebble service, how it is."""


@dataclasses.dataclass(frozen=True)
class Hook:
    """What one hook of a unit did."""

    unit: str
    event: str
    relation_id: int | None
    """The relation that the event is of, if it is of one."""
    custom_events: list[str]
    before: Snapshot
    after: Snapshot
    log: list[str]
    error: Exception | None = None
    """Why it failed, and is to run again."""

    @property
    def application(self) -> str:
        """The name of the unit's application."""
        return self.unit.partition('/')[0]
