# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A unit: a real charm with its own queue of hooks and stored state."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ops import testing
from scenario import errors

from .context import Context
from .flush import HookFailed
from .goal_state import GoalState
from .hook import Event, Hook, Pending, Snapshot
from .relations import Relation

if TYPE_CHECKING:
    from .application import Application


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
    def services(self) -> dict[str, str]:
        """The status of each Pebble service."""
        return {
            name: f'{container.service_statuses[name].value}, {len(service.environment)} variables'
            for container in self.state.containers
            for name, service in container.plan.services.items()
            if name in container.service_statuses
        }

    def update(self, **changes: Any) -> None:
        """Change the state of the unit."""
        self.state = dataclasses.replace(self.state, **changes)

    def wait(self, cause: str, event: Event, *, departing_unit: str | None = None) -> None:
        """Queue a hook."""
        self.pending.append(Pending(cause, event, departing_unit))

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
