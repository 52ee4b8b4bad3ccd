# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the custom events of both ends have in common.

A deferred event is stored on disk and restored in another process. So an event keeps only ids and
texts, and looks up the rest when it is asked: a token is never stored.
"""

import weakref
from typing import Any, TypeAlias

import ops

# ops leads from no event to the object that emits it.
_Endpoints: TypeAlias = 'weakref.WeakValueDictionary[str, ops.Object]'
_endpoints: weakref.WeakKeyDictionary[ops.Framework, _Endpoints] = weakref.WeakKeyDictionary()


def let_events_ask(endpoint: ops.Object, relation_name: str) -> None:
    """Let the events of an endpoint ask it, also those that were deferred in an earlier hook."""
    known = _endpoints.setdefault(endpoint.framework, weakref.WeakValueDictionary())
    known[relation_name] = endpoint


class RelationEvent(ops.EventBase):
    """An event that concerns one relation."""

    relation_name: str
    """The name of the endpoint."""

    relation_id: int
    """The id of the relation, known even if the relation is gone."""

    _stored_names = ('relation_name', 'relation_id')

    def __init__(self, handle: ops.Handle, relation_name: str, relation_id: int):
        super().__init__(handle)
        self.relation_name = relation_name
        self.relation_id = relation_id

    def snapshot(self) -> dict[str, Any]:
        """Return what is stored of the event; used by the framework."""
        return {name: getattr(self, name) for name in self._stored_names}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Restore the event from what was stored; used by the framework."""
        vars(self).update(snapshot)

    @property
    def relation(self) -> ops.Relation:
        """The relation. Its `active` is false when it is gone."""
        relation = self.framework.model.get_relation(self.relation_name, self.relation_id)
        assert relation is not None  # ops returns a dead relation rather than none.
        return relation


def find_endpoint(event: RelationEvent) -> Any:
    """Return the endpoint object that emitted an event; `None` if the charm kept none."""
    return _endpoints[event.framework].get(event.relation_name)


class InvalidDataEvent(RelationEvent):
    """The other side wrote something unusable."""

    error: str
    """Which field is unusable and why, without the value that was written."""

    _stored_names = (*RelationEvent._stored_names, 'error')

    def __init__(self, handle: ops.Handle, relation_name: str, relation_id: int, error: str):
        super().__init__(handle, relation_name, relation_id)
        self.error = error
