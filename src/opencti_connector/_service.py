# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector's Pebble service, running or not."""

import contextlib
import http.client
from collections.abc import Collection, Generator, Iterable, Mapping

import ops
import yaml  # Comes with ops, which reads Pebble's plan with it.

from . import _environment, _errors

LAYER = 'connector'
SERVICE = 'connector'


class Service:
    """The Pebble service that runs a connector.

    Each method brings the service to the wanted state, whatever state it is in, and does nothing
    if it is there. The service is stopped before its layer changes: should Pebble fail in between,
    it is found stopped, and never running with what it should have forgotten.

    What further layers add to the service is left alone.

    Args:
        container: The container with the workload.
        command: The command that starts it.
        working_dir: The directory in which it starts; `None` for the image's own.
        variables: The names of the variables that the library set in an earlier hook; `None` if
            that is not known, and all in the plan are taken for the library's.
    """

    def __init__(
        self,
        container: ops.Container,
        command: str,
        working_dir: str | None,
        variables: Collection[str] | None,
    ):
        self._container = container
        self._command = command
        self._working_dir = working_dir
        self._variables = variables

    def run(self, environment: Mapping[str, str], *, restart: bool = False) -> None:
        """Run the service with an environment, restarting it only for a new one.

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
            is_planned = self._is_planned(wanted, self._planned(hidden))
            status = self._status()
            if restart or not is_planned:
                self._stop(status)
                status = ops.pebble.ServiceStatus.INACTIVE
            if not is_planned:
                self._plan(wanted)
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
        # Pebble cannot remove a service. What is disabled is not started by a replan for others.
        wanted: ops.pebble.ServiceDict = {
            'startup': 'disabled',
            'override': 'replace',
            'command': self._command,
        }
        with _errors_of('stop') as hidden:
            planned = self._planned(hidden)
            status = self._status()
            if planned is None and status is None:
                return
            self._stop(status)
            if not self._is_planned(wanted, planned):
                self._plan(wanted)

    def _planned(self, hidden: list[str]) -> ops.pebble.Service | None:
        """Return the service as the plan has it, with the layers that others merged into it."""
        try:
            planned = self._container.get_plan().services.get(SERVICE)
        except (yaml.YAMLError, ValueError):
            return None  # It holds a value that cannot be read back: it has to be written anew.
        if planned is not None:
            hidden += map(str, planned.environment.values())
        return planned

    def _is_planned(
        self, wanted: ops.pebble.ServiceDict, planned: ops.pebble.Service | None
    ) -> bool:
        """Return whether the plan has what the library wants in it."""
        if planned is None:
            return False
        plan = planned.to_dict()
        environment = wanted.get('environment', {})
        found = plan.get('environment', {})
        ours = found.keys() if self._variables is None else found.keys() & self._variables
        return (
            all(
                plan.get(k) == v for k, v in wanted.items() if k not in ('environment', 'override')
            )
            and all(_environment.is_value(found.get(k), v) for k, v in environment.items())
            and ours <= environment.keys()
        )

    def _status(self) -> ops.pebble.ServiceStatus | str | None:
        service = self._container.get_services(SERVICE).get(SERVICE)
        return None if service is None else service.current

    def _stop(self, status: ops.pebble.ServiceStatus | str | None) -> None:
        # What has failed is to be stopped, too: Pebble is about to start it again, as it was.
        if status not in (None, ops.pebble.ServiceStatus.INACTIVE):
            self._container.stop(SERVICE)

    def _plan(self, service: ops.pebble.ServiceDict) -> None:
        layer: ops.pebble.LayerDict = {
            'summary': self._container.name,
            'description': self._container.name,
            'services': {SERVICE: service},
        }
        self._container.add_layer(LAYER, layer, combine=True)


@contextlib.contextmanager
def _errors_of(attempt: str) -> Generator[list[str], None, None]:
    """Turn Pebble's errors into ours, without the values that are put into the yielded list."""
    hidden: list[str] = []

    def failed(reason: str) -> _errors.WorkloadFailed:
        # Pebble puts the cause last. The task logs, with the workload's own words, are not in it.
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
    # Pebble may go away within a request: ops passes on what the HTTP client makes of it.
    except (ops.pebble.ConnectionError, OSError, http.client.HTTPException):
        raise _errors.ContainerUnavailable('waiting for the container') from None
    except ops.pebble.Error as error:
        raise failed(str(error)) from None


def mask(text: str, values: Iterable[str]) -> str:
    """Hide values in a text, but for those too short to be secrets."""
    for value in sorted(values, key=len, reverse=True):  # One may be a part of another.
        if len(value) >= 8:
            text = text.replace(value, '********')
    return text
