# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Whoever asks for the workload's status in a hook gets what the hook made of it."""

import dataclasses
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, ConnectorWorkload, NotReady
from tests.round_trips import counted

from .charms import CONFIG, MixinCharm, mixin_context, run
from .looks import environment, is_running
from .states import ready_state, without_relation

NEXT_HOOK = ops.WaitingStatus('the connector does not run; the next hook starts it')


class Asking(ops.CharmBase):
    """Asks in each of these events, and shows the first answers as its application's status."""

    asks_in: ClassVar[tuple[str, ...]] = ()
    is_early = False
    later: ClassVar[dict[str, str] | NotReady] = {}
    """What further variables there are after the handlers of config-changed."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.answers: list[ops.StatusBase] = []
        self.further: dict[str, str] | NotReady = {}
        if self.is_early:
            self.observe()
        self.workload = ConnectorWorkload(
            self, ConnectorProvides(self, 'STREAM'), environment=self.more
        )
        if not self.is_early:
            self.observe()
        framework.observe(self.on.config_changed, self._on_config_changed)

    def more(self) -> dict[str, str]:
        if isinstance(self.further, NotReady):
            raise self.further
        return self.further

    def observe(self) -> None:
        for event in self.asks_in:
            self.framework.observe(getattr(self.on, event), self._on_event)

    def _on_event(self, event: ops.EventBase) -> None:
        self.answers.append(self.workload.get_status())
        if isinstance(event, ops.CollectStatusEvent):
            event.add_status(self.answers[-1])

    def _on_config_changed(self, _: ops.EventBase) -> None:
        self.further = self.later


def asking(*events: str, **attributes: Any) -> type[Asking]:
    return type('Charm', (Asking,), {'asks_in': events, **attributes})


def answers(charm_type: type[Asking], state: testing.State) -> tuple[Any, testing.State]:
    context = mixin_context(charm_type)
    with context(context.on.config_changed(), state) as manager:
        out = manager.run()
        return manager.charm.answers, out


@pytest.mark.parametrize('is_early', [False, True])
@pytest.mark.parametrize('event', ['config_changed', 'collect_app_status', 'collect_unit_status'])
def test_in_the_hooks_that_start_and_stop_it(event: str, is_early: bool):
    charm_type = asking(event, is_early=is_early)
    said, out = answers(charm_type, ready_state())
    assert said == [ops.ActiveStatus()]
    assert is_running(out)
    assert out.unit_status == testing.ActiveStatus()
    if event == 'collect_app_status':
        assert out.app_status == testing.ActiveStatus()

    said, out = answers(charm_type, without_relation(out))
    missing = 'missing relation opencti-connector: integrate with OpenCTI'
    assert said == [ops.BlockedStatus(missing)]
    assert not is_running(out)


@pytest.mark.parametrize(
    ('later', 'status'),
    [
        ({'LATER': 'x'}, ops.ActiveStatus()),
        (NotReady('waiting for the weather'), ops.WaitingStatus('waiting for the weather')),
    ],
)
def test_an_answer_is_never_older_than_what_a_handler_changed(
    later: dict[str, str] | NotReady, status: ops.StatusBase
):
    charm_type = asking('config_changed', 'collect_app_status', later=later)
    said, out = answers(charm_type, ready_state())
    assert said == [ops.ActiveStatus(), status]
    assert is_running(out) is (status == ops.ActiveStatus())
    if is_running(out):
        assert environment(out)['LATER'] == 'x'


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
        assert manager.charm.answers == [NEXT_HOOK] * 2
    assert not is_running(out)


def test_an_override_may_ask_while_it_reconciles():
    said: list[ops.StatusBase] = []

    class Charm(MixinCharm):
        def reconcile(self) -> None:
            said.append(self.connector_workload.get_status())
            super().reconcile()
            said.append(self.connector_workload.get_status())

    assert is_running(run(ready_state(), Charm))
    assert said == [NEXT_HOOK, ops.ActiveStatus()]


def test_an_early_question_restarts_nothing_that_is_right(pebble_calls: list[str]):
    charm_type = asking('config_changed', 'collect_app_status', is_early=True)
    state = run(ready_state(), charm_type)
    pebble_calls.clear()
    answers(charm_type, dataclasses.replace(state, config={**CONFIG, 'interval': 5}))
    assert pebble_calls == ['stop', 'add_layer', 'start']


def test_an_override_may_ask_while_a_handler_restarts_it(pebble_calls: list[str]):
    class Charm(MixinCharm):
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
