# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A Juju in small: applications run their hooks, and read what the others wrote.

Each application is a real charm in `ops.testing`. What this adds is what lies between them: one's
application databag is the other's remote databag, a secret that is granted can be read, and who
has to learn of a change has a hook waiting.
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
"""Makes an event for a hook; `None` if there is no cause for the hook any more."""


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
    broken: int | None
    """The relation that the application knows no more after this hook."""


@dataclasses.dataclass(frozen=True)
class Pending:
    """A hook that waits. Those of one cause come in their order, others in any order."""

    cause: str
    event: Event


class Application:
    """An application of one unit, which is a real charm."""

    def __init__(self, name: str, charm_type: type[ops.CharmBase], **context: Any):
        self.name = name
        self.state = testing.State(leader=True)
        self.pending: list[Pending] = []
        self._charm_type = charm_type
        self._context = context

    @property
    def relations(self) -> dict[int, testing.Relation]:
        """The application's relations of the endpoint, by id, oldest first."""
        return {
            relation.id: relation
            for relation in sorted(self.state.get_relations(ENDPOINT), key=lambda r: r.id)
            if isinstance(relation, testing.Relation)
        }

    @property
    def databag(self) -> Mapping[str, str]:
        """What the application wrote into its relation, if it has just one."""
        relations = list(self.relations.values())
        return relations[0].local_app_data if len(relations) == 1 else {}

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

    def update_relation(self, relation_id: int, **changes: Any) -> None:
        """Change what Juju tells the application of a relation."""
        relations = self.relations
        relations[relation_id] = dataclasses.replace(relations[relation_id], **changes)
        self.update(relations=set(relations.values()))

    def remove_relation(self, relation_id: int) -> None:
        """Let the application know a relation no more."""
        self.update(relations={r for r in self.relations.values() if r.id != relation_id})

    def run(self, event: Event) -> Hook | None:
        """Run the hook of an event."""
        before = self._snapshot()
        context = testing.Context(self._charm_type, app_name=self.name, **self._context)
        made = event(context.on)
        if made is None:
            return None
        self.state = context.run(made, self.state)
        hook, *custom_events = (e.handle.kind for e in context.emitted_events)
        return Hook(
            application=self.name,
            event=hook,
            custom_events=custom_events,
            before=before,
            after=self._snapshot(),
            log=[f'{line.level}: {line.message}' for line in context.juju_log],
            broken=made.relation.id if hook.endswith('relation_broken') else None,
        )

    def _snapshot(self) -> Snapshot:
        return Snapshot(dict(self.databag), self.secrets, self.services)


class Model:
    """A model with one OpenCTI and its connectors; it keeps a record of all hooks."""

    def __init__(self, opencti: Application, *connectors: Application):
        self.opencti = opencti
        self.connectors = connectors
        self.hooks: list[Hook] = []
        self._next_relation_id = 1
        self._relayed: set[str] = set()

    @property
    def applications(self) -> list[Application]:
        """All applications."""
        return [*self.connectors, self.opencti]

    def relate(self, connector: Application) -> int:
        """Relate a connector to OpenCTI, and return the relation's id."""
        relation_id = self._next_relation_id
        self._next_relation_id += 1
        for application, other in (connector, self.opencti), (self.opencti, connector):
            relation = testing.Relation(
                ENDPOINT, 'opencti_connector', id=relation_id, remote_app_name=other.name
            )
            application.update(relations={*application.state.relations, relation})
            for name in ('created', 'joined', 'changed'):
                self._await_relation(application, relation_id, name)
        return relation_id

    def remove_relation(self, relation_id: int) -> None:
        """Remove a relation; each side knows it until its own relation-broken."""
        for application in self.applications:
            if relation_id in application.relations:
                for name in ('departed', 'broken'):
                    self._await_relation(application, relation_id, name)

    def run(self, application: Application, event: Event) -> None:
        """Run a hook at once, and pass on what it wrote."""
        hook = application.run(event)
        if hook is not None:
            self.hooks.append(hook)
            if hook.broken is not None:
                application.remove_relation(hook.broken)
        self.relay()

    def deliver(self, application: Application, index: int = 0) -> None:
        """Run the next waiting hook of the cause that stands at an index."""
        cause = application.pending[index].cause
        pending = next(waiting for waiting in application.pending if waiting.cause == cause)
        application.pending.remove(pending)
        self.run(application, pending.event)

    def settle(self) -> None:
        """Run all waiting hooks, and those that follow from them."""
        self.relay()
        while waiting := [a for a in self.applications if a.pending]:
            self.deliver(waiting[0])

    def relay(self) -> None:
        """Pass on what each application wrote, and let hooks wait that tell of it."""
        for connector in self.connectors:
            # A grant and the id in the databag arrive together.
            self._relay_secrets(connector)
            for relation_id in connector.relations.keys() & self.opencti.relations.keys():
                self._relay_databag(connector, self.opencti, relation_id)
                self._relay_databag(self.opencti, connector, relation_id)

    def _relay_databag(self, writer: Application, reader: Application, relation_id: int) -> None:
        written = dict(writer.relations[relation_id].local_app_data)
        if dict(reader.relations[relation_id].remote_app_data) != written:
            reader.update_relation(relation_id, remote_app_data=written)
            self._await_relation(reader, relation_id, 'changed')

    def _relay_secrets(self, connector: Application) -> None:
        known = connector.secrets
        granted: dict[str, testing.Secret] = {}
        for secret in self.opencti.state.secrets:
            if connector.relations.keys() & secret.remote_grants.keys():
                newest = dict(secret.latest_content or {})
                before = known.get(secret.id)
                tracked = dict(before.tracked_content) if before else newest
                granted[secret.id] = testing.Secret(tracked, latest_content=newest, id=secret.id)
                if before and before.latest_content != newest:
                    self._await_secret_changed(connector, secret.id)
        self._relayed |= granted.keys()
        of_its_own = {secret for key, secret in known.items() if key not in self._relayed}
        connector.update(secrets={*of_its_own, *granted.values()})

    def _await_relation(self, application: Application, relation_id: int, name: str) -> None:
        def event(on: testing.CharmEvents) -> Any:
            relation = application.relations.get(relation_id)
            if relation is None:
                return None
            unit = {'remote_unit': 0} if name in ('joined', 'departed', 'changed') else {}
            return getattr(on, f'relation_{name}')(relation, **unit)

        application.pending.append(Pending(f'relation {relation_id}', event))

    def _await_secret_changed(self, application: Application, secret_id: str) -> None:
        def event(on: testing.CharmEvents) -> Any:
            secret = application.secrets.get(secret_id)
            return secret and on.secret_changed(secret)

        application.pending.append(Pending(f'secret {secret_id}', event))
