# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Queued hooks, and what hooks did."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from ops import testing

Event = Callable[[testing.CharmEvents], Any]
"""Makes an event for a hook; `None` if the hook has lost its cause."""


@dataclasses.dataclass(frozen=True)
class Pending:
    """A queued hook. Those of one cause run in order, others in any order."""

    cause: str
    event: Event
    departing_unit: str | None = None
    comes_again: bool = False
    """Whether Juju finds its cause again where it has forgotten that the hook failed."""


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What a unit shows of its application at one time."""

    databag: Mapping[str, str]
    secrets: Mapping[str, testing.Secret]
    services: Mapping[str, str]
    """The status of each Pebble service."""


@dataclasses.dataclass(frozen=True)
class Hook:
    """What one hook of a unit did."""

    unit: str
    event: str
    relation_id: int | None
    """The relation of the event, if it has one."""
    custom_events: list[str]
    before: Snapshot
    after: Snapshot
    log: list[str]
    error: Exception | None = None
    """Why it failed, and has to run again."""

    @property
    def application(self) -> str:
        """The name of the unit's application."""
        return self.unit.partition('/')[0]
