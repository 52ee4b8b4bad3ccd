# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""States of a workload that can run."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import ops
from ops import testing

from ..states import connected_state
from ..values import CONNECTOR_ID, NEW_TOKEN, TOKEN
from .charms import CONFIG, NAME, run
from .looks import container, is_running


def ready_state(containers: Iterable[str] = (NAME,), **changes: Any) -> testing.State:
    """All that a workload needs to run, before it has been started."""
    state = connected_state(connector_id=CONNECTOR_ID)
    ready = {testing.Container(name, can_connect=True) for name in containers}
    return dataclasses.replace(state, **{'config': CONFIG, 'containers': ready, **changes})


def running(**changes: Any) -> testing.State:
    """The state in which the workload runs."""
    state = run(ready_state())
    assert is_running(state)
    return dataclasses.replace(state, **changes)


def without_relation(state: testing.State) -> testing.State:
    return dataclasses.replace(state, relations=set(), secrets=set())


def replace_container(state: testing.State, **changes: Any) -> testing.State:
    """The state with its only container changed."""
    changed = dataclasses.replace(container(state), **changes)
    return dataclasses.replace(state, containers={changed})


def with_failed_service(state: testing.State) -> testing.State:
    statuses = {'connector': ops.pebble.ServiceStatus.ERROR}
    return replace_container(state, service_statuses=statuses)


def with_rotated_token(state: testing.State) -> testing.State:
    """The state after OpenCTI put another token into its secret."""
    (secret,) = state.secrets
    rotated = testing.Secret({'token': TOKEN}, latest_content={'token': NEW_TOKEN}, id=secret.id)
    return dataclasses.replace(state, secrets={rotated})
