# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Whoever asks for the workload's status in a hook gets what the hook made of it."""

import dataclasses
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, ConnectorWorkload, NotReady, OpenctiConnectorMixin
from tests.round_trips import counted

from ..mixin_charm import (
    CONFIG,
    environment,
    is_running,
    mixin_context,
    ready_state,
    run,
    without_relation,
)


class Asking(ops.CharmBase):
    """Asks in each of these events, and shows the first answers as its application's status."""

    asks_in: ClassVar[tuple[str, ...]] = ()
    is_early = False
    further: ClassVar[dict[str, str]] = {}

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.answers: list[ops.StatusBase] = []
        if self.is_early:
            self.observe()
        self.workload = ConnectorWorkload(
            self, ConnectorProvides(self, 'STREAM'), environment=self.more
        )
        if not self.is_early:
            self.observe()

    def more(self) -> dict[str, str]:
        return self.further

    def observe(self) -> None:
        for event in self.asks_in:
            self.framework.observe(getattr(self.on, event), self._on_event)

    def _on_event(self, event: ops.EventBase) -> None:
        self.answers.append(self.workload.get_status())
        if isinstance(event, ops.CollectStatusEvent):
            event.add_status(self.answers[-1])


def asking(*events: str, is_early: bool = False) -> type[Asking]:
    return type('Charm', (Asking,), {'asks_in': events, 'is_early': is_early})


def answers(charm_type: type[Asking], state: testing.State) -> tuple[Any, testing.State]:
    context = mixin_context(charm_type)
    with context(context.on.config_changed(), state) as manager:
        out = manager.run()
        return manager.charm.answers, out


@pytest.mark.parametrize('is_early', [False, True])
@pytest.mark.parametrize('event', ['config_changed', 'collect_app_status', 'collect_unit_status'])
class TestFirst:
    def test_in_the_hook_that_starts_it(self, event: str, is_early: bool):
        said, out = answers(asking(event, is_early=is_early), ready_state())
        assert said == [ops.ActiveStatus()]
        assert is_running(out)
        assert out.unit_status == testing.ActiveStatus()

    def test_in_the_hook_that_stops_it(self, event: str, is_early: bool):
        charm_type = asking(event, is_early=is_early)
        state = without_relation(run(ready_state(), charm_type))
        said, out = answers(charm_type, state)
        assert said == [
            ops.BlockedStatus('missing relation opencti-connector: integrate with OpenCTI')
        ]
        assert not is_running(out)


def test_the_status_of_the_application():
    out = run(ready_state(), asking('collect_app_status'))
    assert out.app_status == testing.ActiveStatus()


def test_what_changes_after_the_question_counts():
    class Charm(asking('config_changed', 'collect_app_status')):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.config_changed, self._on_later)

        def _on_later(self, event: ops.EventBase) -> None:
            self.further = {'LATER': 'x'}

    said, out = answers(Charm, ready_state())
    assert said == [ops.ActiveStatus()] * 2
    assert environment(out)['LATER'] == 'x'


def test_an_answer_is_never_older_than_what_a_handler_changed():
    class Charm(asking('config_changed', 'collect_app_status')):
        problem: NotReady | None = None

        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.config_changed, self._on_later)

        def more(self) -> dict[str, str]:
            if self.problem is not None:
                raise self.problem
            return {}

        def _on_later(self, event: ops.EventBase) -> None:
            self.problem = NotReady('waiting for the weather')

    said, out = answers(Charm, ready_state())
    assert said == [ops.ActiveStatus(), ops.WaitingStatus('waiting for the weather')]
    assert not is_running(out)


def test_each_end_of_a_hook_counts():
    """A charm object lives for one hook, but not in the `Harness` of ops."""
    context = mixin_context(asking())
    with context(context.on.update_status(), ready_state()) as manager:
        manager.charm.on.collect_unit_status.emit()
        manager.charm.further = {'LATER': 'x'}
        out = manager.run()
    assert environment(out)['LATER'] == 'x'


def test_an_action_starts_nothing():
    context = mixin_context(asking('look_action', 'collect_app_status'), actions={'look': {}})
    with context(context.on.action('look'), ready_state()) as manager:
        out = manager.run()
        said = manager.charm.answers
    assert said == [ops.WaitingStatus('the connector does not run; the next hook starts it')] * 2
    assert not is_running(out)


def test_an_override_may_ask_while_it_reconciles():
    said: list[ops.StatusBase] = []

    class Charm(OpenctiConnectorMixin, ops.CharmBase):
        connector_type = 'STREAM'

        def reconcile(self) -> None:
            said.append(self.connector_workload.get_status())
            super().reconcile()
            said.append(self.connector_workload.get_status())

    out = run(ready_state(), Charm)
    assert said == [
        ops.WaitingStatus('the connector does not run; the next hook starts it'),
        ops.ActiveStatus(),
    ]
    assert is_running(out)


def test_an_early_question_restarts_nothing_that_is_right(pebble_calls: list[str]):
    charm_type = asking('config_changed', 'collect_app_status', is_early=True)
    state = run(ready_state(), charm_type)
    pebble_calls.clear()
    answers(charm_type, dataclasses.replace(state, config={**CONFIG, 'interval': 5}))
    assert pebble_calls == ['stop', 'add_layer', 'start']


def test_an_override_may_ask_while_a_handler_restarts_it(pebble_calls: list[str]):
    class Charm(OpenctiConnectorMixin, ops.CharmBase):
        connector_type = 'STREAM'

        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.config_changed, self._on_config_changed)

        def reconcile(self) -> None:
            super().reconcile()
            assert self.connector_workload.get_status() == ops.ActiveStatus()

        def _on_config_changed(self, event: ops.EventBase) -> None:
            self.connector_workload.restart()

    state = run(ready_state(), Charm)
    pebble_calls.clear()
    run(state, Charm, event='config_changed')
    assert pebble_calls == ['stop', 'start']


def test_an_early_question_costs_what_the_end_costs():
    state = run(ready_state(), asking())
    with counted() as late:
        run(state, asking())
    with counted() as early:
        run(state, asking('collect_app_status'))
    asked = {name: early[name] - late[name] for name in early if early[name] != late[name]}
    of_ops = {'is_leader': 1, 'status_set': 1}  # The status of the application is set, too.
    assert asked == {**of_ops, 'get_plan': 1, 'get_services': 1}
