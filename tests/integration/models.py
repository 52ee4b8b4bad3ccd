# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A model of a real Juju: deploy to it, wait for a state, and clean up."""

import contextlib
import json
import pathlib
import random
import re
import string
from collections.abc import Callable, Iterator
from typing import Any

import jubilant.unittypes

Pack = Callable[..., pathlib.Path]
"""Packs a charm, by the name of its directory; the rest is as in `packing.pack`."""

_LOGGED = re.compile(r'unit\.(?P<unit>\S+/\d+)\.juju-log .*?(?P<entry>\{"event".*\})$', re.M)
# A unit that is removed can be gone from Juju 4.0 before its last hooks, `stop` and `remove`, end.
_FAILED = re.compile(
    r'^unit-(?P<app>\S+)-\d+: .* hook "(?!(?:stop|remove)").* failed: exit status .*$', re.M
)


def run(juju: jubilant.Juju, command: str, **where: Any) -> jubilant.Task:
    """Run a command on a unit or a machine.

    Agents that open two sockets at once can be left with a umask of 077 (`Listen` in Juju's
    juju/sockets). A machine's user then may not read its script; root, on any unit, may.
    """
    try:
        return juju.exec(command, **where)
    except jubilant.TaskError as error:
        if error.task.return_code != 126 or 'machine' not in where:
            raise
        apps = juju.status().apps.values()
        return juju.exec(command, unit=next(name for app in apps for name in app.units))


class Model:
    """A model, and the applications that the tests deploy to it.

    Args:
        name: The model's name.
        machine: The machine that takes all charms, or `None` on Kubernetes.
    """

    def __init__(self, name: str, machine: str | None = '0'):
        self.name = name
        self._machine = machine
        self.juju = jubilant.Juju(model=name)
        self.juju.wait_timeout = 180
        self.apps: list[str] = []
        self._tidy = contextlib.ExitStack()

    def deploy(
        self,
        charm: pathlib.Path,
        resources: dict[str, str] | None = None,
        **config: bool | int | str,
    ) -> str:
        """Deploy a charm under a name of its own, and return the name.

        Juju goes on counting units where an application comes again under its name.
        """
        letters = ''.join(random.choices(string.ascii_lowercase, k=5))
        app = f'{charm.stem}-{letters}'
        self.apps.append(app)
        self.juju.deploy(charm, app, config=config or None, resources=resources, to=self._machine)
        return app

    def add_unit(self, app: str) -> None:
        """Add a unit, and wait until it is set up."""
        before = self.units(app)
        self.juju.add_unit(app, to=self._machine)
        self.wait(lambda: self.units(app) > before)
        self.wait_for_idle()

    def remove_unit(self, unit: str) -> None:
        """Remove a unit, and wait until it is gone and, if others are left, one of them leads."""
        app = unit.partition('/')[0]
        if self._machine is None:
            self.juju.remove_unit(app, num_units=1)  # On Kubernetes, the last one goes.
        else:
            self.juju.remove_unit(unit)
        self.wait(lambda: unit not in self.units(app))
        self.wait(lambda: not self.units(app) or self.leader(app))

    def units(self, app: str) -> set[str]:
        """Return the names of an application's units."""
        return set(self.juju.status().apps[app].units)

    def statuses(self, app: str) -> list[str]:
        """Return the status of each of an application's units."""
        units = self.juju.status().apps[app].units.values()
        return [unit.workload_status.current for unit in units]

    def status(self, unit: str) -> str:
        """Return the status of a unit."""
        app = unit.partition('/')[0]
        return self.juju.status().apps[app].units[unit].workload_status.current

    def leader(self, app: str) -> str | None:
        """Return the name of the application's leader, if it has one now."""
        units = self.juju.status().apps[app].units
        return next((name for name, unit in units.items() if unit.leader), None)

    def wait(self, ready: Callable[[], object]) -> None:
        """Wait until a condition holds."""
        self._wait(lambda _: bool(ready()))

    def wait_for_idle(self) -> None:
        """Wait until each unit is there and none runs a hook."""
        self._wait(lambda status: jubilant.all_agents_idle(status, *self._present(status)))

    def _wait(self, ready: Callable[[jubilant.Status], bool]) -> None:
        # A hook that was killed is an error, too, and Juju runs it again; one that failed fails.
        self.juju.wait(
            ready,
            error=lambda status: (
                jubilant.any_error(status, *self._present(status)) and bool(self.failed_hooks())
            ),
            delay=1.0,
            successes=1,
        )

    def _present(self, status: jubilant.Status) -> list[str]:
        return [app for app in self.apps if app in status.apps]

    def add_secret(self, name: str, content: dict[str, str], app: str) -> str:
        """Add a user's secret that an application may read, and return its id."""
        secret = self.juju.add_secret(name, content)
        self._tidy.callback(self.juju.remove_secret, name)
        self.juju.grant_secret(name, app)
        return secret

    def offer(self, app: str, endpoint: str) -> str:
        """Offer an endpoint to other models, and return what they consume."""
        self.juju.offer(f'{self.name}.{app}', endpoint=endpoint)
        offer = f'{self.name}.{app}'
        remove = ['remove-offer', '--yes', '--force', f'admin/{offer}']
        self._tidy.callback(self.juju.cli, *remove, include_model=False)
        return offer

    def consume(self, offer: str) -> str:
        """Consume an offer of another model, and return its name in this one."""
        name = offer.rpartition('.')[2]
        self.juju.consume(offer, name)
        self._tidy.callback(self.juju.cli, 'remove-saas', name)
        return name

    def run_script(self, app: str, *steps: list[object]) -> None:
        """Let the leader of a scripted OpenCTI do something in an action."""
        self.wait(lambda: self.leader(app))
        leader = self.leader(app)
        assert leader
        self.juju.run(
            leader, 'run-script', {'steps': json.dumps(steps)}, wait=self.juju.wait_timeout
        )

    def exec(self, command: str, **where: Any) -> jubilant.Task:
        """Run a command on a unit or a machine."""
        return run(self.juju, command, **where)

    def run_hook(self, app: str, hook: str = 'update-status', times: int = 1) -> None:
        """Run a hook of the application's leader now, as Juju runs it."""
        leader = self.leader(app)
        assert leader
        dispatch = f'for _ in $(seq {times}); do JUJU_DISPATCH_PATH=hooks/{hook} ./dispatch; done'
        self.exec(dispatch, unit=leader)

    def integrate(self, app: str, endpoint: str, other: str) -> int:
        """Relate an endpoint that has no relation yet, and return the relation's id."""
        self.juju.integrate(f'{app}:{endpoint}', other)
        self.wait(lambda: self.relation_ids(app, endpoint))
        (relation_id,) = self.relation_ids(app, endpoint)
        return relation_id

    def remove_relation(self, app: str, endpoint: str, other: str) -> None:
        """Remove a relation, and wait until it is gone."""
        self.juju.remove_relation(f'{app}:{endpoint}', other)
        other_app = other.partition(':')[0]
        self._wait(
            lambda status: all(
                relation.related_app != other_app
                for relation in status.apps[app].relations.get(endpoint, [])
            )
        )

    def relation_ids(self, app: str, endpoint: str) -> list[int]:
        """Return the ids of the relations at an endpoint."""
        relations = self._relations(app).values()
        return [relation.relation_id for relation in relations if relation.endpoint == endpoint]

    def databags(self, relation_id: int, *apps: str) -> dict[str, str]:
        """Return what the applications of a relation wrote to it, both in one.

        Juju 3 shows a unit the other application's databag, Juju 4 its own application's.
        """
        shown = (self._relations(app)[relation_id].app_data for app in apps)
        return {key: value for databag in shown for key, value in databag.items()}

    def _relations(self, app: str) -> dict[int, jubilant.unittypes.RelationData]:
        unit = min(self.juju.status().apps[app].units)
        return {r.relation_id: r for r in self.juju.show_unit(unit).relation_info}

    def journal(self, app: str) -> list[dict[str, Any]]:
        """Return what the units of a scripted charm logged, oldest first."""
        return [
            {'unit': match['unit'], **json.loads(match['entry'])}
            for match in _LOGGED.finditer(self._log())
            if match['unit'].rpartition('/')[0] == app
        ]

    def secrets(self, app: str) -> dict[str, int]:
        """Return the ids of an application's secrets, each with its newest revision."""
        return {
            secret.uri.unique_identifier: secret.revision
            for secret in self.juju.secrets()
            if secret.owner == app
        }

    def revisions(self, secret: str) -> list[int]:
        """Return the revisions that are left of a secret."""
        shown = self.juju.show_secret(secret, revisions=True)
        return [revision.revision for revision in shown.revisions or []]

    def published_token(self, relation_id: int, *apps: str) -> str | None:
        """Return the token that is published in a relation, if any."""
        secret = self.databags(relation_id, *apps).get('opencti_token')
        return secret and self.juju.show_secret(secret, reveal=True).content['token']

    def failed_hooks(self) -> list[str]:
        """Return the lines of the log about failed hooks of these applications."""
        matches = _FAILED.finditer(self._log())
        return [match[0] for match in matches if match['app'] in self.apps]

    def _log(self) -> str:
        # What charms log, and what their agents say of hooks: the rest is long.
        modules = ['--include-module', 'unit', '--include-module', 'juju.worker.uniter.operation']
        return self.juju.cli('debug-log', '--limit', '0', *modules)

    def remove(self, *apps: str) -> None:
        """Remove applications, and wait until they are gone."""
        self.juju.remove_application(*apps, destroy_storage=True)
        self._wait_until_gone(*apps)

    def close(self) -> None:
        """Remove what is left; by force where a unit is in error."""
        try:
            self._tidy.close()
        finally:
            status = self.juju.status()
            left = self._present(status)
            if left:
                force = jubilant.any_error(status, *left)
                self.juju.remove_application(*left, destroy_storage=True, force=force)
                self._wait_until_gone(*left)

    def _wait_until_gone(self, *apps: str) -> None:
        self.juju.wait(lambda status: not status.apps.keys() & set(apps), successes=1)


@contextlib.contextmanager
def tidied(model: Model) -> Iterator[Model]:
    """Use a model, and clean it up."""
    try:
        yield model
    finally:
        model.close()
