# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command to type next. What a person must fill in is in capitals."""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Place:
    """Where something is."""

    apps: list[str]
    """The applications that it may be."""

    model: str = ''
    """Their model; empty for the one that `juju` uses now."""

    is_local: bool = False
    """Whether the charm is known to come from a file, not from Charmhub."""

    def juju(self, command: str, *arguments: str) -> str:
        """Return a command of `juju` in the model."""
        return self._typed('juju', command, *arguments)

    def look(self) -> str:
        """Return the command that looks at the first of the applications with `juju`."""
        return self._typed('opencti-connector', 'check --juju', *self.apps[:1])

    def _typed(self, program: str, command: str, *arguments: str) -> str:
        model = ['--model', self.model] if self.model else []
        return ' '.join([program, command, *model, *arguments])


def see_log(place: Place) -> str:
    """Show why hooks did not do what they should."""
    return place.juju('debug-log', '--replay', *(f'--include {app}' for app in place.apps))


def see_status(place: Place) -> str:
    """Show the status of the applications."""
    return place.juju('status', '--relations', *place.apps)


def see_config(place: Place) -> str:
    """Show the configuration, if there is only one possible application."""
    return place.juju('config', *place.apps) if len(place.apps) == 1 else see_log(place)


def upgrade(place: Place) -> str:
    """Upgrade the charm, if there is only one possible application."""
    # Without a file, Juju refuses to refresh a local charm (cmd/juju/application/refresh.go).
    file = ['--path', 'CHARM-FILE'] if place.is_local else []
    return place.juju('refresh', *place.apps, *file) if len(place.apps) == 1 else see_log(place)


def see_secret(secret_id: str, place: Place) -> str:
    """Show to whom a secret is granted."""
    return place.juju('show-secret', secret_id.removeprefix('secret:'))


def run_hook(place: Place, unit: str) -> str:
    """Run a hook now; an unchanged configuration runs none."""
    dispatch = 'JUJU_DISPATCH_PATH=hooks/update-status ./dispatch'
    return place.juju('exec', '--unit', unit, f"'{dispatch}'")


def see_both_ends(place: Place, unit_of: Mapping[str, str]) -> str:
    """Show a unit of each end at once: with every version of Juju, this shows all data.

    Args:
        place: The applications that are known of both ends.
        unit_of: A unit of each application that has one.
    """
    units = [unit_of[app] for app in place.apps if app in unit_of]
    if len(units) < 2:
        return place.look()
    return f'{place.juju("show-unit", *units)} | opencti-connector check'


def integrate(place: Place) -> str:
    """Relate the applications, with a placeholder for one that is not known."""
    return place.juju('integrate', *[*place.apps, 'OTHER-APPLICATION'][:2])
