# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which hooks an agent runs after it, its pod or a container has started anew.

Juju keeps at the controller which hook runs or failed, which hashes of the configuration and the
addresses the charm knows, and whether it has been told that it leads (`State` in
`internal/worker/uniter/operation/state.go`, in 3.6 and 4.0). So a start alone means no
config-changed, and no leader-elected.
"""

import dataclasses
import functools
from typing import Any

from ops import pebble, testing

from .application import Unit
from .hook import Pending
from .pebble import BACKOFF

_START = Pending('start', lambda on: on.start())
_UPGRADE_CHARM = Pending('refresh', lambda on: on.upgrade_charm())
_CONFIG_CHANGED = Pending('config', lambda on: on.config_changed())


def start(unit: Unit) -> None:
    """Start the agent of a unit on Kubernetes, where each start counts as a reboot.

    `rebootDetected` in `internal/worker/uniter/uniter.go`; the hook `start` waits for the one that
    failed (`internal/worker/uniter/reboot/resolver.go`). Pebble's last boot is forgotten, so that
    pebble-ready comes for each container (`internal/worker/uniter/pebblepoller.go`), and one that
    failed is skipped (`internal/worker/uniter/container/workload.go`).
    """
    if unit.failed is not None and unit.failed.cause == 'pebble-ready':
        unit.failed = None
    if unit.has_started and _START not in unit.first:
        unit.first.append(_START)
    _await_pebble(unit)


def start_in_new_pod(unit: Unit, *, is_killed: bool) -> None:
    """Start the agent in a new pod, which has no directory of the charm any more.

    The charm is deployed as in an upgrade, which means upgrade-charm and config-changed, unless a
    hook was interrupted: that one runs again instead (`checkCharmInstallUpgrade` in
    `internal/worker/uniter/resolver/loop.go`, `interruptedHook` in
    `internal/worker/uniter/operation/deploy.go`). The new address means config-changed in any
    case (`nextOp` in `internal/worker/uniter/resolver.go`).
    """
    empty(unit, is_up=True)
    if unit.has_started:
        is_interrupted = unit.failed is not None or (is_killed and len(unit.first) > 1)
        if not is_interrupted:
            unit.drop('refresh')
            unit.first = [_UPGRADE_CHARM, _CONFIG_CHANGED]
        elif _CONFIG_CHANGED not in (*unit.first, *unit.pending):
            unit.pending.append(_CONFIG_CHANGED)
    start(unit)


def restart_containers(unit: Unit, *, is_up: bool = True) -> None:
    """Restart a unit's containers, but not the charm's, with an empty plan, or let them go.

    Juju notices each new boot of Pebble.
    """
    empty(unit, is_up=is_up)
    _await_pebble(unit)


def empty(unit: Unit, *, is_up: bool) -> None:
    """Take from a unit's containers what Pebble knew."""
    nothing: Any = {'layers': {}, 'service_statuses': {}}
    unit.update(
        containers={
            dataclasses.replace(container, can_connect=is_up, **nothing)
            for container in unit.state.containers
        }
    )


def end_services(unit: Unit) -> None:
    """Let a unit's running services end, of which Juju does not hear."""
    unit.update(
        containers={
            dataclasses.replace(
                container,
                service_statuses={
                    name: BACKOFF if status is pebble.ServiceStatus.ACTIVE else status
                    for name, status in container.service_statuses.items()
                },
            )
            for container in unit.state.containers
        }
    )


def _await_pebble(unit: Unit) -> None:
    unit.drop('pebble-ready')
    for container in unit.state.containers:
        event = functools.partial(_pebble_ready, unit=unit, name=container.name)
        unit.wait('pebble-ready', event)


def _pebble_ready(on: testing.CharmEvents, unit: Unit, name: str) -> Any:
    container = unit.state.get_container(name)
    return on.pebble_ready(container) if container.can_connect else None
