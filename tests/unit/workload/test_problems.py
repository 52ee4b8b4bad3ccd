# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a connector's charm says when something is wrong, with composition and the mixin."""

import dataclasses
from collections.abc import Callable
from typing import Any

import ops
import pytest
from ops import testing

from opencti_connector import (
    Blocked,
    ConnectorProvides,
    ConnectorWorkload,
    NotReady,
    OpenctiConnectorMixin,
)

from ..mixin_charm import (
    CONFIG,
    NAME,
    container,
    environment,
    is_running,
    mixin_context,
    ready_state,
    run,
    without_relation,
)

Further = Callable[[ops.CharmBase], Any]


def mixed_in(further: Further | None = None, config_type: Any = None) -> type[ops.CharmBase]:
    class Charm(OpenctiConnectorMixin, ops.CharmBase):
        connector_type = 'EXTERNAL_IMPORT'

        def connector_environment(self) -> dict[str, str]:
            own = super().connector_environment()
            return own if further is None else {**own, **further(self)}

        @property
        def workload(self) -> ConnectorWorkload:
            return self.connector_workload

    Charm.config_type = config_type
    return _with_actions(Charm)


def composed(further: Further | None = None, config_type: Any = None) -> type[ops.CharmBase]:
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            self.opencti = ConnectorProvides(self, 'EXTERNAL_IMPORT')
            self.workload = ConnectorWorkload(
                self,
                self.opencti,
                config_type=config_type,
                environment=None if further is None else lambda: further(self),
            )

    return _with_actions(Charm)


def _with_actions(charm_type: type[ops.CharmBase]) -> type[ops.CharmBase]:
    class Charm(charm_type):  # type: ignore[misc]
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.stop_it_action, self._on_stop)
            framework.observe(self.on.restart_action, self._on_restart)

        def _on_stop(self, event: ops.ActionEvent) -> None:
            self.unit.get_container(NAME).stop('connector')

        def _on_restart(self, event: ops.ActionEvent) -> None:
            try:
                self.workload.restart()
            except (NotReady, Blocked) as error:
                event.fail(str(error))

    return Charm


@pytest.fixture(params=[mixed_in, composed])
def make(request: pytest.FixtureRequest) -> Any:
    return request.param


def act(name: str, state: testing.State, charm_type: type[ops.CharmBase]) -> testing.State:
    context = mixin_context(charm_type, actions={'restart': {}, 'stop-it': {}})
    return context.run(context.on.action(name), state)


def hook(state: testing.State, charm_type: type[ops.CharmBase], **kwargs: Any) -> testing.State:
    context = mixin_context(charm_type, actions={'restart': {}, 'stop-it': {}}, **kwargs)
    return context.run(context.on.update_status(), state)


class TestActions:
    def test_what_a_person_stopped_stays_so_until_the_next_hook(self, make: Any):
        state = act('stop-it', hook(ready_state(), make()), make())
        assert not is_running(state)
        assert state.unit_status == testing.WaitingStatus(
            'the connector does not run; the next hook starts it'
        )
        assert is_running(hook(state, make()))

    def test_nothing_starts(self, make: Any):
        with pytest.raises(testing.ActionFailed):
            act('restart', without_relation(ready_state()), make())
        state = dataclasses.replace(ready_state(), config={})
        with pytest.raises(testing.ActionFailed, match='missing configuration: api-key'):
            act('restart', state, make())

    def test_a_restart_starts_what_never_ran(self, make: Any):
        out = act('restart', ready_state(), make())
        assert is_running(out)
        assert out.unit_status == testing.ActiveStatus()

    def test_a_restart_happens_once(self, make: Any, pebble_calls: list[str]):
        state = hook(ready_state(), make())
        pebble_calls.clear()
        act('restart', state, make())
        assert pebble_calls == ['stop', 'start']
        pebble_calls.clear()
        context = mixin_context(make(), actions={'restart': {}, 'stop-it': {}})
        with context(context.on.update_status(), state) as manager:
            manager.charm.workload.restart()
            manager.run()
        assert pebble_calls == ['stop', 'start']

    def test_a_restart_without_the_container(self, make: Any):
        away = testing.Container(NAME, can_connect=False)
        with pytest.raises(testing.ActionFailed, match='waiting for the container'):
            act('restart', ready_state(containers={away}), make())


class TestTogether:
    def test_relation_and_configuration(self, make: Any):
        out = hook(without_relation(ready_state(config={})), make())
        assert out.unit_status == testing.BlockedStatus(
            'missing relation opencti-connector: integrate with OpenCTI; '
            'missing configuration: api-key (set with juju config)'
        )

    def test_the_relation_goes_while_there_are_two_units(self, make: Any):
        state = hook(ready_state(), make())
        out = hook(without_relation(dataclasses.replace(state, planned_units=2)), make())
        assert not is_running(out)
        assert out.unit_status.message.startswith('missing relation')

    def test_the_configuration_while_there_are_two_units(self, make: Any):
        state = hook(ready_state(), make())
        out = hook(dataclasses.replace(state, planned_units=2, config={}), make())
        assert not is_running(out)
        assert out.unit_status.message.startswith('connector charm cannot have multiple units')
        assert '; missing configuration: api-key' in out.unit_status.message

    def test_a_secret_that_is_not_granted(self, make: Any):
        options = {'api-key': {'type': 'secret'}}
        state = without_relation(ready_state(config={'api-key': 'secret:cjqub6vubg2s77p3nio0'}))
        out = hook(state, make(), options=options)
        assert out.unit_status.message.endswith(
            '; no access to the secret of option api-key (juju grant-secret)'
        )


class TestFurtherVariables:
    @pytest.mark.parametrize(
        ('error', 'message', 'runs'),
        [
            (ops.SecretNotFoundError('x'), 'waiting for access to a secret', False),
            (
                ops.ModelError('"conn/0" is not allowed to read this secret'),
                'waiting for access to a secret',
                False,
            ),
            (NotReady('waiting for the weather'), 'waiting for the weather', False),
        ],
    )
    def test_errors_wait(self, make: Any, error: Exception, message: str, runs: bool):
        def fail(charm: ops.CharmBase) -> Any:
            raise error

        out = hook(hook(ready_state(), make()), make(fail))
        assert out.unit_status == testing.WaitingStatus(message)
        assert is_running(out) is runs

    @pytest.mark.parametrize('value', [80, True, 0.5])
    def test_values_become_text(self, make: Any, value: Any):
        out = hook(ready_state(), make(lambda charm: {'MORE': value}))
        assert environment(out)['MORE'] == str(value).lower()

    @pytest.mark.parametrize('value', [None, ['x'], b'x'])
    def test_a_value_that_is_not_text(self, make: Any, value: Any):
        with pytest.raises(testing.errors.UncaughtCharmError, match='variable MORE: must be'):
            hook(ready_state(), make(lambda charm: {'MORE': value}))

    def test_an_override_without_super(self):
        class Charm(OpenctiConnectorMixin, ops.CharmBase):
            connector_type = 'STREAM'

            def connector_environment(self) -> dict[str, str]:
                return {'MORE': 'x'}

        with pytest.raises(testing.errors.UncaughtCharmError, match='lacks CONNECTOR_ID, CONN'):
            run(ready_state(), Charm)


def with_layer(state: testing.State, name: str = 'connector', **service: Any) -> testing.State:
    """The state after a person added a layer."""
    layer = ops.pebble.Layer({'services': {name: service}})  # type: ignore[arg-type]
    before = container(state)
    after = dataclasses.replace(before, layers={**before.layers, 'other': layer})
    return dataclasses.replace(state, containers={after})


class TestFurtherLayers:
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
        self, make: Any, override: str, service: dict[str, Any], pebble_calls: list[str]
    ):
        service = {'command': 'another', **service}
        state = with_layer(hook(ready_state(), make()), override=override, **service)
        pebble_calls.clear()
        out = hook(state, make())
        assert pebble_calls == ['add_layer']  # To see whether the own layer is still there.
        pebble_calls.clear()
        out = hook(out, make())
        assert pebble_calls == []
        assert out.unit_status == testing.ActiveStatus()
        assert container(out).plan.to_dict() == container(state).plan.to_dict()

    @pytest.mark.parametrize('name', ['connector', 'of-another'])
    def test_they_restart_nothing_though_the_plan_cannot_be_read(
        self, make: Any, name: str, pebble_calls: list[str]
    ):
        environment = {'OF_ANOTHER': '='}
        state = with_layer(
            hook(ready_state(), make()),
            name,
            override='merge',
            command='another',
            environment=environment,
        )
        for calls in (['add_layer'], [], []):
            pebble_calls.clear()
            state = hook(state, make())
            assert pebble_calls == calls
            assert is_running(state)
            assert state.unit_status == testing.ActiveStatus()

    def test_a_change_restarts_it_once_and_nothing_else(self, make: Any, pebble_calls: list[str]):
        state = with_layer(
            hook(ready_state(), make()), override='merge', environment={'LOG_LEVEL': 'debug'}
        )
        state = hook(state, make())
        pebble_calls.clear()
        out = hook(dataclasses.replace(state, config={'api-key': 'another'}), make())
        assert pebble_calls == ['stop', 'add_layer', 'start']
        assert environment(out)['API_KEY'] == 'another'
        assert environment(out)['LOG_LEVEL'] == 'debug'
        pebble_calls.clear()
        hook(out, make())
        assert pebble_calls == []

    def test_what_a_lost_hook_wrote_does_not_stay(self, make: Any, pebble_calls: list[str]):
        state = hook(ready_state(), make())
        lost = hook(dataclasses.replace(state, config={'api-key': 'another'}), make())
        # The hook failed after the workload had changed: nothing of what it stored was kept.
        state = dataclasses.replace(state, containers=lost.containers)
        pebble_calls.clear()
        out = hook(state, make())
        assert pebble_calls == ['add_layer', 'stop', 'start']
        assert environment(out)['API_KEY'] == 'a-key'

    def test_what_a_lost_hook_wrote_does_not_stay_though_the_plan_cannot_be_read(
        self, make: Any, pebble_calls: list[str]
    ):
        state = with_layer(
            hook(ready_state(), make()), override='merge', environment={'OF_ANOTHER': '='}
        )
        lost = dataclasses.replace(state, stored_states=frozenset(), config={'api-key': 'other'})
        pebble_calls.clear()
        out = hook(lost, make())
        assert pebble_calls == ['add_layer', 'stop', 'start']
        assert is_running(out)

    def test_one_that_failed_is_stopped_before_its_layer_changes(
        self, make: Any, pebble_calls: list[str]
    ):
        state = with_layer(hook(ready_state(), make()), override='merge', summary='mine')
        failed = dataclasses.replace(
            container(state), service_statuses={'connector': ops.pebble.ServiceStatus.ERROR}
        )
        pebble_calls.clear()
        state = dataclasses.replace(state, containers={failed}, config={'api-key': 'another'})
        hook(state, make())
        assert pebble_calls == ['stop', 'add_layer', 'start']

    def test_an_option_of_a_failed_start_goes_when_it_is_reset(
        self, make: Any, monkeypatch: pytest.MonkeyPatch
    ):
        def fail(*args: object, **kwargs: object):
            raise ops.pebble.APIError({}, 500, 'Internal Server Error', 'no')

        state = dataclasses.replace(hook(ready_state(), make()), config={**CONFIG, 'interval': 5})
        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, 'start', fail)
            state = hook(state, make())
        assert environment(state)['INTERVAL'] == '5'
        out = hook(dataclasses.replace(state, config=CONFIG), make())
        assert is_running(out)
        assert 'INTERVAL' not in environment(out)


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


def test_the_mixin_alone_and_in_the_wrong_order():
    class Alone(OpenctiConnectorMixin):
        connector_type = 'STREAM'

    with pytest.raises(TypeError, match=r'class Alone must inherit from ops\.CharmBase'):
        Alone(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match='Last must have OpenctiConnectorMixin before'):

        class Last(ops.CharmBase, OpenctiConnectorMixin):  # type: ignore[misc]
            pass
