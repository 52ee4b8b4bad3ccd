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

from ..conftest import NEW_TOKEN, TOKEN, Context, connected, connector_context, relation

State = testing.State
Change = Callable[[Context, State], State]


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
    related, secret = connected(id=3)
    state = State(leader=True, planned_units=1, relations={related}, secrets={secret})
    with monkeypatch.context() as patch:
        patch.setattr(DocumentedCharm, 'defers', True)
        state = context.run(context.on.relation_changed(related), state)
    assert len(state.deferred) == 1
    return state


def leadership_lost(context: Context, state: State) -> State:
    return dataclasses.replace(state, leader=False)


def second_relation(context: Context, state: State) -> State:
    return dataclasses.replace(state, relations={*state.relations, relation(id=4)})


def second_unit(context: Context, state: State) -> State:
    return dataclasses.replace(state, planned_units=2)


def relation_gone(context: Context, state: State) -> State:
    return dataclasses.replace(state, relations=set(), secrets=set())


def other_relation(context: Context, state: State) -> State:
    """Another relation took the place of the event's own."""
    (old,) = state.relations
    return dataclasses.replace(state, relations={dataclasses.replace(old, id=4)})


def relation_unreadable(context: Context, state: State) -> State:
    """Juju lists the relation, but it is gone in the other model."""
    context.unreadable_relations[3] = 'permission denied'
    return state


def data_withdrawn(context: Context, state: State) -> State:
    (old,) = state.relations
    assert isinstance(old, testing.Relation)
    return dataclasses.replace(state, relations={dataclasses.replace(old, remote_app_data={})})


def data_unusable(context: Context, state: State) -> State:
    (old,) = state.relations
    assert isinstance(old, testing.Relation)
    data = {**old.remote_app_data, 'opencti_url': 'nonsense'}
    return dataclasses.replace(state, relations={dataclasses.replace(old, remote_app_data=data)})


def secret_gone(context: Context, state: State) -> State:
    return dataclasses.replace(state, secrets=set())


def secret_withheld(context: Context, state: State) -> State:
    context.withheld.update(secret.id for secret in state.secrets)
    return state


def own_details_gone(context: Context, state: State) -> State:
    """Somebody removed what the connector published."""
    (old,) = state.relations
    assert isinstance(old, testing.Relation)
    return dataclasses.replace(state, relations={dataclasses.replace(old, local_app_data={})})


CHANGES = [
    leadership_lost,
    second_relation,
    second_unit,
    relation_gone,
    other_relation,
    relation_unreadable,
    data_withdrawn,
    data_unusable,
    secret_gone,
    secret_withheld,
    own_details_gone,
]


@pytest.mark.parametrize('change', CHANGES)
def test_the_handler_finds_no_connection(context: Context, deferred: State, change: Change):
    context.run(context.on.start(), change(context, deferred))  # It emits no event of its own.
    assert DocumentedCharm.tokens == [None]


@pytest.mark.parametrize('change', CHANGES)
def test_what_the_hook_itself_emits_is_right(context: Context, deferred: State, change: Change):
    context.run(context.on.update_status(), change(context, deferred))
    came_back = change in (other_relation, own_details_gone)
    assert DocumentedCharm.tokens == [None, TOKEN] if came_back else [None]


def test_the_relation_breaks_in_that_hook(context: Context, deferred: State):
    (related,) = deferred.relations
    context.run(context.on.relation_broken(related), deferred)
    assert DocumentedCharm.tokens == [None]


def test_juju_does_not_answer(context: Context, deferred: State, monkeypatch: pytest.MonkeyPatch):
    def busy(*args: Any, **kwargs: Any):
        raise ops.ModelError('ERROR connection is shut down')

    monkeypatch.setattr('scenario.mocking._MockModelBackend.secret_get', busy)
    context.run(context.on.start(), deferred)
    assert DocumentedCharm.tokens == [None]


def test_the_leadership_goes_in_the_middle_of_the_hook(
    context: Context, deferred: State, monkeypatch: pytest.MonkeyPatch
):
    # ops asks again after 30 seconds, and before each look at the leader's own databag.
    answers = iter([True])
    monkeypatch.setattr(
        'scenario.mocking._MockModelBackend.is_leader', lambda _: next(answers, False)
    )
    context.run(context.on.update_status(), deferred)
    assert DocumentedCharm.tokens == [None]
    assert context.emitted() == ['opencti_connection_available']  # The deferred one alone.


def test_nothing_changed_but_the_token(context: Context, deferred: State):
    (secret,) = deferred.secrets
    rotated = testing.Secret({'token': NEW_TOKEN}, id=secret.id)
    context.run(context.on.start(), dataclasses.replace(deferred, secrets={rotated}))
    assert DocumentedCharm.tokens == [NEW_TOKEN]


def test_the_endpoint_and_its_event_read_once(
    context: Context, deferred: State, monkeypatch: pytest.MonkeyPatch
):
    reads: list[Any] = []
    original = ops.Secret.get_content

    def counted(secret: ops.Secret, *, refresh: bool = False) -> dict[str, str]:
        reads.append(secret)
        return original(secret, refresh=refresh)

    monkeypatch.setattr(ops.Secret, 'get_content', counted)
    context.run(context.on.start(), deferred)
    assert DocumentedCharm.tokens == [TOKEN]
    assert len(reads) == 1
