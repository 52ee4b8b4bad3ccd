# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Both ends of the `opencti_connector` relation interface, for Juju charms.

Connector charms compose a `ConnectorProvides`, the OpenCTI charm an `OpenctiRequires`. For a
connector on Kubernetes, `OpenctiConnectorMixin` is the rest of the charm, too.
"""

from .connector import RelatedConnector
from .errors import (
    Blocked,
    ContainerUnavailable,
    InvalidRelationData,
    MissingConfiguration,
    NotLeader,
    NotReady,
    OpenctiConnectorError,
    RelationDataMissing,
    RelationMissing,
    SecretUnavailable,
    TooManyRelations,
    TooManyUnits,
    WorkloadFailed,
)
from .events import (
    ConnectorAvailableEvent,
    ConnectorInvalidEvent,
    ConnectorProvidesEvents,
    ConnectorRemovedEvent,
    OpenctiConnectionAvailableEvent,
    OpenctiConnectionInvalidEvent,
    OpenctiConnectionRemovedEvent,
    OpenctiRequiresEvents,
)
from .mixin import OpenctiConnectorMixin
from .provides import ConnectorProvides
from .requires import OpenctiRequires
from .schema import ConnectorDetails, ConnectorType, OpenctiConnection

__all__ = [
    'Blocked',
    'ConnectorAvailableEvent',
    'ConnectorDetails',
    'ConnectorInvalidEvent',
    'ConnectorProvides',
    'ConnectorProvidesEvents',
    'ConnectorRemovedEvent',
    'ConnectorType',
    'ContainerUnavailable',
    'InvalidRelationData',
    'MissingConfiguration',
    'NotLeader',
    'NotReady',
    'OpenctiConnection',
    'OpenctiConnectionAvailableEvent',
    'OpenctiConnectionInvalidEvent',
    'OpenctiConnectionRemovedEvent',
    'OpenctiConnectorError',
    'OpenctiConnectorMixin',
    'OpenctiRequires',
    'OpenctiRequiresEvents',
    'RelatedConnector',
    'RelationDataMissing',
    'RelationMissing',
    'SecretUnavailable',
    'TooManyRelations',
    'TooManyUnits',
    'WorkloadFailed',
]
