# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector's workload, as the Pebble of its container tells."""

import contextlib
from collections.abc import Iterator

import jubilant
import yaml

from ..models import Model

SERVICE = 'connector'
_AWAY = (jubilant.CLIError, jubilant.TaskError, TimeoutError, ValueError)


class Workload:
    """The container of a unit that runs the connector.

    The charm's container has a Pebble, too, and reaches the other one's socket. So `juju exec` is
    enough to look, and the image needs nothing for it.
    """

    def __init__(self, model: Model, unit: str, container: str):
        self._model = model
        self._unit = unit
        self._socket = f'/charm/containers/{container}/pebble.socket'

    def pebble(self, command: str) -> str:
        """Run a command of Pebble's, and return what it prints.

        Raises:
            jubilant.TaskError: if Pebble does not answer, or refuses.
        """
        run = f'PEBBLE_SOCKET={self._socket} /charm/bin/pebble {command}'
        return self._model.exec(run, unit=self._unit).stdout

    def plan(self) -> str:
        """Return the plan, as YAML."""
        return self.pebble('plan')

    def started(self) -> str:
        """Return since when the connector runs; nothing if it does not, or cannot be asked."""
        try:
            lines = self.pebble(f'services --abs-time {SERVICE}').splitlines()[1:]
        except _AWAY:
            return ''
        return next((words[3] for words in map(str.split, lines) if words[2] == 'active'), '')

    def environment(self) -> dict[str, str]:
        """Return what the connector runs with; nothing if it does not, or cannot be asked."""
        if not self.started():
            return {}
        try:
            plan = yaml.safe_load(self.plan())
        except _AWAY:
            return {}
        return plan['services'][SERVICE]['environment']

    def starts(self) -> int:
        """Return how often the charm has started the connector in this container."""
        return self.pebble('changes').count(f'Start service "{SERVICE}"')

    def kill_process(self) -> None:
        """Kill the connector's process."""
        self.pebble(f'signal KILL {SERVICE}')

    def kill_container(self) -> None:
        """End the container by its first process, which is Pebble."""
        with contextlib.suppress(jubilant.TaskError):  # Nobody is left to answer.
            self.pebble("exec -- bash -c 'kill 1'")

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Keep the charm from reaching Pebble, while the connector runs on."""
        self._move(self._socket, f'{self._socket}.away')
        try:
            yield
        finally:
            self._move(f'{self._socket}.away', self._socket)

    def _move(self, source: str, destination: str) -> None:
        self._model.exec(f'mv {source} {destination}', unit=self._unit)
