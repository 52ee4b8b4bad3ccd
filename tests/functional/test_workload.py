# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the mixin promises about the workload, on a real daemon with a real process."""

import dataclasses
import os
import pathlib
import signal

import ops
import pytest
from ops import testing

from tests.unit.conftest import NEW_TOKEN, TOKEN

from .conftest import ACTIVE, Unit, assert_runs_with


@pytest.mark.parametrize(
    'value',
    [
        'plain',
        '',
        '  blanks  \t',
        """'single' "double" `back`""",
        '$HOME ${HOME} $(reboot) %s \\ \\n',
        'first\nsecond\r\n\nlast\n',
        'ünïcödé ✓ 漢字 \U0001f600',
        'a: b # c\n- d\n{e: [f]}',
        'x' * 100 * 1024,
    ],
    ids=lambda value: value[:12],
)
def test_the_environment_arrives_unchanged(unit: Unit, value: str):
    unit.update(config={'api-key': 'a key', 'more': value})
    said = unit.run('config_changed')
    assert said['MORE'] == value
    assert said['OPENCTI_TOKEN'] == TOKEN
    assert_runs_with(unit, said)


def test_the_same_hook_again_leaves_the_process_alone(unit: Unit):
    unit.run('config_changed')
    pid = unit.workload.pid
    for _ in range(10):
        unit.run('config_changed')
    assert unit.workload.pids == [pid]
    assert unit.workload.is_running


def test_each_change_is_a_new_process_once(unit: Unit):
    unit.run()
    rotated = dataclasses.replace(unit.secret, latest_content={'token': NEW_TOKEN})
    unit.update(secrets={rotated})
    said = unit.run('secret_changed', rotated)
    assert said['OPENCTI_TOKEN'] == NEW_TOKEN
    assert_runs_with(unit, said)
    unit.run()
    assert len(unit.workload.pids) == 2

    unit.update(config={'api-key': 'another key'})
    assert_runs_with(unit, unit.run('config_changed'))
    unit.run()
    assert len(unit.workload.pids) == 3

    data = {**unit.relation.remote_app_data, 'opencti_url': 'https://opencti.example/prefix'}
    unit.update_relation(remote_app_data=data)
    said = unit.run('relation_changed', unit.relation)
    assert said['OPENCTI_URL'] == 'https://opencti.example/prefix'
    assert_runs_with(unit, said)
    unit.run()
    assert len(unit.workload.pids) == 4


class TestStopped:
    def assert_stopped_and_mended(self, unit: Unit, before: testing.State) -> None:
        assert not unit.workload.is_running
        assert unit.status.name in ('blocked', 'waiting')
        assert TOKEN not in str(unit.daemon.client.get_plan().to_dict())
        unit.run()
        assert len(unit.workload.pids) == 1

        unit.update(relations=before.relations, secrets=before.secrets, config=before.config)
        assert_runs_with(unit, unit.run())
        assert len(unit.workload.pids) == 2

    def test_the_relation_breaks(self, unit: Unit):
        unit.run()
        before = unit.state
        unit.run('relation_broken', unit.relation)
        assert not unit.workload.is_running
        unit.update(relations=set(), secrets=set())
        self.assert_stopped_and_mended(unit, before)

    def test_the_data_are_withdrawn(self, unit: Unit):
        unit.run()
        before = unit.state
        unit.update_relation(remote_app_data={})
        unit.run('relation_changed', unit.relation)
        self.assert_stopped_and_mended(unit, before)

    def test_required_configuration_is_lost(self, unit: Unit):
        unit.run()
        before = unit.state
        unit.update(config={})
        unit.run('config_changed')
        self.assert_stopped_and_mended(unit, before)


def test_without_leadership_the_process_is_left_alone(unit: Unit):
    unit.run()
    unit.update(leader=False, config={'api-key': 'another key'})
    unit.run()
    assert unit.status.name == 'waiting'
    assert unit.workload.is_running
    assert len(unit.workload.pids) == 1

    unit.update(leader=True)
    assert_runs_with(unit, unit.run('leader_elected'))
    assert len(unit.workload.pids) == 2


class TestFailing:
    def test_it_exits_at_once(self, unit: Unit):
        unit.workload.write('echo "my token is $OPENCTI_TOKEN" >&2', 'exit 7')
        unit.run()
        assert unit.status.name == 'blocked'
        assert unit.status.message.startswith('failed to start connector, will retry: ')
        assert 'exited quickly with code 7' in unit.status.message

        unit.workload.stay()
        unit.run()  # It starts it, unless Pebble was first; the next one sees whether it stays.
        assert_runs_with(unit, unit.run())

    def test_it_is_stopped_while_pebble_is_about_to_restart_it(self, unit: Unit):
        unit.workload.write('exit 7')
        unit.run()
        before = unit.state
        unit.update_relation(remote_app_data={})
        unit.run('relation_changed', unit.relation)
        (service,) = unit.daemon.client.get_services(['connector'])
        assert service.current == ops.pebble.ServiceStatus.INACTIVE
        assert TOKEN not in str(unit.daemon.client.get_plan().to_dict())

        unit.workload.stay()
        unit.update(relations=before.relations)
        assert_runs_with(unit, unit.run())

    def test_configuration_fixes_it(self, unit: Unit):
        unit.workload.write('test "$API_KEY" = good || exit 7', 'exec sleep infinity')
        unit.run()
        assert 'exited quickly with code 7' in unit.status.message
        unit.update(config={'api-key': 'good'})
        said = unit.run('config_changed')
        assert said['API_KEY'] == 'good'
        assert_runs_with(unit, said)

    def test_its_command_does_not_exist(self, unit: Unit):
        command = unit.command
        unit.command = '/no/such/program --option'
        unit.run()
        assert unit.status.name == 'blocked'
        assert unit.status.message.startswith('failed to start connector, will retry: ')
        assert '/no/such/program' in unit.status.message

        unit.command = command
        assert_runs_with(unit, unit.run('upgrade_charm'))

    def test_its_command_cannot_be_parsed(self, unit: Unit):
        command = unit.command
        unit.command = 'sh -c "unfinished'
        unit.run()
        assert unit.status.name == 'blocked'
        assert unit.status.message.startswith('failed to start connector, will retry: ')

        unit.command = command
        assert_runs_with(unit, unit.run('upgrade_charm'))

    @pytest.mark.parametrize('ending', [signal.SIGKILL, signal.SIGTERM])
    def test_it_ends_again_and_again(self, unit: Unit, ending: signal.Signals):
        # The second ends it with success, after which Pebble starts it again, too.
        unit.workload.write("trap 'exit 0' TERM", 'while true; do sleep 0.1; done')
        unit.run()
        assert unit.status == ACTIVE
        for _ in range(2):
            os.kill(unit.workload.pid, ending)
            while unit.daemon.client.get_services(['connector'])[0].is_running():
                pass  # Pebble is about to notice.
            # Pebble would restart it after half a second; the hook restarts it at once.
            unit.run()
            assert unit.status == testing.BlockedStatus(
                'connector ended and is started again: look at its log (pebble logs connector)'
            )
            assert unit.workload.is_running
        pids = unit.workload.pids
        assert_runs_with(unit, unit.run())
        assert unit.workload.pids == pids
        assert len(pids) == 3

    def test_what_pebble_started_again_is_left_alone(self, unit: Unit):
        unit.run()
        first = unit.workload.pid
        os.kill(first, signal.SIGKILL)
        while unit.workload.pid == first:
            pass  # Pebble is about to start it.
        assert_runs_with(unit, unit.run())
        assert len(unit.workload.pids) == 2

    def test_it_ignores_sigterm(self, unit: Unit):
        unit.workload.write("trap '' TERM", 'while true; do sleep 1; done')
        unit.run()
        assert unit.status == ACTIVE
        before = unit.state
        unit.update_relation(remote_app_data={})
        unit.run('relation_changed', unit.relation)
        # Pebble kills it after five seconds.
        assert not unit.workload.is_running
        assert unit.status.name == 'waiting'

        unit.workload.stay()
        unit.update(relations=before.relations)
        assert_runs_with(unit, unit.run())


@pytest.mark.skipif(os.getuid() != 0, reason='only root may run a process as another user')
@pytest.mark.parametrize('user', ['54321:0', '54321:54321'])
def test_it_may_run_as_a_user_that_the_image_does_not_know(
    unit: Unit, directory: pathlib.Path, user: str
):
    directory.chmod(0o777)
    unit.user = user
    for _ in range(2):
        unit.run()
        assert unit.status == ACTIVE
    assert len(unit.workload.pids) == 1
    status = pathlib.Path(f'/proc/{unit.workload.pid}/status').read_text()
    ids = [line.split()[1] for line in status.splitlines() if line.startswith(('Uid', 'Gid'))]
    assert ':'.join(ids) == user
