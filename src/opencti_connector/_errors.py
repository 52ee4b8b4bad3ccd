# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Why there is no usable connection, and what that means for a unit's status.

Each error decides its own status: what comes by itself is waiting, what a person must fix is
blocked. No error text holds a value that the other side wrote.
"""

import ops


class OpenctiConnectorError(Exception):
    """Base class of this library's errors; its text is fit for a status message."""

    @property
    def status(self) -> ops.StatusBase:
        """The unit status that this error calls for."""
        return ops.BlockedStatus(str(self))


class Blocked(OpenctiConnectorError):
    """A person must act before this can work."""


class RelationMissing(Blocked):
    """There is no relation, and only a person can relate."""


class InvalidRelationData(Blocked):
    """The other side of the relation wrote something unusable."""


class TooManyRelations(Blocked):
    """The connector is related to more than one OpenCTI; it can serve only one."""


class TooManyUnits(Blocked):
    """The application has more than one unit, and OpenCTI takes a connector's id only once."""


class MissingConfiguration(Blocked):
    """Options that the connector cannot do without have no value."""


class InvalidConfiguration(Blocked):
    """Options have a value that the connector cannot use."""


class SecretNotGranted(Blocked):
    """The secret that an option names cannot be read; a person has to grant it."""


class WorkloadFailed(Blocked):
    """Pebble refused or failed to start or stop the workload."""


class NotReady(OpenctiConnectorError):
    """There is no connection yet; it will come by itself."""

    @property
    def status(self) -> ops.StatusBase:
        """The unit status that this error calls for."""
        return ops.WaitingStatus(str(self))


class NotLeader(NotReady):
    """This unit is not the leader, and only the leader can read its own application databag."""


class RelationDataMissing(NotReady):
    """The other side of the relation has not written all of its data, or has withdrawn it."""


class SecretUnavailable(NotReady):
    """A secret does not exist, or is not granted to this application (yet)."""


class SecretReadFailed(NotReady):
    """Juju could not answer, which says nothing about the secret: a later hook tries again."""


class ContainerUnavailable(NotReady):
    """Pebble, which runs the workload, does not answer (yet)."""
