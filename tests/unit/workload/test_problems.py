# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a connector's charm says when something is wrong, with composition and the mixin."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from ..failures import raising
from .charms import ACTIONS, CONFIG, act, hook, mixin_context
from .looks import container, environment, is_running
from .states import ready_state, replace_container, with_failed_service, without_relation

TWO_UNITS = 'connector charm cannot have multiple units'


@pytest.fixture
def started(make: Any) -> testing.State:
    """The state in which the workload of that charm runs."""
    return hook(ready_state(), make())


class TestActions:
    def test_what_a_person_stopped_stays_so_until_the_next_hook(
        self, make: Any, started: testing.State
    ):
        state = act('stop-it', started, make())
        assert not is_running(state)
        assert state.unit_status == testing.WaitingStatus(
            'the connector does not run; the next hook starts it'
        )
        assert is_running(hook(state, make()))

    @pytest.mark.parametrize(
        ('state', 'problem'),
        [
            (without_relation(ready_state()), 'missing relation'),
            (ready_state(config={}), 'missing configuration: api-key'),
            (replace_container(ready_state(), can_connect=False), 'waiting for the container'),
        ],
    )
    def test_nothing_starts(self, make: Any, state: testing.State, problem: str):
        with pytest.raises(testing.ActionFailed, match=problem):
            act('restart', state, make())

    def test_a_restart_starts_what_never_ran(self, make: Any):
        out = act('restart', ready_state(), make())
        assert is_running(out)
        assert out.unit_status == testing.ActiveStatus()

    def test_a_restart_happens_once(
        self, make: Any, started: testing.State, pebble_calls: list[str]
    ):
        pebble_calls.clear()
        act('restart', started, make())
        assert pebble_calls == ['stop', 'start']
        pebble_calls.clear()
        context = mixin_context(make(), actions=ACTIONS)
        with context(context.on.update_status(), started) as manager:
            manager.charm.workload.restart()
            manager.run()
        assert pebble_calls == ['stop', 'start']


class TestTogether:
    def test_relation_and_configuration(self, make: Any):
        out = hook(without_relation(ready_state(config={})), make())
        assert out.unit_status == testing.BlockedStatus(
            'missing relation opencti-connector: integrate with OpenCTI; '
            'missing configuration: api-key (set with juju config)'
        )

    @pytest.mark.parametrize(
        ('changes', 'first', 'then'),
        [
            ({'relations': set()}, 'missing relation', ''),
            ({'config': {}}, TWO_UNITS, '; missing configuration: api-key'),
        ],
    )
    def test_with_two_units(
        self, make: Any, started: testing.State, changes: dict[str, Any], first: str, then: str
    ):
        out = hook(dataclasses.replace(started, planned_units=2, **changes), make())
        assert not is_running(out)
        assert out.unit_status.message.startswith(first)
        assert then in out.unit_status.message

    def test_a_secret_that_is_not_granted(self, make: Any):
        options = {'api-key': {'type': 'secret'}}
        state = without_relation(ready_state(config={'api-key': 'secret:cjqub6vubg2s77p3nio0'}))
        out = hook(state, make(), options=options)
        assert out.unit_status.message.endswith(
            '; no access to the secret of option api-key (juju grant-secret)'
        )


@pytest.mark.parametrize('value', [80, True, 0.5])
def test_further_values_become_text(make: Any, value: Any):
    out = hook(ready_state(), make(lambda charm: {'MORE': value}))
    assert environment(out)['MORE'] == str(value).lower()


@pytest.mark.parametrize('value', [None, ['x'], b'x'])
def test_a_further_value_that_is_not_text(make: Any, value: Any):
    with pytest.raises(testing.errors.UncaughtCharmError, match='variable MORE: must be'):
        hook(ready_state(), make(lambda charm: {'MORE': value}))


@pytest.mark.parametrize(
    ('content', 'value'),
    [
        ('key\n', 'key'),
        ('key\r\n', 'key'),
        ('key', 'key'),
        ('key\n\n', 'key\n\n'),
        ('-----BEGIN\nkey\n', '-----BEGIN\nkey\n'),
    ],
)
def test_the_end_of_a_single_line_is_dropped(make: Any, content: str, value: str):
    state = ready_state()
    secret = testing.Secret({'value': content})
    state = dataclasses.replace(
        state, secrets={*state.secrets, secret}, config={'api-key': secret.id}
    )
    out = hook(state, make(), options={'api-key': {'type': 'secret'}})
    assert environment(out)['API_KEY'] == value


def with_layer(state: testing.State, name: str = 'connector', **service: Any) -> testing.State:
    """The state after a person added a layer."""
    service = {'override': 'merge', **service}
    layer = ops.pebble.Layer({'services': {name: service}})  # type: ignore[arg-type]
    return replace_container(state, layers={**container(state).layers, 'other': layer})


class TestFurtherLayers:
    @pytest.fixture(autouse=True)
    def _calls_count_from_here(self, started: testing.State, pebble_calls: list[str]) -> None:
        pebble_calls.clear()

    @pytest.mark.parametrize(
        'service',
        [
            {'working-dir': '/tmp', 'user': 'nobody', 'on-check-failure': {'up': 'restart'}},
            {'environment': {'OF_ANOTHER': 'x'}},
            {'environment': {'LOG_LEVEL': 'debug'}},
            {'startup': 'disabled'},
        ],
    )
    @pytest.mark.parametrize('override', ['merge', 'replace'])
    def test_they_stay_and_restart_nothing(
        self,
        make: Any,
        started: testing.State,
        override: str,
        service: dict[str, Any],
        pebble_calls: list[str],
    ):
        state = with_layer(started, command='another', override=override, **service)
        out = hook(state, make())
        assert pebble_calls == ['add_layer']  # To see whether the own layer is still there.
        pebble_calls.clear()
        out = hook(out, make())
        assert pebble_calls == []
        assert out.unit_status == testing.ActiveStatus()
        assert container(out).plan.to_dict() == container(state).plan.to_dict()

    @pytest.mark.parametrize('name', ['connector', 'of-another'])
    def test_they_restart_nothing_though_the_plan_cannot_be_read(
        self, make: Any, started: testing.State, name: str, pebble_calls: list[str]
    ):
        unreadable = {'OF_ANOTHER': '='}
        state = with_layer(started, name, command='another', environment=unreadable)
        for calls in (['add_layer'], [], []):
            pebble_calls.clear()
            state = hook(state, make())
            assert pebble_calls == calls
            assert is_running(state)
            assert state.unit_status == testing.ActiveStatus()

    def test_a_change_restarts_it_once_and_nothing_else(
        self, make: Any, started: testing.State, pebble_calls: list[str]
    ):
        state = hook(with_layer(started, environment={'LOG_LEVEL': 'debug'}), make())
        pebble_calls.clear()
        out = hook(dataclasses.replace(state, config={'api-key': 'another'}), make())
        assert pebble_calls == ['stop', 'add_layer', 'start']
        assert environment(out)['API_KEY'] == 'another'
        assert environment(out)['LOG_LEVEL'] == 'debug'
        pebble_calls.clear()
        hook(out, make())
        assert pebble_calls == []

    def test_what_a_lost_hook_wrote_does_not_stay(
        self, make: Any, started: testing.State, pebble_calls: list[str]
    ):
        lost = hook(dataclasses.replace(started, config={'api-key': 'another'}), make())
        # The hook failed after the workload had changed: nothing of what it stored was kept.
        pebble_calls.clear()
        out = hook(dataclasses.replace(started, containers=lost.containers), make())
        assert pebble_calls == ['add_layer', 'stop', 'start']
        assert environment(out)['API_KEY'] == 'a-key'

    def test_what_a_lost_hook_wrote_does_not_stay_though_the_plan_cannot_be_read(
        self, make: Any, started: testing.State, pebble_calls: list[str]
    ):
        state = with_layer(started, environment={'OF_ANOTHER': '='})
        lost = dataclasses.replace(state, stored_states=frozenset(), config={'api-key': 'other'})
        out = hook(lost, make())
        assert pebble_calls == ['add_layer', 'stop', 'start']
        assert is_running(out)

    def test_one_that_failed_is_stopped_before_its_layer_changes(
        self, make: Any, started: testing.State, pebble_calls: list[str]
    ):
        state = with_failed_service(with_layer(started, summary='mine'))
        hook(dataclasses.replace(state, config={'api-key': 'another'}), make())
        assert pebble_calls == ['stop', 'add_layer', 'start']

    def test_an_option_of_a_failed_start_goes_when_it_is_reset(
        self, make: Any, started: testing.State, monkeypatch: pytest.MonkeyPatch
    ):
        error = ops.pebble.APIError({}, 500, 'Internal Server Error', 'no')
        state = dataclasses.replace(started, config={**CONFIG, 'interval': 5})
        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, 'start', raising(error))
            state = hook(state, make())
        assert environment(state)['INTERVAL'] == '5'
        out = hook(dataclasses.replace(state, config=CONFIG), make())
        assert is_running(out)
        assert 'INTERVAL' not in environment(out)
