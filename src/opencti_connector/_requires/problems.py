# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is wrong with which connector, remembered from hook to hook.

A hook that concerns one relation, or none, then reads nothing of the others. Whatever changes in a
relation, Juju tells by a hook of its own.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import ops

from .connector import ConnectorState, RelatedConnector

_STATUSES = {
    ConnectorState.INVALID: ops.BlockedStatus,
    ConnectorState.SILENT: ops.WaitingStatus,
    ConnectorState.UNANSWERED: ops.WaitingStatus,
}
"""The statuses of what can be wrong, the worst one first."""

_Problem: TypeAlias = tuple[str, str]


class Problems(ops.Object):
    """What is wrong with each connector as this unit has last seen it."""

    _stored: Any = ops.StoredState()

    def __init__(
        self,
        endpoint: ops.Object,
        relation_name: str,
        look_at: Callable[[ops.Relation], RelatedConnector | None],
        look_at_all: Callable[[], list[RelatedConnector]],
    ):
        super().__init__(endpoint, 'problems')
        self._relation_name = relation_name
        self._look_at = look_at
        self._look_at_all = look_at_all
        # For each relation with a problem, the problem, or `None` to look again; `None` to look at
        # all. The leader knows more than other units.
        self._stored.set_default(known=None, by_leader=False)
        self._written: set[int] = set()

    def touch(self, relation_id: int) -> None:
        """Look at a relation, in the hook that next asks for the status."""
        if self._stored.known is not None:
            self._stored.known[relation_id] = None

    def touch_written(self, relation_id: int) -> None:
        """Look at a relation in the next hook, too: Juju may refuse what this one has written."""
        self._written.add(relation_id)
        self.touch(relation_id)

    def touch_all(self) -> None:
        """Look at all relations."""
        if self._stored.known is not None:  # Even an equal value would be stored.
            self._stored.known = None

    def status(self) -> ops.StatusBase:
        """Return what they mean for the unit's status: the worst state, then the oldest counts."""
        leads = self.model.unit.is_leader()
        if self._stored.known is None or self._stored.by_leader != leads:
            problems = _problems(self._look_at_all())
        else:
            known: dict[int, _Problem | None] = dict(self._stored.known)
            problems = {id_: problem for id_, problem in known.items() if problem is not None}
            if outdated := known.keys() - problems.keys():
                relations = self.model.relations[self._relation_name]
                seen = [self._look_at(r) for r in relations if r.id in outdated]
                problems |= _problems(filter(None, seen))
        remembered = {**problems, **dict.fromkeys(self._written)}
        if self._stored.known != remembered or self._stored.by_leader != leads:
            self._stored.known, self._stored.by_leader = remembered, leads
        for state, status in _STATUSES.items():
            for _, (found, problem) in sorted(problems.items()):
                if found == state:
                    return status(problem)
        return ops.ActiveStatus()


def _problems(connectors: Iterable[RelatedConnector]) -> dict[int, _Problem]:
    return {c.relation.id: (str(c.state), c.problem) for c in connectors if c.problem is not None}
