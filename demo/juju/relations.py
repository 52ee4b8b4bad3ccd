# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How a relation stands at the controller, which its hooks are not told."""

import dataclasses
import enum


class Life(enum.Enum):
    """How far a relation is from its end."""

    ALIVE = 'alive'
    DYING = 'dying'
    """It is being removed, and its hooks run."""
    GONE = 'gone'
    """The controller knows it no more, though the hook still lists it."""


@dataclasses.dataclass
class Relation:
    """A relation as the controller knows it, from the view of one side."""

    remote_application: str
    life: Life = Life.ALIVE
