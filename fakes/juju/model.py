# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A model of Juju: applications of several units, their relations, and their hooks.

One's application databag is the other's remote databag, a secret that is granted can be read, and
each unit that has to learn of a change gets a hook.
"""

import dataclasses

from ops import testing

from . import agents, relation_events
from .application import Application, Unit
from .link import Link
from .relations import REFUSALS, Life
from .running import Running
from .secrets import Content, Ledger, Revision, Secret
from .version import Version


class Model(Running):
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
        super().__init__([*connectors, opencti], Ledger(version, removes_later=removes_later))
        self.opencti = opencti
        self.connectors = connectors
        self._next_relation_id = 1

    # What people do.

    def relate(self, connector: Application) -> int:
        """Relate a connector to OpenCTI, and return the relation's id."""
        link = Link(self._next_relation_id, (connector, self.opencti))
        self._next_relation_id += 1
        self.links[link.id] = link
        for application in link.applications:
            for unit in application.units:
                if not unit.is_dying:
                    relation_events.enter(unit, link)
        return link.id

    def remove_relation(self, relation_id: int) -> None:
        """Remove a relation; each unit knows it until its own relation-broken."""
        link = self.links[relation_id]
        link.life = Life.DYING
        for application in link.applications:
            for unit in application.units:
                if relation_id in unit.relations:
                    for remote in link.other(application).units:
                        relation_events.wait_departed(unit, link, remote, departing=remote)
                    relation_events.wait(unit, link, 'broken')
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
                        relation_events.wait_departed(unit, link, remote, departing=remote)
        self._forget_if_gone(link)

    def force_removal_in_hook(self, relation_id: int, unit: Unit, index: int = 0) -> None:
        """Remove a relation with `--force` in the middle of a unit's next hook.

        The hook has read the relation, and at its end Juju does not know it any more.
        """
        self.links[relation_id].life = Life.GONE
        self.deliver(unit, index)
        if relation_id in self.links:
            self.force_removal(relation_id)

    def add_unit(self, application: Application) -> Unit:
        """Add a unit to an application."""
        unit = application.add_unit()
        unit.state = dataclasses.replace(
            application.units[0].state,
            stored_states=frozenset(),
            deferred=[],
            unit_status=testing.UnknownStatus(),
        )
        unit.wait('start', lambda on: on.config_changed())
        unit.wait('start', lambda on: on.start())
        agents.restart_containers(unit)
        for link in self.links_of(application):
            if link.life is Life.ALIVE:
                relation_events.enter(unit, link)
                for remote in link.other(application).units:
                    if link.id in remote.relations and not remote.is_dying:
                        relation_events.wait(remote, link, 'joined', of=unit)
                        relation_events.wait(remote, link, 'changed', of=unit)
        if application.leader is None:
            self.elect(unit)
        return unit

    def remove_unit(self, unit: Unit) -> None:
        """Remove a unit; its application keeps its relations. A dying leader leads to its end."""
        unit.is_dying = True
        for link in self.links_of(unit.application):
            if link.id in unit.relations and link.life is Life.ALIVE:
                for remote in link.other(unit.application).units:
                    relation_events.wait_departed(unit, link, remote, departing=unit)
                relation_events.wait(unit, link, 'broken')
                for remote in link.other(unit.application).units:
                    if link.id in remote.relations:
                        relation_events.wait_departed(remote, link, unit, departing=unit)
        unit.wait('end', lambda on: on.stop())
        unit.wait('end', lambda on: on.remove())

    def replace_by_force(self, application: Application, refusal: str = REFUSALS[0]) -> Unit:
        """Remove an application with `--force`, deploy it anew, and return its unit.

        Its old units run no hook about it, and its secrets go.
        """
        links = self.links_of(application)
        for link in links:
            self.force_removal(link.id, refusal)
        old = list(application.units)
        unit = self.add_unit(application)
        application.units = [unit]
        for name in (application.name, *(u.name for u in old)):
            self.ledger.forget(name)
        for link in links:
            self._forget_if_gone(link)
        self.elect(unit)
        return unit

    def add_user_secret(self, content: Content, reader: Application) -> str:
        """Add a user's secret, granted to an application, and return its id."""
        number = len(self.ledger.secrets)
        secret = Secret(f'users{number:015}', 'a person', {1: Revision(content)}, content)
        secret.grants[reader.name] = 0
        self.ledger.secrets[secret.id] = secret
        return secret.uri

    # What befalls agents and pods.

    def restart_agent(self, unit: Unit) -> None:
        """Restart a unit's agent, which then forgets the relations that no longer exist."""
        self._start_agent(unit)
        if unit.is_on_kubernetes:
            agents.start(unit)

    def delete_pod(self, unit: Unit, *, is_killed: bool = False, heir: Unit | None = None) -> None:
        """Delete a unit's pod, which comes back under its name without anything on its disks.

        An agent that is told to stop runs the hook `stop`, even in place of one that failed, which
        is forgotten (`NextOp` in `internal/worker/uniter/resolver.go`, of 3.6, too).

        Args:
            unit: the unit.
            is_killed: whether it goes at once, without the hook `stop`.
            heir: the unit that leads in the meantime and from then on, if another does.
        """
        # Before `start` it has been stopped already.
        is_killed = is_killed or bool(unit.first)
        if not is_killed and unit.has_started:
            forgotten, unit.failed = unit.failed, None
            if forgotten is not None and forgotten.comes_again:
                unit.pending.insert(0, forgotten)
            self.run(unit, lambda on: on.stop())
        if heir is not None:
            self.elect(heir)
        self._start_agent(unit)
        unit.update(stored_states=frozenset(), deferred=[])
        agents.start_in_new_pod(unit, is_killed=is_killed)
        for link in self.links_of(unit.application):
            if link.id in unit.relations:
                for remote in link.other(unit.application).units:
                    if link.id in remote.relations:
                        # Of its new address.
                        relation_events.wait(remote, link, 'changed', of=unit)

    def _start_agent(self, unit: Unit) -> None:
        for relation_id in unit.severed:
            unit.relations.discard(relation_id)
            unit.drop(f'relation {relation_id}')
            self._forget_if_gone(self.links[relation_id])
        unit.severed.clear()
        self._secret_events.start_agent(unit)
