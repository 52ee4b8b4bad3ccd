# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A workload that ends by itself: Pebble starts it again, and no hook tells of it."""

import dataclasses

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import Blocked

from ..states import replace_relation
from .charms import NAME, MixinCharm, mixin_context, run
from .looks import container, is_running
from .states import replace_container, running

ENDED = testing.BlockedStatus(
    'connector ended and is started again: look at its log (pebble logs connector)'
)


def ended() -> testing.State:
    """A unit that was active; since then, its workload has ended."""
    return replace_container(running(), service_statuses={'connector': juju.BACKOFF})


def test_the_next_hook_says_so_and_the_one_after_it_that_it_runs():
    said = run(ended())
    assert said.unit_status == ENDED
    assert is_running(said)
    assert run(said).unit_status == testing.ActiveStatus()


def test_the_log_tells_how_to_see_why():
    context = mixin_context()
    context.run(context.on.update_status(), ended())
    command = f'juju ssh --container {NAME} test-connector/0 /charm/bin/pebble logs connector'
    assert [line.message for line in context.juju_log if line.level == 'WARNING'] == [
        f"{ENDED.message}; the workload's log: {command}"
    ]


def test_it_is_started_once_in_a_hook_that_looks_twice(pebble_calls: list[str]):
    class Charm(MixinCharm):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.update_status, self._on_update_status)

        def _on_update_status(self, _: ops.EventBase) -> None:
            with pytest.raises(Blocked, match='ended'):
                self.reconcile()
            assert self.connector_workload.get_status() == ENDED

    state = ended()
    pebble_calls.clear()
    assert run(state, Charm).unit_status == ENDED
    assert pebble_calls == ['start']


def test_what_starts_it_anew_counts_from_then_on(pebble_calls: list[str]):
    state = dataclasses.replace(ended(), config={'api-key': 'another'})
    pebble_calls.clear()
    assert run(state).unit_status == testing.ActiveStatus()
    assert pebble_calls == ['stop', 'add_layer', 'start']


def test_a_restart_in_a_handler_counts_from_then_on():
    class Charm(MixinCharm):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.update_status, self._on_update_status)

        def _on_update_status(self, _: ops.EventBase) -> None:
            assert self.connector_workload.get_status() == ENDED
            self.connector_workload.restart()

    assert run(ended(), Charm).unit_status == testing.ActiveStatus()


def test_it_is_stopped_where_it_must_not_run():
    out = run(replace_relation(ended(), remote_app_data={}))
    assert out.unit_status == testing.WaitingStatus('waiting for opencti_url and opencti_token')
    assert container(out).service_statuses['connector'] == ops.pebble.ServiceStatus.INACTIVE


def test_an_action_says_so_and_starts_nothing(pebble_calls: list[str]):
    context = mixin_context(actions={'look': {}})
    state = ended()
    pebble_calls.clear()
    assert context.run(context.on.action('look'), state).unit_status == ENDED
    assert pebble_calls == []
