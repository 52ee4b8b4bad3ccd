# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Why there is no usable connection, and what that means for a unit's status.

Each error has its own status: blocked if a person must act, else waiting.
No error text holds a value that the other side wrote.
"""

from collections.abc import Sequence

import ops


class OpenctiConnectorError(Exception):
    """Base class of this library's errors. Its text can be a status message."""

    _status: type[ops.StatusBase] = ops.BlockedStatus

    @property
    def status(self) -> ops.StatusBase:
        """The unit status that this error calls for."""
        return self._status(str(self))


class Blocked(OpenctiConnectorError):
    """A person must act before this can work."""


class RelationMissing(Blocked):
    """There is no relation; a person has to add it."""


class InvalidRelationData(Blocked):
    """The other side of the relation wrote something unusable."""


class TooManyRelations(Blocked):
    """The connector is related to more than one OpenCTI; it can serve only one."""


class TooManyUnits(Blocked):
    """The application has more than one unit, but OpenCTI accepts a connector's id only once."""


class WorkloadFailed(Blocked):
    """Pebble refused or failed to start or stop the workload."""


class NotReady(OpenctiConnectorError):
    """There is no connection yet, but nobody has to act."""

    _status = ops.WaitingStatus


class NotLeader(NotReady):
    """This unit is not the leader, and only the leader can read its own application databag."""


class RelationDataMissing(NotReady):
    """The other side of the relation has not written all of its data, or has withdrawn it."""


class SecretUnavailable(NotReady):
    """A secret does not exist, or is not granted to this application (yet)."""


class SecretReadFailed(NotReady):
    """Juju could not answer. The secret may be fine, and a later hook tries again."""


class ContainerUnavailable(NotReady):
    """Pebble, which runs the workload, does not answer (yet)."""


class _LeftAlone(Blocked):
    """Several errors, none of which stops the workload."""


_LEAVE_ALONE = (
    TooManyRelations,
    TooManyUnits,
    WorkloadFailed,
    NotLeader,
    SecretReadFailed,
    ContainerUnavailable,
    _LeftAlone,
)


def stops_workload(error: OpenctiConnectorError) -> bool:
    """Return whether the workload has to stop because of an error. If not, it stays as it is."""
    return not isinstance(error, _LEAVE_ALONE)


def combine(problems: Sequence[OpenctiConnectorError]) -> OpenctiConnectorError:
    """Return one error for several, at least one. It names all that a person must fix."""
    blocking = [problem for problem in problems if isinstance(problem, Blocked)]
    shown = blocking or problems[:1]
    stops = any(map(stops_workload, problems))
    if len(shown) == 1 and stops_workload(shown[0]) is stops:
        return shown[0]
    text = '; '.join(map(str, shown))
    if not blocking:
        return NotReady(text)
    return Blocked(text) if stops else _LeftAlone(text)
