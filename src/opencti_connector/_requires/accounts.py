# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Whose account belongs to which relation, and which of the relations are gone."""

import functools
from collections.abc import Collection, Iterator, MutableMapping, MutableSequence, Set
from typing import Any

import ops

from .. import _juju
from .connector import user_name


class Accounts(ops.Object):
    """Remembers the account of each relation, and whether this unit leaves the relations.

    When a relation is gone, nothing else tells whose account it was.
    """

    _stored: Any = ops.StoredState()

    def __init__(self, endpoint: ops.Object, relation_name: str):
        super().__init__(endpoint, 'accounts')
        self._relation_name = relation_name
        self._stored.set_default(names={}, announced=[], unit_is_leaving=False)
        self._names: MutableMapping[int, str | None] = self._stored.names
        self._announced: MutableSequence[int] = self._stored.announced

    @property
    def relation_ids(self) -> Set[int]:
        """The ids of all relations whose end was not announced yet."""
        return self._names.keys()

    def remember(self, relation: ops.Relation, *, is_gone: bool = False) -> None:
        """Remember a relation, and its account if ops knows the remote application.

        Of one that is gone although Juju lists it, the end is announced once.
        """
        if is_gone and relation.id in self._announced:
            return
        if self._names.get(relation.id) is None:
            # Even without the application: the secret of the relation must be removed.
            self._names[relation.id] = user_name(relation) if relation.app else None

    def forget(self, relation_id: int, *, is_listed: bool) -> str | None:
        """Forget a relation that is gone, and return the name of its account, if that is known."""
        if is_listed and relation_id not in self._announced:
            self._announced.append(relation_id)
        return self._names.pop(relation_id)

    def without(self, relation_ids: Collection[int]) -> Iterator[tuple[ops.Relation, str]]:
        """Yield the relations that have other ids than these, with their accounts."""
        for relation_id, name in self._names.items():
            if name is not None and relation_id not in relation_ids:
                relation = self.model.get_relation(self._relation_name, relation_id)
                assert relation is not None  # ops returns a dead relation rather than none.
                yield relation, name

    def note_departure(self) -> None:
        """Remember that this unit is being removed."""
        self._stored.unit_is_leaving = True

    def unit_is_leaving(self, unreadable: Set[int]) -> bool:
        """Return whether this unit is, or may be, about to be removed.

        A dying unit runs `relation-broken` for relations that its application keeps, and Juju
        refuses all to a unit that it has forgotten. It must not remove what belongs to them.
        `unreadable` are the relations that Juju lists and does not let this unit read. Those whose
        end was announced say nothing of the unit.
        """
        if self._stored.unit_is_leaving:
            return True
        listed = {relation.id for relation in self.model.relations[self._relation_name]}
        is_breaking = _juju.is_in_relation_broken()
        is_refused = bool(unreadable & self.relation_ids)
        is_suspicious = is_breaking or is_refused or self.relation_ids - listed
        if not (is_suspicious and self.model.unit.is_leader()):
            return False
        if self._is_dying:
            self.note_departure()
        if self._is_dying is not None:
            return self._is_dying
        # If Juju cannot say, the next hook shows whether a relation is gone.
        return is_breaking or is_refused

    @functools.cached_property
    def _is_dying(self) -> bool | None:
        return _juju.is_dying(self.model.unit)
