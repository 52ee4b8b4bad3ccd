# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the tests on a real Juju see of a workload through Pebble's own program."""

import os
import select
import subprocess
from typing import Any

import jubilant
import pytest

from tests.integration.kubernetes import workload
from tests.unit.conftest import TOKEN

from .conftest import NAME, Daemon, Unit

SOCKET = f'/charm/containers/{NAME}/pebble.socket'


class OneMachine:
    """Stands in for a model: `juju exec` runs here, where Pebble and its socket lie elsewhere."""

    def __init__(self, binary: str, daemon: Daemon):
        self._places = {'/charm/bin/pebble': binary, SOCKET: daemon.socket}

    def exec(self, command: str, unit: str) -> jubilant.Task:
        for there, here in self._places.items():
            command = command.replace(there, here)
        done = subprocess.run(['sh', '-c', command], capture_output=True, text=True)
        task = jubilant.Task('1', 'completed', {}, done.returncode, done.stdout, done.stderr)
        task.raise_on_failure()
        return task


@pytest.fixture
def seen(binary: str, daemon: Daemon) -> workload.Workload:
    model: Any = OneMachine(binary, daemon)
    return workload.Workload(model, 'connector/0', NAME)


def test_nothing_runs_yet(seen: workload.Workload):
    assert seen.started() == ''
    assert seen.environment() == {}
    assert 'services' not in seen.plan()


def test_it_runs(unit: Unit, seen: workload.Workload):
    said = unit.run()
    assert seen.environment() == said
    assert TOKEN in seen.plan()
    assert seen.starts() == 1
    started = seen.started()
    unit.run()
    assert (seen.started(), seen.starts()) == (started, 1)
    assert started.startswith('20')


def test_another_value_starts_it_once_more(unit: Unit, seen: workload.Workload):
    unit.run()
    unit.update(config={'api-key': 'another key'})
    unit.run('config_changed')
    assert seen.starts() == 2
    assert seen.environment()['API_KEY'] == 'another key'


def test_it_is_stopped(unit: Unit, seen: workload.Workload):
    unit.run()
    unit.update(config={})
    unit.run('config_changed')
    assert seen.started() == ''
    assert seen.environment() == {}
    assert TOKEN not in seen.plan()


def test_its_process_is_killed(unit: Unit, seen: workload.Workload):
    unit.run()
    process = os.pidfd_open(unit.workload.pid)
    seen.kill_process()
    select.select([process], [], [])  # It can be read once the process has ended.
    os.close(process)


def test_pebble_cannot_be_reached(unit: Unit, seen: workload.Workload):
    unit.run()
    started = seen.started()
    with seen.away():
        assert seen.environment() == {}
    assert seen.started() == started
