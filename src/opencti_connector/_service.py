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

    Each method brings the service to the wanted state, and does nothing if it is already in it.
    The service stops before its layer changes. So if Pebble fails in between, the service does not
    go on with an old environment.

    What other layers add to the service stays.

    Args:
        container: The container with the workload.
        command: The command that starts it.
        working_dir: The directory in which it starts; `None` for the image's own.
        variables: The names of the variables that the library set in an earlier hook. With `None`,
            for unknown, all variables in the plan count as the library's.
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
        # Pebble cannot remove a service. Disabled, it does not start when somebody else replans.
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
        """Return the service from the plan, with what other layers merged into it."""
        try:
            planned = self._container.get_plan().services.get(SERVICE)
        except (yaml.YAMLError, ValueError):
            return None  # It has a value that cannot be read back, so write the layer again.
        if planned is not None:
            hidden += map(str, planned.environment.values())
        return planned

    def _is_planned(
        self, wanted: ops.pebble.ServiceDict, planned: ops.pebble.Service | None
    ) -> bool:
        """Return whether the plan already has the wanted service."""
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
        # A failed service, too: Pebble is about to start it again, with its old environment.
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
