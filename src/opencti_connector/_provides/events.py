# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The events that a connector charm gets."""

import ops

from .. import _events, _relation


class OpenctiConnectionAvailableEvent(_events.RelationEvent):
    """The connection to OpenCTI is complete and valid, and its token can be read.

    The event is level-triggered: it is emitted in each hook that may have changed something, for
    as long as there is a connection. So a handler need not defer it.
    """

    @property
    def connection(self) -> _relation.OpenctiConnection | None:
        """The connection as it is now: that of the endpoint, see `ConnectorProvides.connection`.

        `None` if there is no usable one any more, which only a deferred event can find. If it is
        not `None`, `ConnectorProvides.environment` raises no error.
        """
        endpoint = _events.find_endpoint(self)
        relation: ops.Relation | None = endpoint and endpoint.relation
        return endpoint.connection if relation and relation.id == self.relation_id else None


class OpenctiConnectionInvalidEvent(_events.InvalidDataEvent):
    """OpenCTI published something unusable."""


class OpenctiConnectionRemovedEvent(_events.RelationEvent):
    """The relation is gone, or OpenCTI withdrew what it had published: its data or its secret.

    It is emitted once: a handler that cannot act has to defer it.
    """


class ConnectorProvidesEvents(ops.ObjectEvents):
    """The events of `ConnectorProvides`."""

    opencti_connection_available = ops.EventSource(OpenctiConnectionAvailableEvent)
    opencti_connection_invalid = ops.EventSource(OpenctiConnectionInvalidEvent)
    opencti_connection_removed = ops.EventSource(OpenctiConnectionRemovedEvent)
