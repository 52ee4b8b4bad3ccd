# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A relation between two applications, with both databags."""

import dataclasses

from ops import testing

from .application import Application, Unit
from .relations import Life, Relation

ENDPOINT = 'opencti-connector'


@dataclasses.dataclass
class Link:
    """A relation as the controller keeps it."""

    id: int
    applications: tuple[Application, Application]
    life: Life = Life.ALIVE
    databags: dict[str, dict[str, str]] = dataclasses.field(
        default_factory=dict[str, dict[str, str]]
    )
    """What each application wrote, by its name."""
    members: set[str] = dataclasses.field(default_factory=set[str])
    """The names of all units that were ever in it, and so may learn of its end."""

    def other(self, application: Application) -> Application:
        """Return the application at the other end."""
        one, another = self.applications
        return another if application is one else one

    def seen_by(self, unit: Unit) -> testing.Relation:
        """Return the relation as a unit's state shows it."""
        other = self.other(unit.application)
        return testing.Relation(
            ENDPOINT,
            'opencti_connector',
            id=self.id,
            remote_app_name=other.name,
            local_app_data=dict(self.databags.get(unit.application.name, {})),
            remote_app_data=dict(self.databags.get(other.name, {})),
            remote_units_data={u.number: {} for u in other.units if self.id in u.relations},
        )

    def known_to(self, unit: Unit) -> Relation:
        """Return the relation as the controller knows it when a unit's hook ends."""
        return Relation(self.other(unit.application).name, self.life)
