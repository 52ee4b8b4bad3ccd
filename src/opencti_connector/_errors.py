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

    stops_workload = True
    """Whether the workload has to stop. If not, it stays as it is."""

    @property
    def status(self) -> ops.StatusBase:
        """The unit status that this error calls for."""
        return ops.BlockedStatus(str(self))


class Blocked(OpenctiConnectorError):
    """A person must act before this can work."""


class RelationMissing(Blocked):
    """There is no relation; a person has to add it."""


class InvalidRelationData(Blocked):
    """The other side of the relation wrote something unusable."""


class TooManyRelations(Blocked):
    """The connector is related to more than one OpenCTI; it can serve only one."""

    stops_workload = False


class TooManyUnits(Blocked):
    """The application has more than one unit, but OpenCTI accepts a connector's id only once."""

    stops_workload = False


class MissingConfiguration(Blocked):
    """Required options have no value."""


class InvalidConfiguration(Blocked):
    """Options have a value that the connector cannot use."""


class SecretNotGranted(Blocked):
    """The secret that an option names cannot be read; a person has to grant access."""


class WorkloadFailed(Blocked):
    """Pebble refused or failed to start or stop the workload."""

    stops_workload = False


class NotReady(OpenctiConnectorError):
    """There is no connection yet, but nobody has to act."""

    @property
    def status(self) -> ops.StatusBase:
        """The unit status that this error calls for."""
        return ops.WaitingStatus(str(self))


class NotLeader(NotReady):
    """This unit is not the leader, and only the leader can read its own application databag."""

    stops_workload = False


class RelationDataMissing(NotReady):
    """The other side of the relation has not written all of its data, or has withdrawn it."""


class SecretUnavailable(NotReady):
    """A secret does not exist, or is not granted to this application (yet)."""


class SecretReadFailed(NotReady):
    """Juju could not answer. The secret may be fine, and a later hook tries again."""

    stops_workload = False


class ContainerUnavailable(NotReady):
    """Pebble, which runs the workload, does not answer (yet)."""

    stops_workload = False


def combine(problems: Sequence[OpenctiConnectorError]) -> OpenctiConnectorError:
    """Return one error for several. It names all that a person must fix.

    Args:
        problems: At least one error.
    """
    blocking = [problem for problem in problems if isinstance(problem, Blocked)]
    shown = blocking or problems[:1]
    combined = shown[0] if len(shown) == 1 else Blocked('; '.join(map(str, shown)))
    combined.stops_workload = any(problem.stops_workload for problem in problems)
    return combined
