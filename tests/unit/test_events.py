# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Events that a charm defers: stored without a token, restored in a later hook."""

import dataclasses
import gc
from collections.abc import Callable
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, OpenctiRequires
from opencti_connector.testing import relation_for_requirer

from .charms import connector_context, opencti_context
from .requires.states import answerable
from .states import connected_state, only_relation, relation, replace_relation
from .values import DETAILS, NEW_TOKEN, TOKEN, URL

ACCOUNT = 'charm-connector-a-connector-7'


class _DeferringCharm(ops.CharmBase):
    """Defers all that it observes, until it is told what to read of an event."""

    read: ClassVar[Callable[[Any], Any] | None] = None
    results: ClassVar[list[Any]] = []

    keeps_endpoint: ClassVar[bool] = True

    def observe(self, endpoint: ConnectorProvides | OpenctiRequires) -> None:
        self.kept = endpoint if self.keeps_endpoint else None
        for event in endpoint.on.events().values():
            self.framework.observe(event, self._on_event)

    def _on_event(self, event: ops.EventBase):
        if not self.keeps_endpoint:
            gc.collect()
        if _DeferringCharm.read is None:
            event.defer()
        else:
            self.results.append(_DeferringCharm.read(event))


class DeferringConnectorCharm(_DeferringCharm):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.observe(ConnectorProvides(self, 'EXTERNAL_IMPORT'))


class DeferringOpenctiCharm(_DeferringCharm):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.observe(OpenctiRequires(self))


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

    def test_what_is_wrong(self):
        wrong = relation(remote_app_data={'opencti_url': 'nonsense', 'opencti_token': 'secret:x'})
        state = self.defer(testing.State(leader=True, relations={wrong}))
        state = replace_relation(state, remote_app_data={})
        (problem,) = restored(state, lambda event: event.error)
        assert problem.startswith('opencti_url: must be')

    def test_which_relation_is_gone(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_DeferringCharm, 'read', staticmethod(lambda event: None))
            state = self.defer(connected_state(id=7))
        _DeferringCharm.results.clear()
        state = self.defer(state, 'relation_broken')
        gone = dataclasses.replace(state, relations=set())
        results = restored(gone, lambda event: (event.relation_id, event.relation.active))
        assert results == [(7, False)]


class TestOpencti:
    def defer(self, state: testing.State, event: str = 'relation_changed') -> testing.State:
        context = opencti_context(DeferringOpenctiCharm)
        return context.run(getattr(context.on, event)(only_relation(state)), state)

    @pytest.fixture
    def available(self) -> testing.State:
        return self.defer(answerable())

    def test_the_connector(self, available: testing.State):
        results = restored(available, lambda event: (event.connector.user_name, event.relation.id))
        assert results == [(ACCOUNT, 7)]

    def test_what_is_wrong(self):
        state = self.defer(answerable(connector_type='ROOT'))
        (problem,) = restored(state, lambda event: event.error)
        assert problem.startswith('connector_type: must be')

    def test_whose_account_is_to_be_switched_off(self):
        state = self.defer(answerable(), 'relation_broken')
        gone = dataclasses.replace(state, relations=set())
        results = restored(gone, lambda event: (event.relation_id, event.user_name))
        assert results == [(7, ACCOUNT)]

    def test_a_connector_that_is_gone_by_then(self, available: testing.State):
        gone = dataclasses.replace(available, relations=set())
        assert restored(gone, lambda event: event.connector)[0] is None

    @pytest.mark.parametrize('data', [{}, {**DETAILS, 'connector_type': 'ROOT'}])
    def test_a_connector_that_is_not_known_by_then(
        self, available: testing.State, data: dict[str, str]
    ):
        silent = replace_relation(available, remote_app_data=data)
        assert restored(silent, lambda event: event.connector)[-1] is None

    def test_a_relation_that_breaks_in_that_hook(self, available: testing.State):
        _DeferringCharm.read = staticmethod(lambda event: getattr(event, 'connector', 'none'))
        context = opencti_context(DeferringOpenctiCharm)
        context.run(context.on.relation_broken(only_relation(available)), available)
        assert _DeferringCharm.results == [None, 'none']

    def test_a_token_that_is_due(self):
        relation, (secret,) = relation_for_requirer(
            remote_app_name='a-connector', published_url=URL, published_token=TOKEN, id=7
        )
        state = testing.State(leader=True, relations={relation}, secrets={secret})
        context = opencti_context(DeferringOpenctiCharm)
        state = context.run(context.on.secret_expired(secret, revision=1), state)
        assert restored(state, lambda event: event.connector.user_name) == [ACCOUNT]


class TestStoredByAnEarlierVersion:
    STORED: ClassVar[dict[str, dict[str, str]]] = {
        'OpenctiRequires:connector_available': {},
        'OpenctiRequires:connector_invalid': {'error': 'connector_type: must be'},
        'OpenctiRequires:connector_removed': {'user_name': ACCOUNT},
        'ConnectorProvides:opencti_connection_available': {},
        'ConnectorProvides:opencti_connection_invalid': {'error': 'opencti_url: must be'},
        'ConnectorProvides:opencti_connection_removed': {},
    }

    @pytest.mark.parametrize('keeps_endpoint', [True, False])
    @pytest.mark.parametrize('exists', [True, False])
    @pytest.mark.parametrize('stored', STORED)
    def test_it_is_restored(
        self, stored: str, exists: bool, keeps_endpoint: bool, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(_DeferringCharm, 'keeps_endpoint', keeps_endpoint)
        end, name = stored.split(':')
        charm = (
            DeferringOpenctiCharm if end == 'OpenctiRequires' else DeferringConnectorCharm
        ).__name__
        deferred = testing.DeferredEvent(
            f'{charm}/{end}[opencti-connector]/on/{name}[1]',
            charm,
            '_on_event',
            {'relation_name': 'opencti-connector', 'relation_id': 7, **self.STORED[stored]},
        )
        relations = {relation(id=7)} if exists else set()
        state = testing.State(leader=True, relations=relations, deferred=[deferred])

        def read(event: Any) -> dict[str, Any]:
            more = {key: getattr(event, key) for key in self.STORED[stored]}
            assert event.relation.id == 7
            assert getattr(event, 'connection', None) is None
            assert getattr(event, 'connector', None) is None
            return more

        assert restored(state, read) == [self.STORED[stored]]


def test_a_token_that_is_rotated_after_a_deferred_event_was_read(monkeypatch: pytest.MonkeyPatch):
    # Both are handled in one process: what the first one read must not be shown to the second.
    context = connector_context(DeferringConnectorCharm)
    state = connected_state()
    state = context.run(context.on.relation_changed(only_relation(state)), state)
    tokens: list[str] = []
    backend_reads = ops.Secret.get_content

    def read(event: Any) -> None:
        tokens.append(event.connection.token.get_secret_value())

    def rotating(secret: ops.Secret, *, refresh: bool = False) -> dict[str, str]:
        content = backend_reads(secret, refresh=refresh)
        return {'token': NEW_TOKEN} if tokens else content

    monkeypatch.setattr(ops.Secret, 'get_content', rotating)
    _DeferringCharm.read = staticmethod(read)  # type: ignore[assignment]
    context.run(context.on.secret_changed(next(iter(state.secrets))), state)
    assert tokens == [TOKEN, NEW_TOKEN]
