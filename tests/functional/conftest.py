# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A real Pebble daemon, and a real process under it, for charms in `ops.testing`."""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

import ops
import pytest
from ops import testing
from scenario import mocking

from opencti_connector import OpenctiConnectorMixin
from opencti_connector.testing import relation_for_provider
from tests.unit.conftest import TOKEN

NAME = 'opencti-test-connector'
ACTIVE = testing.ActiveStatus()
OPTIONS: dict[str, Any] = {
    'api-key': {'type': 'string', 'optional': False},
    'more': {'type': 'string'},
}


class Daemon:
    """A Pebble daemon with a directory and a socket of its own."""

    def __init__(self, binary: str, directory: pathlib.Path):
        self._binary = binary
        self._directory = directory
        self._process: subprocess.Popen[str] | None = None
        self.socket = str(directory / 'socket')

    def start(self) -> None:
        """Start it, without any layer, and return once it listens."""
        environment = {
            'PATH': os.environ['PATH'],
            'PEBBLE': str(self._directory),
            'PEBBLE_SOCKET': self.socket,
        }
        self._process = subprocess.Popen(
            [self._binary, 'run', '--create-dirs', '--hold'],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        log: list[str] = []
        for line in self._process.stdout:
            log.append(line)
            if 'Started daemon' in line:
                # A pipe that nobody reads fills up, and the daemon waits for ever.
                self._reader = threading.Thread(target=self._process.stdout.read)
                self._reader.start()
                return
        raise AssertionError(f'the daemon did not start: {"".join(log)}')

    def die(self) -> None:
        """End it at once, by its process id."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    @property
    def client(self) -> ops.pebble.Client:
        """A client for the daemon."""
        return ops.pebble.Client(self.socket)


class Workload:
    """A script that records its process ids and environments, and then waits."""

    def __init__(self, directory: pathlib.Path):
        self._directory = directory
        self.script = directory / 'workload.sh'
        self.stay()

    def stay(self) -> None:
        """Let the script run until it gets a signal."""
        self.write('exec sleep infinity')

    def write(self, *lines: str) -> None:
        """Let the script record its id and environment, and then run these lines."""
        note = f'cat /proc/self/environ > {self._directory}/environment.$$'
        pid = f'echo $$ >> {self._directory}/pids'
        self.script.write_text('\n'.join(['#!/bin/sh', note, pid, *lines, '']))

    @property
    def pids(self) -> list[int]:
        """The ids of the processes so far, oldest first."""
        file = self._directory / 'pids'
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    @property
    def pid(self) -> int:
        """The id of the newest process."""
        return self.pids[-1]

    @property
    def is_running(self) -> bool:
        """Whether the newest process runs."""
        return bool(self.pids) and _is_alive(self.pid)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the newest process."""
        content = (self._directory / f'environment.{self.pid}').read_bytes().decode()
        pairs = (entry.partition('=') for entry in content.split('\0') if entry)
        return {name: value for name, _, value in pairs}

    def end(self) -> None:
        """End the processes that still run, by their ids."""
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _is_alive(pid: int) -> bool:
    try:
        status = pathlib.Path(f'/proc/{pid}/status').read_text()
    except FileNotFoundError:
        return False
    return 'State:\tZ' not in status


class Unit:
    """A unit of a mixin charm, with the real daemon in its container."""

    def __init__(self, daemon: Daemon, workload: Workload):
        self.daemon = daemon
        self.workload = workload
        self.command = f'sh {workload.script}'
        self.more: dict[str, str] = {}
        self.user: str | None = None
        relation, secrets = relation_for_provider(token=TOKEN)
        self.state = testing.State(
            leader=True,
            config={'api-key': 'a key'},
            relations={relation},
            secrets=secrets,
            containers={testing.Container(NAME, can_connect=True)},
        )

    def update(self, **changes: Any) -> None:
        """Change the state for the next hook."""
        self.state = dataclasses.replace(self.state, **changes)

    def update_relation(self, **changes: Any) -> None:
        """Change the relation."""
        self.update(relations={dataclasses.replace(self.relation, **changes)})

    @property
    def relation(self) -> testing.Relation:
        """The only relation."""
        (relation,) = self.state.relations
        assert isinstance(relation, testing.Relation)
        return relation

    @property
    def secret(self) -> testing.Secret:
        """The only secret."""
        (secret,) = self.state.secrets
        return secret

    @property
    def status(self) -> ops.StatusBase:
        """The status after the last hook."""
        return self.state.unit_status

    def run(self, event: str = 'update_status', of: Any = None) -> dict[str, str]:
        """Run a hook, and return what `connector_environment` returned in it, if it was called."""
        said: dict[str, str] = {}
        more = self.more

        class Charm(OpenctiConnectorMixin, ops.CharmBase):
            connector_type = 'EXTERNAL_IMPORT'
            connector_command = self.command
            connector_user = self.user

            def connector_environment(self) -> dict[str, str]:
                said.update({**super().connector_environment(), **more})
                return dict(said)

        context: testing.Context[Charm] = testing.Context(
            Charm,
            {
                'name': NAME,
                'containers': {NAME: {}},
                'provides': {'opencti-connector': {'interface': 'opencti_connector'}},
            },
            config={'options': OPTIONS},
            app_name='test-connector',
        )
        make = getattr(context.on, event)
        self.state = context.run(make() if of is None else make(of), self.state)
        assert TOKEN not in str(self.status) + str(context.juju_log)
        return said


def assert_runs_with(unit: Unit, said: dict[str, str]) -> None:
    assert unit.status == ACTIVE
    assert unit.workload.is_running
    given = unit.workload.environment
    assert {name: given.get(name) for name in said} == said


@pytest.fixture(scope='session')
def binary() -> str:
    binary = os.environ.get('PEBBLE') or shutil.which('pebble')
    if binary is None:
        pytest.skip('needs Pebble: run `make functional` where there is go, or set PEBBLE to it')
    assert os.access(binary, os.X_OK), f'PEBBLE: {binary} is no program'
    return binary


@pytest.fixture
def directory() -> Iterator[pathlib.Path]:
    # The path of a socket must be short, which pytest's own directories are not.
    with tempfile.TemporaryDirectory(prefix='pebble-') as directory:
        yield pathlib.Path(directory)


@pytest.fixture
def daemon(
    binary: str, directory: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Daemon]:
    daemon = Daemon(binary, directory)
    # ops.testing cannot give a container another client: this private method of its backend makes
    # each.
    monkeypatch.setattr(
        mocking._MockModelBackend, 'get_pebble', lambda self, socket_path: daemon.client
    )
    daemon.start()
    yield daemon
    daemon.die()


@pytest.fixture
def workload(directory: pathlib.Path) -> Iterator[Workload]:
    workload = Workload(directory)
    yield workload
    workload.end()


@pytest.fixture
def unit(daemon: Daemon, workload: Workload) -> Unit:
    return Unit(daemon, workload)
