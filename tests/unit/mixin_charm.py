# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A unit of a charm that is just the mixin, and how to look at its workload."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import ops
from ops import testing

from opencti_connector import (
    Blocked,
    ConnectorProvides,
    ConnectorWorkload,
    NotReady,
    OpenctiConnectorMixin,
)

from .conftest import CONNECTOR_ID, NEW_TOKEN, TOKEN, Context, connected_state, only_relation

NAME = 'opencti-test-connector'

OPTIONS = {
    'api-key': {'type': 'string', 'optional': False},
    'log-level': {'type': 'string', 'optional': False, 'default': 'info'},
    'interval': {'type': 'int'},
    'verify': {'type': 'boolean', 'optional': True},
}

CONFIG = {'api-key': 'a-key'}


class MixinCharm(OpenctiConnectorMixin, ops.CharmBase):
    connector_type = 'EXTERNAL_IMPORT'


def mixin_context(
    charm_type: type[ops.CharmBase] = MixinCharm,
    options: dict[str, Any] = OPTIONS,
    name: str = NAME,
    *,
    containers: Iterable[str] | None = None,
    endpoints: Iterable[str] = ('opencti-connector',),
    **more: Any,
) -> Context:
    endpoint = {'interface': 'opencti_connector', 'limit': 1}
    meta = {
        'name': name,
        'containers': {each: {} for each in ([name] if containers is None else containers)},
        'provides': dict.fromkeys(endpoints, endpoint),
    }
    more = {'app_name': 'test-connector', **more}
    return Context(charm_type, meta, config={'options': options}, **more)


def ready_state(containers: Iterable[str] = (NAME,), **changes: Any) -> testing.State:
    """All that a workload needs to run, before it has been started."""
    state = connected_state(connector_id=CONNECTOR_ID)
    ready = {testing.Container(name, can_connect=True) for name in containers}
    return dataclasses.replace(state, **{'config': CONFIG, 'containers': ready, **changes})


def run(
    state: testing.State,
    charm_type: type[ops.CharmBase] = MixinCharm,
    event: str = 'update_status',
    **kwargs: Any,
) -> testing.State:
    context = mixin_context(charm_type, **kwargs)
    about: list[Any] = []
    if event.startswith('relation'):
        about = [only_relation(state)]
    elif event == 'pebble_ready':
        about = [container(state)]
    elif event == 'secret_changed':
        about = [*state.secrets]
    return context.run(getattr(context.on, event)(*about), state)


def running(**changes: Any) -> testing.State:
    """The state in which the workload runs."""
    state = run(ready_state())
    assert is_running(state)
    return dataclasses.replace(state, **changes)


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


Further = Callable[[ops.CharmBase], Any]


def mixed_in(further: Further | None = None, config_type: Any = None) -> type[ops.CharmBase]:
    """A charm with the mixin, that has further variables or a typed configuration."""

    class Charm(MixinCharm):
        def connector_environment(self) -> dict[str, str]:
            own = super().connector_environment()
            return own if further is None else {**own, **further(self)}

        @property
        def workload(self) -> ConnectorWorkload:
            return self.connector_workload

    Charm.config_type = config_type
    return _with_actions(Charm)


def composed(further: Further | None = None, config_type: Any = None) -> type[ops.CharmBase]:
    """The same by composition."""

    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            self.opencti = ConnectorProvides(self, 'EXTERNAL_IMPORT')
            self.workload = ConnectorWorkload(
                self,
                self.opencti,
                config_type=config_type,
                environment=None if further is None else lambda: further(self),
            )

    return _with_actions(Charm)


def _with_actions(charm_type: type[ops.CharmBase]) -> type[ops.CharmBase]:
    class Charm(charm_type):  # type: ignore[misc]
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.stop_it_action, self._on_stop)
            framework.observe(self.on.restart_action, self._on_restart)

        def _on_stop(self, event: ops.ActionEvent) -> None:
            self.unit.get_container(NAME).stop('connector')

        def _on_restart(self, event: ops.ActionEvent) -> None:
            try:
                self.workload.restart()
            except (NotReady, Blocked) as error:
                event.fail(str(error))

    return Charm


ACTIONS: dict[str, Any] = {'restart': {}, 'stop-it': {}}


def act(name: str, state: testing.State, charm_type: type[ops.CharmBase]) -> testing.State:
    context = mixin_context(charm_type, actions=ACTIONS)
    return context.run(context.on.action(name), state)


def hook(state: testing.State, charm_type: type[ops.CharmBase], **kwargs: Any) -> testing.State:
    return run(state, charm_type, actions=ACTIONS, **kwargs)
