# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which hook of a model runs next, and what follows from it."""

import dataclasses

from . import relation_events, secret_events, state_view
from .application import Application, Unit
from .goal_state import GoalState
from .hook import Event, Hook, Pending
from .link import Link
from .relations import Life
from .secrets import Ledger

_MOST_RETRIES = 10


class Running:
    """Applications, their relations, and a record of all hooks of their units.

    Args:
        applications: the applications, in the order in which their units run.
        ledger: the controller's secrets.
    """

    def __init__(self, applications: list[Application], ledger: Ledger):
        self.applications = applications
        self.ledger = ledger
        self.links: dict[int, Link] = {}
        self.hooks: list[Hook] = []
        self.goal_state_error: str | None = None
        """The error of `goal-state`, if it fails."""
        self._secret_events = secret_events.SecretEvents(ledger)
        for application in applications:
            application.ledger = ledger

    @property
    def units(self) -> list[Unit]:
        """All units."""
        return [unit for application in self.applications for unit in application.units]

    def links_of(self, application: Application) -> list[Link]:
        """Return the relations of an application, oldest first."""
        return [link for link in self.links.values() if application in link.applications]

    def databag(self, application: Application) -> dict[str, str]:
        """Return what an application wrote into its relation, if it has just one."""
        links = self.links_of(application)
        return links[0].databags.setdefault(application.name, {}) if len(links) == 1 else {}

    def elect(self, unit: Unit | None, application: Application | None = None) -> None:
        """Let a unit lead its application, or none for now."""
        application = unit.application if unit else application
        assert application is not None
        if unit is not None and application.leader is not unit:
            # Who does not lead any more does not run it (`Prepare` in
            # `internal/worker/uniter/operation/runhook.go`).
            unit.wait('leader', lambda on: on.leader_elected() if unit.is_leader else None)
            self._secret_events.tell_again(unit)
        application.leader = unit

    def run(self, unit: Unit | Application, event: Event, *, is_killed: bool = False) -> None:
        """Run a hook at once, and pass on what it wrote."""
        unit = unit.unit if isinstance(unit, Application) else unit
        self._run(unit, Pending('at once', event), is_killed=is_killed)

    def deliver(self, unit: Unit, index: int = 0, *, is_killed: bool = False) -> None:
        """Run the hook that is certain to be next, or else that of the cause at an index."""
        if unit.failed is not None:
            pending = unit.failed
        elif unit.first:
            pending = unit.first.pop(0)
        else:
            cause = unit.pending[index].cause
            pending = next(waiting for waiting in unit.pending if waiting.cause == cause)
            unit.pending.remove(pending)
        self._run(unit, pending, is_killed=is_killed)

    def settle(self) -> None:
        """Run all waiting hooks, and those that follow from them."""
        self.relay()
        retries = 0
        while waiting := [unit for unit in self.units if unit.is_waiting]:
            self.deliver(waiting[0])
            error = self.hooks[-1].error if waiting[0].failed else None
            retries = retries + 1 if error else 0
            if error is not None and retries > _MOST_RETRIES:
                raise error

    def relay(self) -> None:
        """Queue the hooks about what has changed in secrets."""
        self._secret_events.tell(self.units)

    def tell_expired(self, unit: Unit) -> None:
        """Queue a leader's hooks about all that has expired, as Juju does every five minutes."""
        self._secret_events.tell_expired(unit)

    def write(self, application: Application, relation_id: int, databag: dict[str, str]) -> None:
        """Write an application's databag, and queue the hooks of the other end."""
        link = self.links[relation_id]
        if link.databags.get(application.name, {}) == databag:
            return
        link.databags[application.name] = dict(databag)
        for unit in link.other(application).units:
            if relation_id in unit.relations:
                relation_events.wait(unit, link, 'changed')

    def _run(self, unit: Unit, pending: Pending, *, is_killed: bool) -> None:
        application = unit.application
        links = [link for link in self.links_of(application) if link.id in unit.relations]
        statuses = {u.name: 'dying' if u.is_dying else 'active' for u in application.units}
        state = dataclasses.replace(
            unit.state,
            leader=unit.is_leader,
            relations={link.seen_by(unit) for link in links},
            secrets=state_view.show(self.ledger, unit.name),
            config=application.config,
            planned_units=application.planned_units or len(application.units),
        )
        hook = unit.run(
            pending,
            state,
            {link.id: link.known_to(unit) for link in links},
            GoalState(statuses, error=self.goal_state_error),
            is_killed=is_killed,
        )
        unit.failed = None
        if hook is None:
            return
        self.hooks.append(hook)
        if hook.error is not None:
            unit.failed = pending
        elif unit.is_leader:
            for relation in unit.state.relations:
                self.write(application, relation.id, dict(relation.local_app_data))
        if hook.error is None:
            self._after(unit, hook)
        self.relay()

    def _after(self, unit: Unit, hook: Hook) -> None:
        if hook.event.endswith('_relation_broken'):
            assert hook.relation_id is not None
            unit.relations.discard(hook.relation_id)
            self._forget_if_gone(self.links[hook.relation_id])
        elif hook.event == 'remove':
            application = unit.application
            application.units.remove(unit)
            self.ledger.forget(unit.name)
            for link in self.links_of(application):
                self._forget_if_gone(link)
            if application.leader is unit:
                application.leader = None
                heirs = [u for u in application.units if not u.is_dying]
                if heirs:
                    self.elect(heirs[0])

    def _forget_if_gone(self, link: Link) -> None:
        in_it = [u for a in link.applications for u in a.units if link.id in u.relations]
        if link.life is not Life.ALIVE and not in_it and link.id in self.links:
            del self.links[link.id]
            self.ledger.forget_relation(link.id)
