# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector's Pebble service, running or not."""

import contextlib
import hashlib
import http.client
import json
from collections.abc import Generator, Iterable, Mapping
from typing import Protocol

import ops
import yaml  # Comes with ops, which reads Pebble's plan with it.

from .. import _errors

LAYER = 'connector'
SERVICE = 'connector'


class Memory(Protocol):
    """What is kept from hook to hook."""

    layer: str | None
    """A digest of the layer that was written last; `None` if that is not known."""


class Service:
    """The Pebble service that runs a connector.

    Each method brings the service to the wanted state, and does nothing if it is already in it.
    The service stops before its layer changes. So if Pebble fails in between, the service does not
    go on with an old environment.

    What other layers add to the service, or say instead of this one, stays, and restarts nothing:
    the plan shows only all layers together, so the library remembers what it wrote itself.

    Args:
        container: The container with the workload.
        command: The command that starts it.
        working_dir: The directory in which it starts; `None` for the image's own.
        memory: What is kept from hook to hook.
    """

    def __init__(
        self, container: ops.Container, command: str, working_dir: str | None, memory: Memory
    ):
        self._container = container
        self._command = command
        self._working_dir = working_dir
        self._memory = memory

    def run(self, environment: Mapping[str, str], *, restart: bool) -> None:
        """Run the service with an environment, and restart it only if something changed.

        Args:
            environment: The variables.
            restart: Whether to restart it in any case.

        Raises:
            ContainerUnavailable: if Pebble does not answer.
            WorkloadFailed: if Pebble refuses, or the service does not start.
        """
        wanted: ops.pebble.ServiceDict = {
            'startup': 'enabled',
            'on-failure': 'restart',
            'override': 'replace',
            'command': self._command,
            'environment': dict(environment),
        }
        if self._working_dir is not None:
            wanted['working-dir'] = self._working_dir
        with _errors_of('start') as hidden:
            hidden += environment.values()
            planned = self._planned(hidden)
            status = self._status()
            is_written = self._is_written(wanted, planned, status)
            if restart or not is_written:
                self._stop(status)
                status = ops.pebble.ServiceStatus.INACTIVE
            if not is_written:
                self._write(wanted)
            if status != ops.pebble.ServiceStatus.ACTIVE:
                self._container.start(SERVICE)

    def check(self) -> None:
        """Check that the service runs.

        Raises:
            NotReady: if it does not.
            ContainerUnavailable: if Pebble does not answer.
            WorkloadFailed: if Pebble refuses to tell.
        """
        with _errors_of('find'):
            status = self._status()
        if status != ops.pebble.ServiceStatus.ACTIVE:
            raise _errors.NotReady('the connector does not run; the next hook starts it')

    def stop(self) -> None:
        """Stop the service, and forget its environment, which holds the token.

        Raises:
            ContainerUnavailable: if Pebble does not answer.
            WorkloadFailed: if Pebble refuses or fails to stop it.
        """
        # Pebble cannot remove a service. Disabled, it does not start when somebody else replans.
        wanted: ops.pebble.ServiceDict = {
            'startup': 'disabled',
            'override': 'replace',
            'command': self._command,
        }
        with _errors_of('stop') as hidden:
            planned = self._planned(hidden)
            status = self._status()
            if status is None:
                return
            is_written = self._is_written(wanted, planned, status)
            self._stop(status)
            if not is_written:
                self._write(wanted)

    def _planned(self, hidden: list[str]) -> ops.pebble.ServiceDict | None:
        """Return the service from the plan, with what other layers say."""
        try:
            planned = self._container.get_plan().services.get(SERVICE)
        except (yaml.YAMLError, ValueError):
            return None  # The plan has a value that PyYAML cannot read, such as `=`.
        if planned is None:
            return None
        hidden += map(str, planned.environment.values())
        return planned.to_dict()

    def _is_written(
        self,
        wanted: ops.pebble.ServiceDict,
        planned: ops.pebble.ServiceDict | None,
        status: ops.pebble.ServiceStatus | str | None,
    ) -> bool:
        """Return whether the layer has this service, whatever other layers say."""
        if status is None:
            return False  # A container that restarted has lost it.
        digest = _digest(wanted)
        if self._memory.layer == digest:
            return True
        if planned == wanted:
            self._memory.layer = digest
        return planned == wanted

    def _status(self) -> ops.pebble.ServiceStatus | str | None:
        service = self._container.get_services(SERVICE).get(SERVICE)
        return None if service is None else service.current

    def _stop(self, status: ops.pebble.ServiceStatus | str | None) -> None:
        # A failed service, too: Pebble is about to start it again, with its old environment.
        if status not in (None, ops.pebble.ServiceStatus.INACTIVE):
            self._container.stop(SERVICE)

    def _write(self, service: ops.pebble.ServiceDict) -> None:
        self._memory.layer = None  # If Pebble fails, the plan may have this layer or the old one.
        layer: ops.pebble.LayerDict = {
            'summary': self._container.name,
            'description': self._container.name,
            'services': {SERVICE: service},
        }
        self._container.add_layer(LAYER, layer, combine=True)
        self._memory.layer = _digest(service)


def _digest(service: ops.pebble.ServiceDict) -> str:
    return hashlib.sha256(json.dumps(service, sort_keys=True).encode()).hexdigest()


@contextlib.contextmanager
def _errors_of(attempt: str) -> Generator[list[str], None, None]:
    """Turn Pebble's errors into this library's, without the values in the yielded list."""
    hidden: list[str] = []

    def failed(reason: str) -> _errors.WorkloadFailed:
        # Pebble puts the cause last. The task logs, with the workload's output, are left out.
        cause = mask(reason, hidden).strip().splitlines()[-1:] or ['unknown']
        return _errors.WorkloadFailed(
            f'failed to {attempt} connector, will retry: {cause[0].lstrip("- ")[:200]}'
        )

    try:
        yield hidden
    except ops.pebble.ChangeError as error:
        raise failed(error.err) from None
    except ops.pebble.TimeoutError:
        raise failed('Pebble did not finish in time') from None
    # If Pebble goes away during a request, ops passes on the HTTP client's error.
    except (ops.pebble.ConnectionError, OSError, http.client.HTTPException):
        raise _errors.ContainerUnavailable('waiting for the container') from None
    except ops.pebble.Error as error:
        raise failed(str(error)) from None


def mask(text: str, values: Iterable[str]) -> str:
    """Hide values in a text, except those too short to be secrets."""
    for value in sorted(values, key=len, reverse=True):  # One may contain another.
        if len(value) >= 8:
            text = text.replace(value, '********')
    return text
