# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The handler of the docs, with an event that it deferred and finds in a later hook."""

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, OpenctiConnectionAvailableEvent

from ..charms import Context, connector_context
from ..failures import raising
from ..states import connected_state, only_relation, relation, replace_relation
from ..values import NEW_TOKEN, REMOVED, TOKEN

State = testing.State
BACKEND = 'scenario.mocking._MockModelBackend'


class DocumentedCharm(ops.CharmBase):
    """Defers as long as it is told so; then it does what the README shows."""

    defers: ClassVar[bool] = False
    tokens: ClassVar[list[str | None]] = []
    """The token of each event that was handled, or `None`."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti = ConnectorProvides(self, 'EXTERNAL_IMPORT')
        framework.observe(self.opencti.on.opencti_connection_available, self._on_available)

    def _on_available(self, event: OpenctiConnectionAvailableEvent):
        if self.defers:
            event.defer()
            return
        if event.connection is None:
            self.tokens.append(None)
            return
        self.tokens.append(self.opencti.environment()['OPENCTI_TOKEN'])


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setattr(DocumentedCharm, 'tokens', [])
    return connector_context(DocumentedCharm)


@pytest.fixture
def deferred(context: Context, monkeypatch: pytest.MonkeyPatch) -> State:
    """What the hook that deferred the event leaves."""
    state = connected_state(id=3)
    with monkeypatch.context() as patch:
        patch.setattr(DocumentedCharm, 'defers', True)
        state = context.run(context.on.relation_changed(only_relation(state)), state)
    assert len(state.deferred) == 1
    context.emitted_events.clear()
    return state


def other_relation(state: State) -> State:
    """Another relation took the place of the event's own."""
    return replace_relation(state, id=4)


def own_details_gone(state: State) -> State:
    """Somebody removed what the connector published."""
    return replace_relation(state, local_app_data={})


def data_unusable(state: State) -> State:
    data = {**only_relation(state).remote_app_data, 'opencti_url': 'nonsense'}
    return replace_relation(state, remote_app_data=data)


CHANGES: dict[str, Callable[[State], State]] = {
    'the leadership is lost': lambda state: dataclasses.replace(state, leader=False),
    'a second relation': lambda state: dataclasses.replace(
        state, relations={*state.relations, relation(id=4)}
    ),
    'a second unit': lambda state: dataclasses.replace(state, planned_units=2),
    'the relation is gone': lambda state: dataclasses.replace(
        state, relations=set(), secrets=set()
    ),
    'another relation': other_relation,
    'the data are withdrawn': lambda state: replace_relation(state, remote_app_data={}),
    'the data are unusable': data_unusable,
    'the secret is gone': lambda state: dataclasses.replace(state, secrets=set()),
    'the secret is withheld': lambda state: state,
    'the relation is unreadable': lambda state: state,  # Juju lists it, but it is gone.
    'the own details are gone': own_details_gone,
}


@pytest.mark.parametrize('change', CHANGES)
@pytest.mark.parametrize('event', ['start', 'update_status'])
def test_the_handler_finds_no_connection(
    context: Context, deferred: State, change: str, event: str
):
    if change == 'the relation is unreadable':
        context.unreadable_relations[3] = 'permission denied'
    if change == 'the secret is withheld':
        context.withheld.update(secret.id for secret in deferred.secrets)
    context.run(getattr(context.on, event)(), CHANGES[change](deferred))
    # At start, the library emits no event of its own.
    came_back = CHANGES[change] in (other_relation, own_details_gone) and event != 'start'
    assert DocumentedCharm.tokens == [None, *([TOKEN] if came_back else [])]


def test_the_relation_breaks_in_that_hook(context: Context, deferred: State):
    context.run(context.on.relation_broken(only_relation(deferred)), deferred)
    assert DocumentedCharm.tokens == [None]
    assert context.emitted() == [REMOVED]


def test_juju_does_not_answer(context: Context, deferred: State, monkeypatch: pytest.MonkeyPatch):
    busy = raising(ops.ModelError('ERROR connection is shut down'))
    monkeypatch.setattr(f'{BACKEND}.secret_get', busy)
    context.run(context.on.start(), deferred)
    assert DocumentedCharm.tokens == [None]


def test_the_leadership_goes_in_the_middle_of_the_hook(
    context: Context, deferred: State, monkeypatch: pytest.MonkeyPatch
):
    # ops asks again after 30 seconds, and before each look at the leader's own databag.
    answers = iter([True])
    monkeypatch.setattr(f'{BACKEND}.is_leader', lambda _: next(answers, False))
    context.run(context.on.update_status(), deferred)
    assert DocumentedCharm.tokens == [None]
    assert context.emitted() == []


def test_nothing_changed_but_the_token(
    context: Context, deferred: State, monkeypatch: pytest.MonkeyPatch
):
    reads: list[Any] = []
    original = ops.Secret.get_content

    def counted(secret: ops.Secret, *, refresh: bool = False) -> dict[str, str]:
        reads.append(secret)
        return original(secret, refresh=refresh)

    monkeypatch.setattr(ops.Secret, 'get_content', counted)
    (secret,) = deferred.secrets
    rotated = testing.Secret({'token': NEW_TOKEN}, id=secret.id)
    context.run(context.on.start(), dataclasses.replace(deferred, secrets={rotated}))
    assert DocumentedCharm.tokens == [NEW_TOKEN]
    assert len(reads) == 1  # The endpoint and its event read once.
