# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A model of a real Juju: deploy to it, wait for what is expected, and leave nothing in it."""

import json
import pathlib
import random
import re
import string
from collections.abc import Callable
from typing import Any

import jubilant.unittypes

Pack = Callable[[str], pathlib.Path]
"""Packs a charm, by the name of its folder."""

_LOGGED = re.compile(r'unit\.(?P<unit>\S+/\d+)\.juju-log .*?(?P<entry>\{"event".*\})$', re.M)
_FAILED = re.compile(r'^unit-(?P<app>\S+)-\d+: .*(hook|operation) .*failed.*$', re.M)


class Model:
    """The applications that one test module deploys, all to machine 0."""

    def __init__(self, name: str):
        self.juju = jubilant.Juju(model=name)
        self.juju.wait_timeout = 180
        self.apps: list[str] = []

    def deploy(self, charm: pathlib.Path, **config: bool | int | str) -> str:
        """Deploy a charm under a name of its own, and return the name.

        Juju goes on counting units where an application comes again under its name.
        """
        letters = ''.join(random.choices(string.ascii_lowercase, k=5))
        app = f'{charm.stem}-{letters}'
        self.apps.append(app)
        self.juju.deploy(charm, app, config=config or None, to='0')
        return app

    def add_unit(self, app: str) -> None:
        """Add a unit, on the same machine."""
        self.juju.add_unit(app, to='0')

    def wait(self, ready: Callable[[], object], error: bool = True) -> None:
        """Wait until something is so.

        Args:
            ready: Whether it is.
            error: Whether a unit in error ends the waiting.
        """
        self.juju.wait(
            lambda _: bool(ready()),
            error=(lambda status: jubilant.any_error(status, *self.apps)) if error else None,
            delay=0.3,
            successes=1,
        )

    def wait_for_idle(self) -> None:
        """Wait until each unit is there and none runs a hook."""
        self.juju.wait(
            lambda status: (
                all(app in status.apps and status.apps[app].units for app in self.apps)
                and jubilant.all_agents_idle(status, *self.apps)
            ),
            error=lambda status: jubilant.any_error(status, *self.apps),
            delay=0.3,
            successes=1,
        )

    def leader(self, app: str) -> str:
        """Return the name of the application's leader."""
        units = self.juju.status().apps[app].units
        (leader,) = (name for name, unit in units.items() if unit.leader)
        return leader

    def relation(
        self, app: str, endpoint: str = 'opencti-connector'
    ) -> jubilant.unittypes.RelationData:
        """Return the application's one relation at an endpoint, as a unit sees it."""
        unit = min(self.juju.status().apps[app].units)
        found = [r for r in self.juju.show_unit(unit).relation_info if r.endpoint == endpoint]
        (relation,) = found
        return relation

    def journal(self, app: str) -> list[dict[str, Any]]:
        """Return what the units of a scripted charm logged, oldest first."""
        return [
            {'unit': match['unit'], **json.loads(match['entry'])}
            for match in _LOGGED.finditer(self.juju.debug_log())
            if match['unit'].rpartition('/')[0] == app
        ]

    def secrets(self, app: str) -> list[jubilant.Secret]:
        """Return the secrets that an application owns."""
        return [secret for secret in self.juju.secrets() if secret.owner == app]

    def published_token(self, app: str, endpoint: str = 'opencti-connector') -> str | None:
        """Return the token that stands published to a connector, if one does."""
        secret = self.relation(app, endpoint).app_data.get('opencti_token')
        return secret and self.juju.show_secret(secret, reveal=True).content['token']

    def failed_hooks(self) -> list[str]:
        """Return the lines of the log that tell of a failed hook of these applications."""
        matches = _FAILED.finditer(self.juju.debug_log())
        return [match[0] for match in matches if match['app'] in self.apps]

    def remove(self, *apps: str) -> None:
        """Remove applications, and wait until they are gone."""
        self.juju.remove_application(*apps, destroy_storage=True)
        self.juju.wait(lambda status: not status.apps.keys() & set(apps), successes=1)

    def close(self) -> None:
        """Remove by force what is left of what was deployed."""
        left = self.juju.status().apps.keys() & set(self.apps)
        if left:
            self.juju.remove_application(*left, destroy_storage=True, force=True)
            self.juju.wait(lambda status: not status.apps.keys() & left, successes=1)
