# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Events that a charm defers: stored without a token, restored in a later hook."""

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from opencti_connector import (
    ConnectorProvides,
    OpenctiConnection,
    OpenctiRequires,
    RelationDataMissing,
)

from .conftest import (
    DETAILS,
    NEW_TOKEN,
    URL,
    connected,
    connector_context,
    only_relation,
    opencti_context,
    relation,
    replace_relation,
)


class _DeferringCharm(ops.CharmBase):
    """Defers all that it observes, until it is told what to read of an event."""

    read: ClassVar[Callable[[Any], Any] | None] = None
    results: ClassVar[list[Any]] = []

    def observe(self, emitter: ops.ObjectEvents) -> None:
        for event in emitter.events().values():
            self.framework.observe(event, self._on_event)

    def _on_event(self, event: ops.EventBase):
        if _DeferringCharm.read is None:
            event.defer()
        else:
            self.results.append(_DeferringCharm.read(event))


class DeferringConnectorCharm(_DeferringCharm):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti = ConnectorProvides(self, 'EXTERNAL_IMPORT')
        self.observe(self.opencti.on)


class DeferringOpenctiCharm(_DeferringCharm):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.connectors = OpenctiRequires(self)
        self.observe(self.connectors.on)


@pytest.fixture(autouse=True)
def _charms_start_afresh(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_DeferringCharm, 'read', None)
    monkeypatch.setattr(_DeferringCharm, 'results', [])


def restored(state: testing.State, read: Callable[[Any], Any]) -> list[Any]:
    """What is read of the deferred events in a later hook that emits none of its own."""
    assert state.deferred
    _DeferringCharm.read = staticmethod(read)  # type: ignore[assignment]
    is_opencti = 'OpenctiRequires' in state.deferred[0].handle_path
    context = (
        opencti_context(DeferringOpenctiCharm)
        if is_opencti
        else connector_context(DeferringConnectorCharm)
    )
    out = context.run(context.on.start(), state)
    assert not out.deferred
    return _DeferringCharm.results


class TestConnector:
    def defer(self, state: testing.State, event: str = 'relation_changed') -> testing.State:
        context = connector_context(DeferringConnectorCharm)
        return context.run(getattr(context.on, event)(only_relation(state)), state)

    def test_the_connection_is_resolved_anew(self):
        related, secret = connected()
        state = self.defer(testing.State(leader=True, relations={related}, secrets={secret}))
        rotated = testing.Secret({'token': NEW_TOKEN}, id=secret.id)
        # Who leads does not matter: any unit can read what OpenCTI published.
        state = dataclasses.replace(state, secrets={rotated}, leader=False)
        (connection,) = restored(state, lambda event: event.connection)
        assert connection == OpenctiConnection(url=URL, token=NEW_TOKEN)

    def test_a_connection_that_is_gone_by_then(self):
        def read(event: Any) -> None:
            with pytest.raises(RelationDataMissing):
                _ = event.connection

        related, secret = connected()
        state = self.defer(testing.State(leader=True, relations={related}, secrets={secret}))
        gone = dataclasses.replace(state, relations=set(), secrets=set())
        assert restored(gone, read) == [None]

    def test_what_is_wrong(self):
        wrong = relation(remote_app_data={'opencti_url': 'nonsense', 'opencti_token': 'secret:x'})
        state = self.defer(testing.State(leader=True, relations={wrong}))
        state = replace_relation(state, remote_app_data={})
        (problem,) = restored(state, lambda event: event.error)
        assert problem.startswith('opencti_url: must be')

    def test_which_relation_is_gone(self):
        related, _ = connected()
        state = testing.State(leader=True, relations={related})
        state = self.defer(state, 'relation_broken')
        gone = dataclasses.replace(state, relations=set())
        results = restored(gone, lambda event: (event.relation_id, event.relation.active))
        assert results == [(related.id, False)]


class TestOpencti:
    def defer(self, state: testing.State, event: str = 'relation_changed') -> testing.State:
        context = opencti_context(DeferringOpenctiCharm)
        return context.run(getattr(context.on, event)(only_relation(state)), state)

    def test_the_connector(self):
        related = relation(id=7, remote_app_name='a-connector', remote_app_data=DETAILS)
        state = self.defer(testing.State(leader=True, relations={related}))
        results = restored(state, lambda event: (event.connector.user_name, event.relation.id))
        assert results == [('charm-connector-a-connector-7', 7)]

    def test_what_is_wrong(self):
        wrong = relation(remote_app_data={**DETAILS, 'connector_type': 'ROOT'})
        state = self.defer(testing.State(leader=True, relations={wrong}))
        (problem,) = restored(state, lambda event: event.error)
        assert problem.startswith('connector_type: must be')

    def test_whose_account_is_to_be_switched_off(self):
        related = relation(id=7, remote_app_name='a-connector', remote_app_data=DETAILS)
        state = testing.State(leader=True, relations={related})
        state = self.defer(state, 'relation_broken')
        gone = dataclasses.replace(state, relations=set())
        results = restored(gone, lambda event: (event.relation_id, event.user_name))
        assert results == [(7, 'charm-connector-a-connector-7')]
