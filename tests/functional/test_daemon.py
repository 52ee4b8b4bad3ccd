# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The daemon goes away and comes back, and runs other services, too."""

from typing import Any

import ops
import pytest
from ops import testing

from tests.unit.conftest import TOKEN, URL

from .conftest import NAME, Unit, assert_runs_with


class TestDaemon:
    def away(self, unit: Unit) -> None:
        """End the daemon, and with it the container's processes."""
        unit.daemon.die()
        unit.workload.end()

    def test_it_is_not_there(self, unit: Unit):
        self.away(unit)
        unit.run('config_changed')
        assert unit.status == testing.WaitingStatus('waiting for the container')

        unit.daemon.start()
        container = unit.state.get_container(NAME)
        assert_runs_with(unit, unit.run('pebble_ready', container))

    def test_it_dies_between_two_hooks_and_comes_back_empty(self, unit: Unit):
        unit.run()
        self.away(unit)
        unit.run()
        assert unit.status == testing.WaitingStatus('waiting for the container')

        unit.daemon.start()
        assert unit.daemon.client.get_plan().services == {}
        assert_runs_with(unit, unit.run())
        assert len(unit.workload.pids) == 2

    @pytest.mark.parametrize('call', ['get_services', 'stop', 'add_layer', 'start'])
    def test_it_dies_within_a_hook(self, unit: Unit, call: str, monkeypatch: pytest.MonkeyPatch):
        unit.run()
        original = getattr(ops.Container, call)

        def die_before(*args: Any, **kwargs: Any) -> Any:
            self.away(unit)
            return original(*args, **kwargs)

        unit.update(config={'api-key': 'another key'})
        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, call, die_before)
            unit.run('config_changed')
        assert unit.status == testing.WaitingStatus('waiting for the container')

        unit.daemon.start()
        assert_runs_with(unit, unit.run())

    def test_it_dies_while_the_service_stops(self, unit: Unit):
        # The daemon answers the request for the change, but not the wait for its end.
        unit.workload.write("trap '' TERM", 'while true; do sleep 1; done')
        unit.run()
        original = ops.pebble.Client.wait_change
        unit.update_relation(remote_app_data={})

        def die_before(*args: Any, **kwargs: Any) -> Any:
            self.away(unit)
            return original(*args, **kwargs)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ops.pebble.Client, 'wait_change', die_before)
            unit.run('relation_changed', unit.relation)
        assert unit.status == testing.WaitingStatus('waiting for opencti_url and opencti_token')

        unit.daemon.start()
        unit.run()
        assert not unit.workload.is_running


def test_other_layers_are_left_as_they_are(unit: Unit):
    services = {
        'going': {'override': 'replace', 'command': 'sleep infinity', 'startup': 'enabled'},
        'stopped': {'override': 'replace', 'command': 'sleep infinity', 'startup': 'enabled'},
    }
    checks = {'a-check': {'override': 'replace', 'exec': {'command': 'true'}}}
    client = unit.daemon.client
    client.add_layer('another', ops.pebble.Layer({'services': services, 'checks': checks}))  # type: ignore[arg-type]
    client.start_services(['going'])
    try:
        before = client.get_plan().to_dict()
        started = client.get_services(['going'])[0]

        def others() -> tuple[Any, ...]:
            plan = client.get_plan().to_dict()
            own = {k: v for k, v in plan.get('services', {}).items() if k != 'connector'}
            going, stopped = client.get_services(['going', 'stopped'])
            return {**plan, 'services': own}, going.current, stopped.current

        expected = (before, started.current, ops.pebble.ServiceStatus.INACTIVE)
        unit.run()
        assert unit.workload.is_running
        assert others() == expected
        unit.update(config={'api-key': 'another key'})
        unit.run('config_changed')
        assert others() == expected
        unit.update_relation(remote_app_data={})
        unit.run()
        assert not unit.workload.is_running
        assert others() == expected
    finally:
        client.stop_services(['going'])


def test_a_service_of_the_old_base_class_runs_on(unit: Unit):
    # What it had added, and started with a replan.
    environment = {
        'OPENCTI_URL': URL,
        'OPENCTI_TOKEN': TOKEN,
        'CONNECTOR_ID': unit.relation.local_app_data['connector_id'],
        'CONNECTOR_NAME': 'test-connector',
        'CONNECTOR_TYPE': 'EXTERNAL_IMPORT',
        'API_KEY': 'a key',
    }
    service = {
        'startup': 'enabled',
        'on-failure': 'restart',
        'override': 'replace',
        'command': unit.command,
        'environment': environment,
    }
    client = unit.daemon.client
    client.add_layer(
        'connector',
        {'summary': NAME, 'description': NAME, 'services': {'connector': service}},  # type: ignore[typeddict-item]
        combine=True,
    )
    client.replan_services()
    pid = unit.workload.pid
    said = unit.run('upgrade_charm')
    assert said == environment
    assert_runs_with(unit, said)
    unit.run()
    assert unit.workload.pids == [pid]
