# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Both ends of the `opencti_connector` relation interface, for Juju charms.

Connector charms compose a `ConnectorProvides`, the OpenCTI charm an `OpenctiRequires`. For a
connector on Kubernetes, `OpenctiConnectorMixin` is the rest of the charm, too.
"""

from typing import TYPE_CHECKING, Any

from ._connector import RelatedConnector
from ._errors import (
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
from ._events import (
    ConnectorAvailableEvent,
    ConnectorInvalidEvent,
    ConnectorProvidesEvents,
    ConnectorRemovedEvent,
    OpenctiConnectionAvailableEvent,
    OpenctiConnectionInvalidEvent,
    OpenctiConnectionRemovedEvent,
    OpenctiRequiresEvents,
)
from ._provides import ConnectorProvides
from ._requires import OpenctiRequires
from ._schema import ConnectorDetails, ConnectorType, OpenctiConnection

if TYPE_CHECKING:
    from ._mixin import OpenctiConnectorMixin

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


def __getattr__(name: str) -> Any:
    # Only the charms that use the mixin pay for importing it, at each of their hooks.
    if name == 'OpenctiConnectorMixin':
        from ._mixin import OpenctiConnectorMixin

        globals()[name] = OpenctiConnectorMixin
        return OpenctiConnectorMixin
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
