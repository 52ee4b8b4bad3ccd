# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Both ends of the `opencti_connector` relation interface, for Juju charms.

Connector charms compose a `ConnectorProvides`, the OpenCTI charm an `OpenctiRequires`. A connector
on Kubernetes adds a `ConnectorWorkload`, or takes both from `OpenctiConnectorMixin`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._errors import Blocked as Blocked
    from ._errors import InvalidRelationData as InvalidRelationData
    from ._errors import NotLeader as NotLeader
    from ._errors import NotReady as NotReady
    from ._errors import OpenctiConnectorError as OpenctiConnectorError
    from ._errors import RelationDataMissing as RelationDataMissing
    from ._errors import RelationMissing as RelationMissing
    from ._errors import SecretReadFailed as SecretReadFailed
    from ._errors import SecretUnavailable as SecretUnavailable
    from ._errors import TooManyRelations as TooManyRelations
    from ._errors import TooManyUnits as TooManyUnits
    from ._provides.endpoint import ConnectorProvides as ConnectorProvides
    from ._provides.events import ConnectorProvidesEvents as ConnectorProvidesEvents
    from ._provides.events import (
        OpenctiConnectionAvailableEvent as OpenctiConnectionAvailableEvent,
    )
    from ._provides.events import OpenctiConnectionInvalidEvent as OpenctiConnectionInvalidEvent
    from ._provides.events import OpenctiConnectionRemovedEvent as OpenctiConnectionRemovedEvent
    from ._relation.schema import ConnectorDetails as ConnectorDetails
    from ._relation.schema import ConnectorType as ConnectorType
    from ._relation.schema import OpenctiConnection as OpenctiConnection
    from ._requires.connector import ConnectorState as ConnectorState
    from ._requires.connector import RelatedConnector as RelatedConnector
    from ._requires.endpoint import OpenctiRequires as OpenctiRequires
    from ._requires.events import ConnectorAvailableEvent as ConnectorAvailableEvent
    from ._requires.events import ConnectorInvalidEvent as ConnectorInvalidEvent
    from ._requires.events import ConnectorRemovedEvent as ConnectorRemovedEvent
    from ._requires.events import ConnectorTokenDueEvent as ConnectorTokenDueEvent
    from ._requires.events import OpenctiRequiresEvents as OpenctiRequiresEvents
    from ._workload.mixin import OpenctiConnectorMixin as OpenctiConnectorMixin
    from ._workload.workload import ConnectorWorkload as ConnectorWorkload

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

__all__ = sorted(_MODULE_OF)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    value = getattr(importlib.import_module(f'{__name__}.{_MODULE_OF[name]}'), name)
    globals()[name] = value  # The next use does not come here.
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
