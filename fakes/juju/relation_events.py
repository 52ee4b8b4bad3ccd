# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which hooks a unit waits for about a relation."""

from typing import Any

from ops import testing

from .application import Unit
from .link import Link


def enter(unit: Unit, link: Link) -> None:
    """Let a unit enter a relation."""
    unit.relations.add(link.id)
    link.members.add(unit.name)
    wait(unit, link, 'created')
    for remote in link.other(unit.application).units:
        if not remote.is_dying:
            wait(unit, link, 'joined', of=remote)
    wait(unit, link, 'changed')


def wait(unit: Unit, link: Link, name: str, of: Unit | None = None) -> None:
    """Queue a hook about a relation, or about a remote unit in it."""

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

    # A unit that is in a relation is taken to have run relation-created (`loadInitialState` in
    # `internal/worker/uniter/relation/statetracker.go`); the others follow from what is stored.
    unit.wait(f'relation {link.id}', event, comes_again=name != 'created')


def wait_departed(unit: Unit, link: Link, remote: Unit, *, departing: Unit) -> None:
    """Queue relation-departed of a remote unit."""

    def event(on: testing.CharmEvents) -> Any:
        if link.id not in unit.relations:
            return None
        return on.relation_departed(link.seen_by(unit), remote_unit=remote.number)

    unit.wait(f'relation {link.id}', event, departing_unit=departing.name, comes_again=True)
