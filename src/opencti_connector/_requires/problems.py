# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is wrong with which connector, remembered from hook to hook.

A hook that concerns one relation, or none, then reads nothing of the others. Whatever changes in a
relation, Juju tells by a hook of its own.
"""

from collections.abc import Collection, Iterable
from typing import TypeAlias

import ops

from .connector import ConnectorState, RelatedConnector

_STATUSES = {
    ConnectorState.INVALID: ops.BlockedStatus,
    ConnectorState.SILENT: ops.WaitingStatus,
    ConnectorState.UNANSWERED: ops.WaitingStatus,
}
"""The statuses of what can be wrong, the worst one first."""

_Problems: TypeAlias = dict[int, tuple[str, str]]


class Problems(ops.Object):
    """What is wrong with each connector as this unit has last seen it."""

    _stored = ops.StoredState()

    def __init__(self, endpoint: ops.Object):
        super().__init__(endpoint, 'problems')
        # The leader knows more than other units.
        self._stored.set_default(known=None, by_leader=False, unsure=[])
        self._doubted: set[int] = set()

    @property
    def unsure(self) -> Collection[int]:
        """The relations to look at again: Juju may have refused what a hook wrote there."""
        return self._stored.unsure  # type: ignore[reportReturnType]

    def doubt(self, relation_id: int) -> None:
        """Look at a relation again in the next hook, because this one has written there."""
        self._doubted.add(relation_id)
        self._set_unsure({*self.unsure, relation_id})

    def keep_unsure(self, relation_ids: Iterable[int]) -> None:
        """Look at these relations in the next hook, too, because nobody did in this one."""
        self._set_unsure({*self.unsure, *relation_ids})

    def forget(self) -> None:
        """Look at all relations in the next hook."""
        if self._stored.known is not None:
            self._stored.known = None

    def settle(self) -> None:
        """Have looked at all relations in which an earlier hook has written."""
        self._set_unsure(self._doubted)

    def _set_unsure(self, relation_ids: Collection[int]) -> None:
        unsure = sorted(relation_ids)
        if [*self.unsure] != unsure:  # Even an equal value would be stored.
            self._stored.unsure = unsure

    def are_known(self, *, by_leader: bool) -> bool:
        """Return whether the problems of all connectors are known to a unit that leads, or not."""
        return self._stored.known is not None and self._stored.by_leader == by_leader

    def replace(self, connectors: Iterable[RelatedConnector], *, by_leader: bool) -> None:
        """Forget all that was known, and note what is wrong with these connectors."""
        known = _problems(connectors)
        if not self.are_known(by_leader=by_leader) or self._known != known:
            self._stored.known, self._stored.by_leader = known, by_leader

    def update(
        self, relation_ids: Collection[int], connectors: Iterable[RelatedConnector]
    ) -> None:
        """Note what is wrong with some connectors now, and forget what was wrong with them.

        Args:
            relation_ids: The ids of all relations of which something may have changed.
            connectors: Those of their connectors that are still related.
        """
        known = _problems(connectors)
        known |= {id_: seen for id_, seen in self._known.items() if id_ not in relation_ids}
        if self._known != known:  # Even an equal value would be stored.
            self._stored.known = known

    def status(self) -> ops.StatusBase:
        """Return what they mean for the unit's status: the worst state, then the oldest counts."""
        for state, status in _STATUSES.items():
            for relation_id in sorted(self._known):
                found, problem = self._known[relation_id]
                if found == state:
                    return status(problem)
        return ops.ActiveStatus()

    @property
    def _known(self) -> _Problems:
        return self._stored.known  # type: ignore[reportReturnType]


def _problems(connectors: Iterable[RelatedConnector]) -> _Problems:
    return {c.relation.id: (str(c.state), c.problem) for c in connectors if c.problem is not None}
