# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What other layers say, and values that ops cannot read back, on a real Pebble."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import hypothesis
import ops
import pytest
from hypothesis import strategies

from tests.unit.conftest import NEW_TOKEN

from .conftest import ACTIVE, Daemon, Unit, Workload, assert_runs_with

# What YAML may read as something else, and any other text that a program can get.
_VALUES = strategies.one_of(
    strategies.text('=<~-+.0123456789_:eEnNyYob tT|>!&*?%@`"\'#,[]{}\n\r\t\\', max_size=9),
    strategies.from_regex(r'[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}', fullmatch=True),
    strategies.text(
        strategies.characters(exclude_categories=['Cs'], exclude_characters='\0'), max_size=9
    ),
)
UNREADABLE = ['=', '<<', '2024-99-99', '\t\nx']


def add_layer(unit: Unit, name: str = 'connector', **service: Any) -> None:
    layer = ops.pebble.Layer({'services': {name: service}})  # type: ignore[arg-type]
    unit.daemon.client.add_layer('of-the-operator', layer, combine=True)


def quiet_hooks(unit: Unit) -> list[int]:
    """Run hooks in which nothing changed, and return the processes that there were so far."""
    for _ in range(3):
        said = unit.run('config_changed')
        assert unit.status == ACTIVE
        assert said
    assert unit.workload.is_running
    return unit.workload.pids


def rotate(unit: Unit) -> None:
    rotated = dataclasses.replace(unit.secret, latest_content={'token': NEW_TOKEN})
    unit.update(secrets={rotated})
    unit.run('secret_changed', rotated)
    assert unit.status == ACTIVE


@hypothesis.settings(
    max_examples=10,
    phases=[hypothesis.Phase.generate],  # Each example takes seconds.
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(strategies.lists(_VALUES, min_size=100, max_size=100))
def test_each_value_arrives_and_restarts_nothing(
    daemon: Daemon, workload: Workload, values: list[str]
):
    unit = Unit(daemon, workload)
    unit.more = {f'V{i}': value for i, value in enumerate(values)}
    assert_runs_with(unit, unit.run())
    before = workload.pids
    assert_runs_with(unit, unit.run())
    assert workload.pids == before


@pytest.mark.parametrize('value', UNREADABLE)
class TestWhatOpsCannotRead:
    def test_of_the_charm(self, unit: Unit, value: str):
        unit.more = {'MORE': value}
        said = unit.run()
        assert said['MORE'] == value
        assert_runs_with(unit, said)
        assert len(quiet_hooks(unit)) == 1
        rotate(unit)
        assert unit.workload.environment['OPENCTI_TOKEN'] == NEW_TOKEN
        assert len(quiet_hooks(unit)) == 2

        unit.more = {}
        assert_runs_with(unit, unit.run())
        assert len(quiet_hooks(unit)) == 3

    def test_it_stops(self, unit: Unit, value: str):
        unit.more = {'MORE': value}
        unit.run()
        unit.update(config={})
        unit.run('config_changed')
        assert not unit.workload.is_running
        assert 'environment' not in unit.daemon.client.get_plan().services['connector'].to_dict()

    def test_of_another_layer(self, unit: Unit, value: str):
        unit.run()
        add_layer(unit, override='merge', environment={'OF_ANOTHER': value})
        unit.daemon.client.replan_services()
        assert len(quiet_hooks(unit)) == 2
        assert unit.workload.environment['OF_ANOTHER'] == value
        rotate(unit)
        assert unit.workload.environment['OF_ANOTHER'] == value
        assert unit.workload.environment['OPENCTI_TOKEN'] == NEW_TOKEN
        assert len(quiet_hooks(unit)) == 3

    def test_of_another_service(self, unit: Unit, value: str):
        unit.run()
        add_layer(
            unit, 'another', override='replace', command='true', environment={'ITS_OWN': value}
        )
        assert len(quiet_hooks(unit)) == 1


def test_another_service_that_cannot_start_is_not_the_connectors_trouble(unit: Unit):
    unit.run()
    add_layer(
        unit,
        'another',
        override='replace',
        startup='enabled',
        command='/no/such/program',
        environment={'ITS_OWN': '='},  # So the plan cannot be read.
    )
    assert len(quiet_hooks(unit)) == 1


@pytest.fixture
def stopped(unit: Unit) -> Iterator[str]:
    """A service that a person stopped."""
    unit.run()
    service = {'override': 'replace', 'command': 'sleep infinity', 'startup': 'enabled'}
    layer = ops.pebble.Layer({'services': {'stopped': service}})  # type: ignore[arg-type]
    unit.daemon.client.add_layer('another', layer)
    yield 'stopped'
    unit.daemon.client.stop_services(['stopped'])


class TestAnOperatorsLayer:
    @pytest.mark.parametrize('replans', [True, False])
    @pytest.mark.parametrize(
        'service',
        [
            {'environment': {'API_KEY': 'of the operator'}},
            {'environment': {'OF_ANOTHER': 'x'}},
            {'working-dir': '/tmp', 'on-check-failure': {'up': 'ignore'}},
            {'startup': 'disabled', 'on-failure': 'ignore'},
        ],
        ids=str,
    )
    def test_it_stays_and_no_hook_restarts_for_it(
        self, unit: Unit, service: dict[str, Any], replans: bool
    ):
        unit.run()
        add_layer(unit, override='merge', **service)
        if replans:
            unit.daemon.client.replan_services()
        # It comes into use when the operator replans, else with the next restart.
        processes = len(quiet_hooks(unit))
        assert processes == (2 if replans else 1)
        rotate(unit)
        assert unit.workload.environment['OPENCTI_TOKEN'] == NEW_TOKEN
        assert service.get('environment', {}).items() <= unit.workload.environment.items()
        assert len(quiet_hooks(unit)) == processes + 1

    @pytest.mark.parametrize('value', ['of the operator', '='])
    def test_a_service_that_was_stopped_stays_stopped(self, unit: Unit, stopped: str, value: str):
        def is_running() -> bool:
            (service,) = unit.daemon.client.get_services([stopped])
            return service.is_running()

        add_layer(unit, override='merge', environment={'API_KEY': value})
        for _ in range(3):
            unit.run('config_changed')
            assert not is_running()
        rotate(unit)
        assert not is_running()

    def test_one_that_replaces_the_service(self, unit: Unit):
        unit.run()
        own = {'OWN': 'x'}
        add_layer(unit, override='replace', command=unit.command, environment=own)
        unit.daemon.client.replan_services()
        assert len(quiet_hooks(unit)) == 2
        assert unit.workload.environment['OWN'] == 'x'
        rotate(unit)
        assert len(quiet_hooks(unit)) == 3


@pytest.mark.parametrize('service', [{}, {'environment': {'API_KEY': 'of the operator'}}])
def test_a_quiet_hook_asks_pebble_twice_and_tells_it_nothing(
    unit: Unit, service: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    unit.run()
    add_layer(unit, override='merge', **service)
    unit.run()
    requests: list[str] = []
    original = ops.pebble.Client._request_raw

    def record(self: ops.pebble.Client, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        requests.append(f'{method} {path}')
        return original(self, method, path, *args, **kwargs)

    monkeypatch.setattr(ops.pebble.Client, '_request_raw', record)
    unit.run()
    assert requests == ['GET /v1/plan', 'GET /v1/services']
