# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A hook leaves nothing in memory: a test suite runs thousands of them in one process."""

import gc
import logging
import weakref
from typing import Any, TypeAlias

import ops
import ops.log
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, OpenctiRequires

from .charms import ConnectorCharm, Context, opencti_context
from .requires.states import answerable
from .states import connected_state, replace_relation

Alive: TypeAlias = 'weakref.WeakSet[Any]'


@pytest.fixture(autouse=True)
def _nothing_is_logged(monkeypatch: pytest.MonkeyPatch):
    """pytest keeps log records, and so the events that they are about."""
    monkeypatch.setattr(logging.getLogger('ops.framework'), 'disabled', True)


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Alive:
    """The relations and frameworks that are alive."""
    seen: Alive = weakref.WeakSet()
    for kind in (ops.Relation, ops.Framework):
        original = kind.__init__

        def noting(self: Any, *args: Any, original: Any = original, **kwargs: Any):
            seen.add(self)
            original(self, *args, **kwargs)

        monkeypatch.setattr(kind, '__init__', noting)
    run_and_forget(opencti_context(ops.CharmBase), testing.State())
    if seen:
        pytest.skip('this ops.testing itself keeps each hook')
    return seen


def run_and_forget(ctx: Context, state: testing.State):
    """Run a hook, and forget all that the test itself knows of it."""
    ctx.run(ctx.on.update_status(), state)
    ctx.emitted_events.clear()
    for owner in (ops.Framework, ConnectorProvides, OpenctiRequires):
        owner.on._cache.clear()  # ops keeps each object whose `on` was asked for.
    gc.collect()


@pytest.mark.parametrize(
    'data',
    [
        {},
        {'opencti_url': 'http://opencti.example'},
        {'opencti_url': 'not a URL', 'opencti_token': 'not an id'},
        {'opencti_url': 'http://opencti.example', 'opencti_token': 'secret:cjqub6vubg2s77p3nio0'},
        None,
    ],
    ids=['silent', 'half-written', 'invalid', 'no-secret', 'usable'],
)
def test_of_a_connection(connector: Context, alive: Alive, data: dict[str, str] | None):
    state = connected_state()
    if data is not None:
        state = replace_relation(state, remote_app_data=data)
    run_and_forget(connector, state)
    assert bool(ConnectorCharm.seen) is (data is None)
    assert not alive


def test_of_an_answer(opencti: Context, alive: Alive):
    run_and_forget(opencti, answerable())
    assert not alive


def test_records_go_to_the_last_hook_alone():
    """See `conftest.py` at the top: or else a long run slows down with each hook."""
    for _ in range(3):
        run_and_forget(opencti_context(ops.CharmBase), testing.State())
    handlers = [type(handler) for handler in logging.getLogger().handlers]
    assert handlers.count(ops.log.JujuLogHandler) <= 1
