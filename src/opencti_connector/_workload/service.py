# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector's Pebble service, running or not."""

import contextlib
import hashlib
import http.client
from collections.abc import Generator, Iterable, Mapping
from typing import Any, TypeAlias

import ops
import yaml  # Comes with ops, which reads Pebble's plan with it.

from .. import _errors

LAYER = 'connector'
SERVICE = 'connector'
_FAILED = ('', '')
"""What is remembered if Pebble fails in between: what runs may run with an old layer."""

_UNREADABLE = 'unreadable'

_BACKOFF: Any = getattr(ops.pebble.ServiceStatus, 'BACKOFF', 'backoff')
"""The service ended, and Pebble is about to start it again. ops has no name for it (yet), and
passes it on as a text (`stateToStatus` in internals/overlord/servstate/manager.go in Pebble)."""

_Status: TypeAlias = ops.pebble.ServiceStatus | str | None


class Service:
    """The Pebble service that runs a connector.

    Each method brings the service to the wanted state, and does nothing if it is already in it. If
    Pebble does not answer it raises `ContainerUnavailable`, and `WorkloadFailed` if Pebble refuses
    or fails, or the service has ended by itself. The service stops before its layer changes. So if
    Pebble fails in between, the service does not go on with an old environment.

    What other layers add to the service, or override in it, stays. Pebble shows only the plan, in
    which all layers are merged. So nothing has to be done while the own layer is the one that was
    written last, and the plan the one that it led to. Pebble's `replan` is not used: it also
    starts each other service with `startup: enabled`, which a person may have stopped (`Replan`
    in internals/overlord/servstate/manager.go in Pebble's source).
    """

    def __init__(
        self,
        container: ops.Container,
        command: str,
        working_dir: str | None,
        user: str | None,
        stored: ops.BoundStoredState,
    ):
        self._container = container
        self._command = command
        self._working_dir = working_dir
        self._user = user
        self._stored: Any = stored
        stored.set_default(layer=None, plan=None)
        self._has_ended = False  # In this hook, which may look twice.

    def run(self, environment: Mapping[str, str], *, restart: bool) -> None:
        """Run the service, and restart it only if something changed, or if told so."""
        wanted: ops.pebble.ServiceDict = {
            'startup': 'enabled',
            'on-failure': 'restart',
            'override': 'replace',
            'command': self._command,
            'environment': dict(environment),
        }
        if self._working_dir is not None:
            wanted['working-dir'] = self._working_dir
        wanted |= _run_as(self._user or '')
        with _errors_of('start') as hidden:
            hidden += environment.values()
            plan = self._planned(hidden)
            status = self._settle(wanted, plan, self._status(), stop=restart, hidden=hidden)
            if status != ops.pebble.ServiceStatus.ACTIVE:
                self._container.start(SERVICE)
        self._check_has_not_ended(status)

    def check(self) -> None:
        """Check that the service runs; `NotReady` if it does not."""
        with _errors_of('find'):
            status = self._status()
        self._check_has_not_ended(status)
        if status != ops.pebble.ServiceStatus.ACTIVE:
            raise _errors.NotReady('the connector does not run; the next hook starts it')

    def stop(self) -> None:
        """Stop the service, and forget its environment, which holds the token."""
        # Pebble cannot remove a service. Disabled, it does not start when somebody else replans.
        wanted: ops.pebble.ServiceDict = {
            'startup': 'disabled',
            'override': 'replace',
            'command': self._command,
        }
        with _errors_of('stop') as hidden:
            plan = self._planned(hidden)
            status = self._status()
            if status is not None:
                self._settle(wanted, plan, status, stop=True, hidden=hidden)

    def _check_has_not_ended(self, status: _Status) -> None:
        """Fail if the service ended by itself, unless it has been stopped since.

        A start, Pebble's or the hook's, does not fix what ends again and again. That it has run
        for a second, which is how long Pebble looks (`okayDelay` in
        internals/overlord/servstate/handlers.go), says nothing: the next hook sees.
        """
        was_left = status == ops.pebble.ServiceStatus.ACTIVE
        self._has_ended = status == _BACKOFF or (self._has_ended and was_left)
        if self._has_ended:
            raise _errors.WorkloadFailed(
                f'connector ended and is started again: look at its log (pebble logs {SERVICE})'
            )

    def _settle(
        self,
        wanted: ops.pebble.ServiceDict,
        plan: str,
        status: _Status,
        *,
        stop: bool,
        hidden: list[str],
    ) -> _Status:
        """Bring the layer to the plan, stop what runs with another one, and return the status."""
        layer = _digest(wanted)
        known = (self._stored.layer, self._stored.plan)
        if plan == layer and known != _FAILED:
            known = (layer, plan)  # A hook that is tried again wrote it, or an older charm.
        # Where only the plan differs, another layer may have changed it: no reason to stop.
        if stop or known[0] not in (None, layer):
            status = self._stop(status)
        if status is None or known != (layer, plan):
            self._remember(_FAILED)
            name = self._container.name
            content = {'summary': name, 'description': name, 'services': {SERVICE: wanted}}
            # As a text: ops itself leaves out an id that is 0 (`Service.to_dict`).
            self._container.add_layer(LAYER, yaml.safe_dump(content), combine=True)
            merged = self._planned(hidden)
            is_unsure = merged == _UNREADABLE and known[0] is None
            if merged != plan or is_unsure:
                status = self._stop(status)
            known = (layer, merged)
        self._remember(known)
        return status

    def _remember(self, digests: tuple[str | None, str | None]) -> None:
        if (self._stored.layer, self._stored.plan) != digests:  # Even equal ones would be stored.
            self._stored.layer, self._stored.plan = digests

    def _planned(self, hidden: list[str]) -> str:
        """Return a digest of the service in the plan, with what other layers merged into it."""
        try:
            planned = self._container.get_plan().services.get(SERVICE)
        except (yaml.YAMLError, ValueError):
            return _UNREADABLE  # Pebble leaves `=`, `<<` and `2024-99-99` without quotes.
        if planned is None:
            return 'missing'
        hidden += map(str, planned.environment.values())
        return _digest(planned.to_dict())

    def _status(self) -> _Status:
        service = self._container.get_services(SERVICE).get(SERVICE)
        return None if service is None else service.current

    def _stop(self, status: _Status) -> _Status:
        # A failed service, too: Pebble is about to start it again, with its old environment.
        if status in (None, ops.pebble.ServiceStatus.INACTIVE):
            return status
        self._container.stop(SERVICE)
        return ops.pebble.ServiceStatus.INACTIVE


def _run_as(user: str) -> ops.pebble.ServiceDict:
    name, _, group = user.partition(':')
    keys: ops.pebble.ServiceDict = {}
    if name:
        keys |= {'user-id': int(name)} if name.isdigit() else {'user': name}
    if group:
        keys |= {'group-id': int(group)} if group.isdigit() else {'group': group}
    return keys


def _digest(service: Mapping[str, Any]) -> str:
    # YAML sorts names, and takes whatever was read as YAML.
    return hashlib.sha256(yaml.safe_dump(service).encode()).hexdigest()


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
