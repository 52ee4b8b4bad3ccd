# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector's Pebble service, running or not."""

import contextlib
import hashlib
import http.client
from collections.abc import Generator, Iterable, Mapping
from typing import Any

import ops
import yaml  # Comes with ops, which reads Pebble's plan with it.

from .. import _errors

LAYER = 'connector'
SERVICE = 'connector'


class Service:
    """The Pebble service that runs a connector.

    Each method brings the service to the wanted state, and does nothing if it is already in it.
    The service stops before its layer changes. So if Pebble fails in between, the service does not
    go on with an old environment.

    What other layers say of the service stays. So the plan can differ from what the library wrote.
    It remembers digests of both, of the layer and of the plan that came of it. Where the plan is
    another one than that, only Pebble knows what the service runs with, and replans. So it does in
    each hook if PyYAML, with which ops reads the plan, fails on any value in it, such as `=`.
    Pebble restarts only the services whose part of the plan changed since they started, but it
    also starts each service with `startup: enabled` (`Replan` in
    internals/overlord/servstate/manager.go in Pebble's source).

    Args:
        container: The container with the workload.
        command: The command that starts it.
        working_dir: The directory in which it starts; `None` for the image's own.
        stored: Where the digests stay between hooks.
    """

    def __init__(
        self,
        container: ops.Container,
        command: str,
        working_dir: str | None,
        stored: ops.BoundStoredState,
    ):
        self._container = container
        self._command = command
        self._working_dir = working_dir
        self._stored: Any = stored
        stored.set_default(layer=None, plan=None)

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
            'environment': dict(sorted(environment.items())),
        }
        if self._working_dir is not None:
            wanted['working-dir'] = self._working_dir
        with _errors_of('start') as hidden:
            hidden += environment.values()
            is_settled = self._is_settled(wanted, hidden)
            status = self._status()
            is_running = status == ops.pebble.ServiceStatus.ACTIVE
            is_new = self._stored.layer not in (None, _digest(wanted))
            if restart or not (is_settled or (is_running and not is_new)):
                self._stop(status)
                is_running = False
            if not is_settled:
                self._write(wanted)
                if is_running:
                    self._replan()
            if not is_running:
                self._container.start(SERVICE)
            if not is_settled:
                self._remember(wanted, self._planned())

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
            is_settled = self._is_settled(wanted, hidden)
            status = self._status()
            if status is None:
                return
            self._stop(status)
            if not is_settled:
                self._write(wanted)
                self._remember(wanted, self._planned())

    def _is_settled(self, wanted: ops.pebble.ServiceDict, hidden: list[str]) -> bool:
        """Return whether the plan is the one that came of writing the wanted service."""
        planned = self._planned()
        if planned is None:
            return False
        hidden += map(str, planned.environment.values())
        known = (self._stored.layer, self._stored.plan)
        if known == (_digest(wanted), _digest(planned.to_dict())):
            return True
        if planned.to_dict() != wanted:
            return False
        # A hook wrote it that failed later and is tried again, or a charm without this library.
        self._remember(wanted, planned)
        return True

    def _remember(
        self, written: ops.pebble.ServiceDict, planned: ops.pebble.Service | None
    ) -> None:
        self._stored.layer = _digest(written)
        self._stored.plan = None if planned is None else _digest(planned.to_dict())

    def _planned(self) -> ops.pebble.Service | None:
        """Return the service with what all layers say of it; `None` if it cannot be read."""
        try:
            return self._container.get_plan().services.get(SERVICE)
        except (yaml.YAMLError, ValueError):
            return None

    def _status(self) -> ops.pebble.ServiceStatus | str | None:
        service = self._container.get_services(SERVICE).get(SERVICE)
        return None if service is None else service.current

    def _stop(self, status: ops.pebble.ServiceStatus | str | None) -> None:
        # A failed service, too: Pebble is about to start it again, with its old environment.
        if status not in (None, ops.pebble.ServiceStatus.INACTIVE):
            self._container.stop(SERVICE)

    def _write(self, service: ops.pebble.ServiceDict) -> None:
        layer: ops.pebble.LayerDict = {
            'summary': self._container.name,
            'description': self._container.name,
            'services': {SERVICE: service},
        }
        self._stored.layer = self._stored.plan = None  # If Pebble fails now, all is unknown.
        self._container.add_layer(LAYER, layer, combine=True)

    def _replan(self) -> None:
        with contextlib.suppress(ops.pebble.ChangeError):  # Another service may have failed.
            self._container.replan()
        self._container.start(SERVICE)  # If it runs, Pebble does nothing.


def _digest(service: Mapping[str, Any]) -> str:
    return hashlib.sha256(repr(service).encode()).hexdigest()


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
