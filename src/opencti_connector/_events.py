# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The custom events of both ends.

A deferred event is stored on disk and restored in another process. So an event keeps only ids and
texts, and looks up the rest when it is asked: a token is never stored.
"""

import weakref
from typing import TYPE_CHECKING, Any, TypeAlias

import ops

from . import _schema
from ._connector import RelatedConnector

if TYPE_CHECKING:
    from ._provides import ConnectorProvides
    from ._requires import OpenctiRequires

# ops searches all relations for one, which would be quadratic for many events. The references are
# weak: strong ones would keep all of a hook alive in a process that runs many.
_Relations: TypeAlias = 'weakref.WeakValueDictionary[tuple[str, int], ops.Relation]'
_relations: weakref.WeakKeyDictionary[ops.Model, _Relations] = weakref.WeakKeyDictionary()

# ops leads from no event to the object that emits it.
_Endpoints: TypeAlias = 'weakref.WeakValueDictionary[str, ConnectorProvides | OpenctiRequires]'
_endpoints: weakref.WeakKeyDictionary[ops.Framework, _Endpoints] = weakref.WeakKeyDictionary()


def let_events_ask(endpoint: 'ConnectorProvides | OpenctiRequires', relation_name: str) -> None:
    """Let the events of an endpoint ask it, also those that were deferred in an earlier hook."""
    known = _endpoints.setdefault(endpoint.framework, weakref.WeakValueDictionary())
    known[relation_name] = endpoint


def _find_relation(model: ops.Model, name: str, relation_id: int) -> ops.Relation:
    known = _relations.setdefault(model, weakref.WeakValueDictionary())
    if (name, relation_id) not in known:
        known.update({(name, relation.id): relation for relation in model.relations[name]})
    relation = known.get((name, relation_id)) or model.get_relation(name, relation_id)
    assert relation is not None  # ops returns a dead relation rather than none.
    return relation


class _RelationEvent(ops.EventBase):
    """An event that concerns one relation."""

    relation_name: str
    """The name of the endpoint."""

    relation_id: int
    """The id of the relation, known even if the relation is gone."""

    def __init__(self, handle: ops.Handle, relation_name: str, relation_id: int):
        super().__init__(handle)
        self.relation_name = relation_name
        self.relation_id = relation_id

    def snapshot(self) -> dict[str, Any]:
        """Return what is stored of the event; used by the framework."""
        return {'relation_name': self.relation_name, 'relation_id': self.relation_id}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Restore the event from what was stored; used by the framework."""
        self.relation_name = snapshot['relation_name']
        self.relation_id = snapshot['relation_id']

    @property
    def relation(self) -> ops.Relation:
        """The relation. Its `active` is false when it is gone."""
        return _find_relation(self.framework.model, self.relation_name, self.relation_id)


def _find_endpoint(event: _RelationEvent) -> Any:
    return _endpoints[event.framework].get(event.relation_name)


class _InvalidDataEvent(_RelationEvent):
    """The other side wrote something unusable."""

    error: str
    """Which field is unusable and why, without the value that was written."""

    def __init__(self, handle: ops.Handle, relation_name: str, relation_id: int, error: str):
        super().__init__(handle, relation_name, relation_id)
        self.error = error

    def snapshot(self) -> dict[str, Any]:
        """Return what is stored of the event; used by the framework."""
        return {**super().snapshot(), 'error': self.error}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Restore the event from what was stored; used by the framework."""
        super().restore(snapshot)
        self.error = snapshot['error']


class OpenctiConnectionAvailableEvent(_RelationEvent):
    """The connection to OpenCTI is complete and valid, and its token can be read.

    The event is level-triggered: it is emitted in each hook that may have changed something, for
    as long as there is a connection. So a handler need not defer it.
    """

    @property
    def connection(self) -> _schema.OpenctiConnection | None:
        """The connection as it is now: that of the endpoint, see `ConnectorProvides.connection`.

        `None` if there is no usable one any more, which only a deferred event can find. If it is
        not `None`, `ConnectorProvides.environment` raises no error.
        """
        endpoint: ConnectorProvides | None = _find_endpoint(self)
        relation = None if endpoint is None else endpoint.relation
        if endpoint is None or relation is None or relation.id != self.relation_id:
            return None
        return endpoint.connection


class OpenctiConnectionInvalidEvent(_InvalidDataEvent):
    """OpenCTI published something unusable."""


class OpenctiConnectionRemovedEvent(_RelationEvent):
    """The relation is gone, or OpenCTI withdrew what it had published: its data or its secret.

    It is emitted once: a handler that cannot act has to defer it.
    """


class ConnectorProvidesEvents(ops.ObjectEvents):
    """The events of `ConnectorProvides`."""

    opencti_connection_available = ops.EventSource(OpenctiConnectionAvailableEvent)
    opencti_connection_invalid = ops.EventSource(OpenctiConnectionInvalidEvent)
    opencti_connection_removed = ops.EventSource(OpenctiConnectionRemovedEvent)


class _ConnectorEvent(_RelationEvent):
    """An event that concerns a connector which has said who it is."""

    @property
    def connector(self) -> RelatedConnector | None:
        """The connector as it describes itself now. Its `details` are not `None`.

        `None` if it no longer does, which only a deferred event can find.
        """
        endpoint: OpenctiRequires | None = _find_endpoint(self)
        connector = None if endpoint is None else endpoint._connector_of(self.relation)
        if connector is None or connector.details is None:
            return None
        return connector


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


class ConnectorInvalidEvent(_InvalidDataEvent):
    """A connector wrote something unusable. It is emitted on the leader only."""


class ConnectorRemovedEvent(_RelationEvent):
    """A relation with a connector is gone, and its account should be switched off.

    It is emitted on the leader only, and once: a handler that cannot act has to defer it. After a
    change of leader it can come a second time for the same relation.
    """

    user_name: str
    """The name of the account that belonged to the relation."""

    def __init__(self, handle: ops.Handle, relation_name: str, relation_id: int, user_name: str):
        super().__init__(handle, relation_name, relation_id)
        self.user_name = user_name

    def snapshot(self) -> dict[str, Any]:
        """Return what is stored of the event; used by the framework."""
        return {**super().snapshot(), 'user_name': self.user_name}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Restore the event from what was stored; used by the framework."""
        super().restore(snapshot)
        self.user_name = snapshot['user_name']


class OpenctiRequiresEvents(ops.ObjectEvents):
    """The events of `OpenctiRequires`."""

    connector_available = ops.EventSource(ConnectorAvailableEvent)
    connector_invalid = ops.EventSource(ConnectorInvalidEvent)
    connector_removed = ops.EventSource(ConnectorRemovedEvent)
    connector_token_due = ops.EventSource(ConnectorTokenDueEvent)
