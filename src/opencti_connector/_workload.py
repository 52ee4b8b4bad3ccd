# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector's workload: one Pebble service, running or not."""

import contextlib
import http.client
from collections.abc import Generator, Iterable, Mapping

import ops

from . import _errors

_NAME = 'connector'


class Workload:
    """The Pebble service that runs a connector.

    Each method brings the service to the wanted state, whatever state it is in, and does nothing
    if it is there. The service is stopped before its layer changes: should Pebble fail in
    between, it is found stopped, and never running with what it should have forgotten.

    Args:
        container: The container with the workload.
        command: The command that starts it.
        name: A name for the layer's summary.
    """

    def __init__(self, container: ops.Container, command: str, name: str):
        self._container = container
        self._command = command
        self._name = name

    def run(self, environment: Mapping[str, str]) -> None:
        """Run the service with an environment, restarting it only for a new one.

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
        with _errors_of('start') as hidden:
            hidden += environment.values()
            planned = self._planned(hidden)
            status = self._status()
            if planned != wanted:
                self._stop(status)
                self._plan(wanted)
            if planned != wanted or status != ops.pebble.ServiceStatus.ACTIVE:
                self._container.start(_NAME)

    def stop(self) -> None:
        """Stop the service, and forget its environment, which holds the token.

        Raises:
            ContainerUnavailable: if Pebble does not answer.
            WorkloadFailed: if Pebble refuses or fails to stop it.
        """
        # Pebble cannot remove a service. What is disabled is not started by a replan for others.
        wanted: ops.pebble.ServiceDict = {
            'startup': 'disabled',
            'override': 'replace',
            'command': self._command,
        }
        with _errors_of('stop') as hidden:
            planned = self._planned(hidden)
            if planned is None:
                return
            self._stop(self._status())
            if planned != wanted:
                self._plan(wanted)

    def _planned(self, hidden: list[str]) -> ops.pebble.Service | None:
        planned = self._container.get_plan().services.get(_NAME)
        if planned is not None:
            hidden += planned.environment.values()
        return planned

    def _status(self) -> ops.pebble.ServiceStatus | str:
        service = self._container.get_services(_NAME).get(_NAME)
        return ops.pebble.ServiceStatus.INACTIVE if service is None else service.current

    def _stop(self, status: ops.pebble.ServiceStatus | str) -> None:
        # What has failed is to be stopped, too: Pebble is about to start it again, as it was.
        if status != ops.pebble.ServiceStatus.INACTIVE:
            self._container.stop(_NAME)

    def _plan(self, service: ops.pebble.ServiceDict) -> None:
        layer: ops.pebble.LayerDict = {
            'summary': self._name,
            'description': self._name,
            'services': {_NAME: service},
        }
        self._container.add_layer('connector', layer, combine=True)


@contextlib.contextmanager
def _errors_of(attempt: str) -> Generator[list[str], None, None]:
    """Turn Pebble's errors into ours, without the values that are put into the yielded list."""
    hidden: list[str] = []

    def failed(reason: str) -> _errors.WorkloadFailed:
        # Pebble puts the cause last. The task logs, with the workload's own words, are not in it.
        cause = _mask(reason, hidden).strip().splitlines()[-1:] or ['unknown']
        return _errors.WorkloadFailed(
            f'failed to {attempt} connector, will retry: {cause[0].lstrip("- ")[:200]}'
        )

    try:
        yield hidden
    except ops.pebble.ChangeError as error:
        raise failed(error.err) from None
    except ops.pebble.TimeoutError:
        raise failed('Pebble did not finish in time') from None
    # Pebble may go away within a request: ops passes on what the HTTP client makes of it.
    except (ops.pebble.ConnectionError, OSError, http.client.HTTPException):
        raise _errors.ContainerUnavailable('waiting for the container') from None
    except ops.pebble.Error as error:
        raise failed(str(error)) from None


def _mask(text: str, values: Iterable[str]) -> str:
    """Hide values in a text, but for those too short to be secrets."""
    for value in sorted(values, key=len, reverse=True):  # One may be a part of another.
        if len(value) >= 8:
            text = text.replace(value, '********')
    return text
