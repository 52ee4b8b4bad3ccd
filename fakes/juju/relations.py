# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The life of a relation at the controller, which its hooks do not see."""

import dataclasses
import enum

REFUSALS = ('unauthorized access', 'permission denied', 'relation not found')
"""What `relation-get` says of a relation that was removed with `--force` (seen on 4.0.15)."""


class Life(enum.Enum):
    """The life of a relation."""

    ALIVE = 'alive'
    DYING = 'dying'
    """It is being removed, and its hooks run."""
    GONE = 'gone'
    """The controller no longer knows it, although the hook still lists it."""


@dataclasses.dataclass
class Relation:
    """A relation as the controller knows it, from the view of one side."""

    remote_application: str
    life: Life = Life.ALIVE
