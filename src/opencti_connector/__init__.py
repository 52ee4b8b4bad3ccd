# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Both ends of the `opencti_connector` relation interface, for Juju charms.

Connector charms compose a `ConnectorProvides`, the OpenCTI charm an `OpenctiRequires`. For a
connector on Kubernetes, `OpenctiConnectorMixin` is the rest of the charm, too.
"""

from typing import TYPE_CHECKING, Any

from ._connector import ConnectorState, RelatedConnector
from ._errors import (
    Blocked,
    ContainerUnavailable,
    InvalidConfiguration,
    InvalidRelationData,
    MissingConfiguration,
    NotLeader,
    NotReady,
    OpenctiConnectorError,
    RelationDataMissing,
    RelationMissing,
    SecretNotGranted,
    SecretReadFailed,
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
    ConnectorTokenDueEvent,
    OpenctiConnectionAvailableEvent,
    OpenctiConnectionInvalidEvent,
    OpenctiConnectionRemovedEvent,
    OpenctiRequiresEvents,
)
from ._provides import ConnectorProvides
from ._requires import OpenctiRequires
from ._schema import ConnectorDetails, ConnectorType, OpenctiConnection
from ._secret import read_secret

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
    'ConnectorState',
    'ConnectorTokenDueEvent',
    'ConnectorType',
    'ContainerUnavailable',
    'InvalidConfiguration',
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
    'SecretNotGranted',
    'SecretReadFailed',
    'SecretUnavailable',
    'TooManyRelations',
    'TooManyUnits',
    'WorkloadFailed',
    'read_secret',
]


def __getattr__(name: str) -> Any:
    # Only the charms that use the mixin pay for importing it, at each of their hooks.
    if name == 'OpenctiConnectorMixin':
        from ._mixin import OpenctiConnectorMixin

        globals()[name] = OpenctiConnectorMixin
        return OpenctiConnectorMixin
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
