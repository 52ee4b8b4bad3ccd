# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The events that the OpenCTI charm gets."""

import ops

from .. import _events
from .connector import RelatedConnector


class _ConnectorEvent(_events.RelationEvent):
    """An event that concerns a connector which has said who it is."""

    @property
    def connector(self) -> RelatedConnector | None:
        """The connector as it describes itself now. Its `details` are not `None`.

        `None` if it no longer does, which only a deferred event can find.
        """
        endpoint = _events.find_endpoint(self)
        connector: RelatedConnector | None = endpoint and endpoint._connector_of(self.relation)
        return connector if connector and connector.details else None


class ConnectorAvailableEvent(_ConnectorEvent):
    """A connector is related and has said who it is.

    The event is level-triggered, see `OpenctiConnectionAvailableEvent`. It is emitted on the
    leader only, because only the leader can publish.
    """


class ConnectorTokenDueEvent(_ConnectorEvent):
    """A connector's token has expired: make a new one and publish it.

    It is emitted on the leader only. Juju repeats it every few minutes until a new token is
    published.
    """


class ConnectorInvalidEvent(_events.InvalidDataEvent):
    """A connector wrote something unusable. It is emitted on the leader only."""


class ConnectorRemovedEvent(_events.RelationEvent):
    """A relation with a connector is gone, and its account should be switched off.

    It is emitted on the leader only, and once: a handler that cannot act has to defer it. After a
    change of leader it can come a second time for the same relation.
    """

    user_name: str
    """The name of the account that belonged to the relation."""

    _stored_names = (*_events.RelationEvent._stored_names, 'user_name')

    def __init__(self, handle: ops.Handle, relation_name: str, relation_id: int, user_name: str):
        super().__init__(handle, relation_name, relation_id)
        self.user_name = user_name


class OpenctiRequiresEvents(ops.ObjectEvents):
    """The events of `OpenctiRequires`."""

    connector_available = ops.EventSource(ConnectorAvailableEvent)
    connector_invalid = ops.EventSource(ConnectorInvalidEvent)
    connector_removed = ops.EventSource(ConnectorRemovedEvent)
    connector_token_due = ops.EventSource(ConnectorTokenDueEvent)
