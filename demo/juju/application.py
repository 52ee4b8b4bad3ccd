# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""An application: its units, one of which may lead, and its configuration."""

from typing import Any

import ops
from ops import testing

from .secrets import Ledger, Secret
from .unit import Unit


class Application:
    """An application whose units are real charms; it comes with one unit, which leads.

    Args:
        name: its name.
        charm_type: its charm.
        context: further arguments for `Context`.
    """

    ledger: Ledger
    """The controller's; set by the model that the application is put into."""

    def __init__(self, name: str, charm_type: type[ops.CharmBase], **context: Any):
        self.name = name
        self.charm_type = charm_type
        self.context = context
        self.config: dict[str, str | int | float | bool] = {}
        self.planned_units: int | None = None
        """The number of units that Juju plans, if it is not the present one."""
        self.units: list[Unit] = []
        self.leader: Unit | None = None
        self._next_number = 0
        self.leader = self.add_unit()

    def add_unit(self) -> Unit:
        """Add a unit; the model queues its hooks."""
        unit = Unit(self, self._next_number)
        self._next_number += 1
        self.units.append(unit)
        return unit

    @property
    def unit(self) -> Unit:
        """The leader, or else the oldest unit."""
        return self.leader or self.units[0]

    @property
    def state(self) -> testing.State:
        """The state after the last hook of that unit."""
        return self.unit.state

    @property
    def secrets(self) -> list[Secret]:
        """The secrets that the application owns."""
        return [s for s in self.ledger.secrets.values() if s.owner == self.name]

    def token(self, label: str) -> str:
        """Return the newest token in the secret with a label."""
        secret = self.ledger.with_label(self.name, label)
        assert secret is not None
        return secret.newest_content['token']

    @property
    def services(self) -> dict[str, str]:
        """The status of each Pebble service."""
        return self.unit.services

    def update(self, **changes: Any) -> None:
        """Change the state of each unit."""
        for unit in self.units:
            unit.update(**changes)
