# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Both ends of the `opencti_connector` relation interface, for Juju charms.

Connector charms compose a `ConnectorProvides`, the OpenCTI charm an `OpenctiRequires`. A connector
on Kubernetes adds a `ConnectorWorkload`, or takes both from `OpenctiConnectorMixin`.
"""

from typing import TYPE_CHECKING, Any

from ._connector import ConnectorState, RelatedConnector
from ._errors import (
    Blocked,
    InvalidRelationData,
    NotLeader,
    NotReady,
    OpenctiConnectorError,
    RelationDataMissing,
    RelationMissing,
    SecretReadFailed,
    SecretUnavailable,
    TooManyRelations,
    TooManyUnits,
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

if TYPE_CHECKING:
    from ._mixin import OpenctiConnectorMixin
    from ._workload import ConnectorWorkload

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
    'ConnectorWorkload',
    'InvalidRelationData',
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
    'SecretReadFailed',
    'SecretUnavailable',
    'TooManyRelations',
    'TooManyUnits',
]


def __getattr__(name: str) -> Any:
    # Imported on first use: only charms that use these pay for the import, at each hook.
    if name == 'ConnectorWorkload':
        from ._workload import ConnectorWorkload

        return ConnectorWorkload
    if name == 'OpenctiConnectorMixin':
        from ._mixin import OpenctiConnectorMixin

        return OpenctiConnectorMixin
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
