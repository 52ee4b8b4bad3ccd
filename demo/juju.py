# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A Juju in small: applications run their hooks, and read what the others wrote.

Each application is a real charm in `ops.testing`. What this adds is what lies between two of them:
one's application databag is the other's remote databag, and a secret that is granted can be read.
"""

import dataclasses
import importlib.util
import pathlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import ops
from ops import testing

ENDPOINT = 'opencti-connector'

Event = Callable[[testing.CharmEvents], Any]


def load_charm(directory: pathlib.Path) -> type[ops.CharmBase]:
    """Import the charm of a charm directory under a name of its own: all are called `charm`."""
    source = directory / 'src'
    name = f'{directory.name.replace("-", "_")}_charm'
    spec = importlib.util.spec_from_file_location(name, source / 'charm.py')
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(source))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(source))
    own = [value for value in vars(module).values() if getattr(value, '__module__', '') == name]
    return next(c for c in own if isinstance(c, type) and issubclass(c, ops.CharmBase))


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What an application shows of itself at a time."""

    databag: Mapping[str, str]
    secrets: Mapping[str, testing.Secret]
    services: Mapping[str, str]
    """Of each Pebble service, how it is."""


@dataclasses.dataclass(frozen=True)
class Hook:
    """What one hook of an application did."""

    application: str
    event: str
    custom_events: list[str]
    before: Snapshot
    after: Snapshot
    log: list[str]


class Application:
    """An application of one unit, which is a real charm."""

    def __init__(self, name: str, charm_type: type[ops.CharmBase]):
        self.name = name
        self.state = testing.State(leader=True)
        self._charm_type = charm_type

    @property
    def relation(self) -> testing.Relation | None:
        """The application's relation."""
        relations = [r for r in self.state.relations if isinstance(r, testing.Relation)]
        return relations[0] if relations else None

    @property
    def databag(self) -> Mapping[str, str]:
        """What the application wrote into the relation."""
        return self.relation.local_app_data if self.relation else {}

    @property
    def secrets(self) -> dict[str, testing.Secret]:
        """The secrets that the application knows, by id."""
        return {secret.id: secret for secret in self.state.secrets}

    @property
    def services(self) -> dict[str, str]:
        """Of each Pebble service, how it is."""
        return {
            name: f'{container.service_statuses[name].value}, {len(service.environment)} variables'
            for container in self.state.containers
            for name, service in container.plan.services.items()
            if name in container.service_statuses
        }

    def update(self, **changes: Any) -> None:
        """Change what Juju tells the application."""
        self.state = dataclasses.replace(self.state, **changes)

    def update_relation(self, **changes: Any) -> None:
        """Change what Juju tells the application of its relation."""
        assert self.relation is not None
        self.update(relations={dataclasses.replace(self.relation, **changes)})

    def run(self, event: Event) -> Hook:
        """Run the hook of an event."""
        before = self._snapshot()
        context = testing.Context(self._charm_type, app_name=self.name)
        self.state = context.run(event(context.on), self.state)
        hook, *custom_events = (e.handle.kind for e in context.emitted_events)
        return Hook(
            application=self.name,
            event=hook,
            custom_events=custom_events,
            before=before,
            after=self._snapshot(),
            log=[f'{line.level}: {line.message}' for line in context.juju_log],
        )

    def _snapshot(self) -> Snapshot:
        return Snapshot(dict(self.databag), self.secrets, self.services)


class Model:
    """A model with two applications that can be related; it keeps a record of all hooks."""

    def __init__(self, provider: Application, requirer: Application):
        self.provider = provider
        self.requirer = requirer
        self.hooks: list[Hook] = []
        self._relayed: set[str] = set()

    def relate(self, relation_id: int = 1) -> None:
        """Relate the two applications, and run all hooks that follow from it."""
        for application, other in self._directions():
            relation = testing.Relation(
                ENDPOINT, 'opencti_connector', id=relation_id, remote_app_name=other.name
            )
            application.update(relations={relation})
        for application, _ in self._directions():
            self._run_on_relation(application, lambda on: on.relation_created)
            self._run_on_relation(application, lambda on: on.relation_joined, remote_unit=0)
        self.settle()

    def remove_relation(self) -> None:
        """Remove the relation; each side learns of it, and then knows it no more."""
        for application, _ in self._directions():
            self._run_on_relation(application, lambda on: on.relation_departed, remote_unit=0)
            self._run_on_relation(application, lambda on: on.relation_broken)
            application.update(relations=set())
        self.settle()

    def run(self, application: Application, event: Event) -> None:
        """Run a hook, and all hooks that follow from it."""
        self.hooks.append(application.run(event))
        self.settle()

    def settle(self) -> None:
        """Pass on what was written, and run the hooks that tell of it, until all is quiet."""
        while self._relay_databags() or self._relay_secrets():
            continue

    def _directions(self) -> list[tuple[Application, Application]]:
        return [(self.provider, self.requirer), (self.requirer, self.provider)]

    def _run_on_relation(
        self, application: Application, event: Callable[..., Any], **details: int
    ) -> None:
        self.hooks.append(application.run(lambda on: event(on)(application.relation, **details)))

    def _relay_databags(self) -> bool:
        for reader, writer in self._directions():
            if reader.relation and dict(reader.relation.remote_app_data) != dict(writer.databag):
                # The secrets come first: a grant and the id in the databag arrive together.
                self._relay_secrets(notify=False)
                reader.update_relation(remote_app_data=dict(writer.databag))
                self._run_on_relation(reader, lambda on: on.relation_changed, remote_unit=0)
                return True
        return False

    def _relay_secrets(self, *, notify: bool = True) -> bool:
        """Show the provider the secrets that are granted to it, and tell of new revisions."""
        known = self.provider.secrets
        granted: dict[str, testing.Secret] = {}
        for secret in self.requirer.state.secrets:
            if self.provider.relation and self.provider.relation.id in secret.remote_grants:
                newest = dict(secret.latest_content or {})
                tracked = known[secret.id].tracked_content if secret.id in known else newest
                granted[secret.id] = testing.Secret(
                    dict(tracked), latest_content=newest, id=secret.id
                )
        rotated = [
            secret
            for secret in granted.values()
            if secret.tracked_content != secret.latest_content
        ]
        self._relayed |= granted.keys()
        of_its_own = {secret for key, secret in known.items() if key not in self._relayed}
        self.provider.update(secrets={*of_its_own, *granted.values()})
        if not notify or not rotated:
            return False
        self.hooks.append(self.provider.run(lambda on: on.secret_changed(rotated[0])))
        return self.provider.secrets[rotated[0].id].tracked_content == rotated[0].latest_content
