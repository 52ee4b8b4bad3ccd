# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A model of Juju: applications of several units, their relations, and their hooks.

One's application databag is the other's remote databag, a secret that is granted can be read, and
each unit that has to learn of a change gets a hook.
"""

import dataclasses
from typing import Any

from ops import testing

from . import secret_events, state_view
from .application import Application, Unit
from .goal_state import GoalState
from .hook import Event, Hook, Pending
from .link import Link
from .relations import REFUSALS, Life
from .secrets import Content, Ledger, Revision, Secret
from .version import Version

_MOST_RETRIES = 10


class Model:
    """A model with one OpenCTI and its connectors; it keeps a record of all hooks.

    Args:
        opencti: OpenCTI's application.
        connectors: the connectors' applications.
        version: the version of Juju whose rules are played.
        removes_later: whether removed secrets stay until `ledger.run_removals()`.
    """

    def __init__(
        self,
        opencti: Application,
        *connectors: Application,
        version: Version = Version.V4_0,
        removes_later: bool = False,
    ):
        self.opencti = opencti
        self.connectors = connectors
        self.ledger = Ledger(version, removes_later=removes_later)
        self.links: dict[int, Link] = {}
        self.hooks: list[Hook] = []
        self.goal_state_error: str | None = None
        """The error of `goal-state`, if it fails."""
        self._next_relation_id = 1
        self._secret_events = secret_events.SecretEvents(self.ledger)
        for application in self.applications:
            application.ledger = self.ledger

    @property
    def applications(self) -> list[Application]:
        """All applications."""
        return [*self.connectors, self.opencti]

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

    # What people do.

    def relate(self, connector: Application) -> int:
        """Relate a connector to OpenCTI, and return the relation's id."""
        link = Link(self._next_relation_id, (connector, self.opencti))
        self._next_relation_id += 1
        self.links[link.id] = link
        for application in link.applications:
            for unit in application.units:
                if not unit.is_dying:
                    self._enter(unit, link)
        return link.id

    def remove_relation(self, relation_id: int) -> None:
        """Remove a relation; each unit knows it until its own relation-broken."""
        link = self.links[relation_id]
        link.life = Life.DYING
        for application in link.applications:
            for unit in application.units:
                if relation_id in unit.relations:
                    for remote in link.other(application).units:
                        self._await_departed(unit, link, remote, departing=remote)
                    self._await(unit, link, 'broken')
        self._forget_if_gone(link)

    def force_removal(self, relation_id: int, refusal: str = REFUSALS[0]) -> None:
        """Remove a relation with `--force`, which no relation-broken follows.

        The agents go on listing it until they restart (seen on Juju 4.0.15).

        Args:
            relation_id: the relation.
            refusal: what Juju says when a unit reads a databag of the relation.
        """
        link = self.links[relation_id]
        link.life = Life.GONE
        self.ledger.forget_relation(relation_id)
        for application in link.applications:
            for unit in application.units:
                unit.drop(f'relation {relation_id}')
                if relation_id in unit.relations:
                    unit.severed[relation_id] = refusal
                    for remote in link.other(application).units:
                        self._await_departed(unit, link, remote, departing=remote)
        self._forget_if_gone(link)

    def add_unit(self, application: Application) -> Unit:
        """Add a unit to an application."""
        unit = application.add_unit()
        oldest = application.units[0]
        unit.state = dataclasses.replace(
            oldest.state,
            stored_states=frozenset(),
            deferred=[],
            unit_status=testing.UnknownStatus(),
        )
        unit.wait('start', lambda on: on.config_changed())
        unit.wait('start', lambda on: on.start())
        for link in self.links_of(application):
            if link.life is Life.ALIVE:
                self._enter(unit, link)
                for remote in link.other(application).units:
                    if link.id in remote.relations and not remote.is_dying:
                        self._await(remote, link, 'joined', of=unit)
                        self._await(remote, link, 'changed', of=unit)
        if application.leader is None:
            self.elect(unit)
        return unit

    def remove_unit(self, unit: Unit) -> None:
        """Remove a unit; its application keeps its relations. A dying leader leads to its end."""
        unit.is_dying = True
        for link in self.links_of(unit.application):
            if link.id in unit.relations and link.life is Life.ALIVE:
                for remote in link.other(unit.application).units:
                    self._await_departed(unit, link, remote, departing=unit)
                self._await(unit, link, 'broken')
                for remote in link.other(unit.application).units:
                    if link.id in remote.relations:
                        self._await_departed(remote, link, unit, departing=unit)
        unit.wait('end', lambda on: on.stop())
        unit.wait('end', lambda on: on.remove())

    def add_user_secret(self, content: Content, reader: Application) -> str:
        """Add a user's secret, granted to an application, and return its id."""
        number = len(self.ledger.secrets)
        secret = Secret(f'users{number:015}', 'a person', {1: Revision(content)}, content)
        secret.grants[reader.name] = 0
        self.ledger.secrets[secret.id] = secret
        return secret.uri

    # What Juju does.

    def elect(self, unit: Unit | None, application: Application | None = None) -> None:
        """Let a unit lead its application, or none for now."""
        application = unit.application if unit else application
        assert application is not None
        if unit is not None and application.leader is not unit:
            unit.wait('leader', lambda on: on.leader_elected())
            self._secret_events.tell_again(unit)
        application.leader = unit

    def restart_agent(self, unit: Unit) -> None:
        """Restart a unit's agent, which then forgets the relations that no longer exist."""
        for relation_id in unit.severed:
            unit.relations.discard(relation_id)
            unit.drop(f'relation {relation_id}')
            self._forget_if_gone(self.links[relation_id])
        unit.severed.clear()
        self._secret_events.start_agent(unit)
        unit.wait('start', lambda on: on.config_changed())

    def run(self, unit: Unit | Application, event: Event, *, is_killed: bool = False) -> None:
        """Run a hook at once, and pass on what it wrote."""
        unit = unit.unit if isinstance(unit, Application) else unit
        self._run(unit, Pending('at once', event), is_killed=is_killed)

    def deliver(self, unit: Unit, index: int = 0, *, is_killed: bool = False) -> None:
        """Run the hook that failed, or else the next one of the cause at an index."""
        if unit.failed is not None:
            pending = unit.failed
        else:
            cause = unit.pending[index].cause
            pending = next(waiting for waiting in unit.pending if waiting.cause == cause)
            unit.pending.remove(pending)
        self._run(unit, pending, is_killed=is_killed)

    def settle(self) -> None:
        """Run all waiting hooks, and those that follow from them."""
        self.relay()
        retries = 0
        while waiting := [u for u in self.units if u.failed or u.pending]:
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
                self._await(unit, link, 'changed')

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
            self.ledger.forget_unit(unit.name)
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

    def _enter(self, unit: Unit, link: Link) -> None:
        unit.relations.add(link.id)
        link.members.add(unit.name)
        self._await(unit, link, 'created')
        for remote in link.other(unit.application).units:
            if not remote.is_dying:
                self._await(unit, link, 'joined', of=remote)
        self._await(unit, link, 'changed')

    def _await(self, unit: Unit, link: Link, name: str, of: Unit | None = None) -> None:
        def event(on: testing.CharmEvents) -> Any:
            if link.id not in unit.relations:
                return None
            there = link.other(unit.application).units
            # Juju does not say who wrote an application databag; ops.testing wants a unit.
            if name == 'changed' and not there:
                return None
            number = of.number if of else there[0].number if name == 'changed' else None
            remote = {} if number is None else {'remote_unit': number}
            return getattr(on, f'relation_{name}')(link.seen_by(unit), **remote)

        unit.wait(f'relation {link.id}', event)

    def _await_departed(self, unit: Unit, link: Link, remote: Unit, *, departing: Unit) -> None:
        def event(on: testing.CharmEvents) -> Any:
            if link.id not in unit.relations:
                return None
            return on.relation_departed(link.seen_by(unit), remote_unit=remote.number)

        unit.wait(f'relation {link.id}', event, departing_unit=departing.name)
