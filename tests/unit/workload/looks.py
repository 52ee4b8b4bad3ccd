# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How to look at a workload."""

from typing import Any

import ops
from ops import testing


def container(state: testing.State) -> testing.Container:
    (found,) = state.containers
    return found


def planned(state: testing.State) -> dict[str, Any]:
    service = container(state).plan.services.get('connector')
    return {} if service is None else dict(service.to_dict())


def environment(state: testing.State) -> dict[str, str]:
    return planned(state)['environment']


def is_running(state: testing.State) -> bool:
    return container(state).service_statuses.get('connector') == ops.pebble.ServiceStatus.ACTIVE


def started(state: testing.State) -> set[str]:
    """The containers in which anything was started."""
    return {container.name for container in state.containers if container.service_statuses}
