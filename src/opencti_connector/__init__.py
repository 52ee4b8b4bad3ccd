# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Both ends of the `opencti_connector` relation interface, for Juju charms.

Connector charms compose a `ConnectorProvides`, the OpenCTI charm an `OpenctiRequires`. A connector
on Kubernetes adds a `ConnectorWorkload`, or takes both from `OpenctiConnectorMixin`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from ._provides.endpoint import ConnectorProvides
    from ._provides.events import (
        ConnectorProvidesEvents,
        OpenctiConnectionAvailableEvent,
        OpenctiConnectionInvalidEvent,
        OpenctiConnectionRemovedEvent,
    )
    from ._relation.schema import ConnectorDetails, ConnectorType, OpenctiConnection
    from ._requires.connector import ConnectorState, RelatedConnector
    from ._requires.endpoint import OpenctiRequires
    from ._requires.events import (
        ConnectorAvailableEvent,
        ConnectorInvalidEvent,
        ConnectorRemovedEvent,
        ConnectorTokenDueEvent,
        OpenctiRequiresEvents,
    )
    from ._workload.mixin import OpenctiConnectorMixin
    from ._workload.workload import ConnectorWorkload

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

# Imported on first use: a hook pays only for the end that its charm uses.
_MODULES = {
    '_errors': 'Blocked InvalidRelationData NotLeader NotReady OpenctiConnectorError '
    'RelationDataMissing RelationMissing SecretReadFailed SecretUnavailable TooManyRelations '
    'TooManyUnits',
    '_provides.endpoint': 'ConnectorProvides',
    '_provides.events': 'ConnectorProvidesEvents OpenctiConnectionAvailableEvent '
    'OpenctiConnectionInvalidEvent OpenctiConnectionRemovedEvent',
    '_relation.schema': 'ConnectorDetails ConnectorType OpenctiConnection',
    '_requires.connector': 'ConnectorState RelatedConnector',
    '_requires.endpoint': 'OpenctiRequires',
    '_requires.events': 'ConnectorAvailableEvent ConnectorInvalidEvent ConnectorRemovedEvent '
    'ConnectorTokenDueEvent OpenctiRequiresEvents',
    '_workload.mixin': 'OpenctiConnectorMixin',
    '_workload.workload': 'ConnectorWorkload',
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    value = getattr(importlib.import_module(f'{__name__}.{_MODULE_OF[name]}'), name)
    globals()[name] = value  # The next use does not come here.
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
