# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""An application and its units: real charms, each with its own hooks and stored state."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import ops
from ops import testing
from scenario import errors

from .context import Context
from .flush import HookFailed
from .goal_state import GoalState
from .hook import Event, Hook, Pending, Snapshot
from .relations import Relation
from .secrets import Ledger, Secret


class Unit:
    """A unit of an application.

    Args:
        application: whose unit it is.
        number: which one; numbers are never used again.
    """

    def __init__(self, application: Application, number: int):
        self.application = application
        self.number = number
        self.state = testing.State()
        """The state after the last hook, except relations and secrets, which the model keeps."""
        self.pending: list[Pending] = []
        self.failed: Pending | None = None
        """The hook that failed: no other runs before it."""
        self.first: list[Pending] = []
        """Those that come next, in this order, before any that are pending."""
        self.is_dying = False
        self.relations: set[int] = set()
        """The relations that it is in: from relation-created to relation-broken."""
        self.severed: dict[int, str] = {}
        """Those that were removed with `--force`, with what Juju says of their databags."""

    @property
    def name(self) -> str:
        """The unit's name."""
        return f'{self.application.name}/{self.number}'

    @property
    def is_leader(self) -> bool:
        """Whether it leads its application."""
        return self.application.leader is self

    @property
    def is_waiting(self) -> bool:
        """Whether it has hooks to run."""
        return bool(self.failed or self.first or self.pending)

    @property
    def has_started(self) -> bool:
        """Whether its first hooks have run."""
        return not any(waiting.cause == 'start' for waiting in self.pending)

    @property
    def is_on_kubernetes(self) -> bool:
        """Whether its charm has containers."""
        return bool(self.state.containers)

    @property
    def services(self) -> dict[str, str]:
        """The status of each Pebble service."""
        shown: dict[str, str] = {}
        for container in self.state.containers:
            statuses = container.service_statuses
            for name, service in container.plan.services.items():
                if name in statuses:
                    status = getattr(statuses[name], 'value', statuses[name])
                    shown[name] = f'{status}, {len(service.environment)} variables'
        return shown

    def update(self, **changes: Any) -> None:
        """Change the state of the unit."""
        self.state = dataclasses.replace(self.state, **changes)

    def wait(
        self,
        cause: str,
        event: Event,
        *,
        departing_unit: str | None = None,
        comes_again: bool = False,
    ) -> None:
        """Queue a hook."""
        self.pending.append(Pending(cause, event, departing_unit, comes_again))

    def drop_kind(self, prefix: str) -> None:
        """Drop the queued hooks of all causes that begin so."""
        self.pending = [p for p in self.pending if not p.cause.startswith(prefix)]

    def drop(self, cause: str) -> None:
        """Drop the queued hooks of a cause."""
        self.pending = [waiting for waiting in self.pending if waiting.cause != cause]

    def run(
        self,
        pending: Pending,
        state: testing.State,
        relations: Mapping[int, Relation],
        goal_state: GoalState,
        *,
        is_killed: bool = False,
    ) -> Hook | None:
        """Run a hook on a state; return `None` if it has lost its cause."""
        context = Context(
            self.application.charm_type,
            app_name=self.application.name,
            unit_id=self.number,
            ledger=self.application.ledger,
            **self.application.context,
        )
        context.relations.update(relations)
        context.unreadable_relations.update(self.severed)
        context.goal_state = goal_state
        context.is_killed = is_killed
        context.departing_unit = pending.departing_unit
        made = pending.event(context.on)
        if made is None:
            return None
        if made.secret is not None and made.secret not in state.secrets:
            # The event is late, and the secret gone; ops.testing wants to see one.
            secrets = {s for s in state.secrets if s.id != made.secret.id}
            state = dataclasses.replace(state, secrets={*secrets, made.secret})
        before = self._snapshot(state)
        error: Exception | None = None
        try:
            self.state = context.run(made, state)
        except HookFailed as failure:
            error = failure
            # What the charm wrote to the unit's disk stays.
            kept = context.unflushed
            self.update(stored_states=kept.stored_states, deferred=kept.deferred)
        except errors.UncaughtCharmError as failure:
            error = failure
        hook, *custom_events = [e.handle.kind for e in context.emitted_events] or [made.name]
        return Hook(
            unit=self.name,
            event=hook,
            relation_id=made.relation.id if made.relation else None,
            custom_events=custom_events,
            before=before,
            after=self._snapshot(self.state if error is None else state),
            log=[f'{line.level}: {line.message}' for line in context.juju_log],
            error=error,
        )

    def _snapshot(self, state: testing.State) -> Snapshot:
        relations = list(state.relations)
        databag = dict(relations[0].local_app_data) if len(relations) == 1 else {}
        return Snapshot(databag, {s.id: s for s in state.secrets}, self.services)


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
