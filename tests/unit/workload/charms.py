# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm that is just the mixin, and charms that add to it or to its composed twin."""

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

from ..charms import Context
from ..states import only_relation
from .looks import container

NAME = 'opencti-test-connector'

OPTIONS = {
    'api-key': {'type': 'string', 'optional': False},
    'log-level': {'type': 'string', 'optional': False, 'default': 'info'},
    'interval': {'type': 'int'},
    'verify': {'type': 'boolean', 'optional': True},
}

CONFIG = {'api-key': 'a-key'}

ACTIONS: dict[str, Any] = {'restart': {}, 'stop-it': {}}


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


def act(name: str, state: testing.State, charm_type: type[ops.CharmBase]) -> testing.State:
    context = mixin_context(charm_type, actions=ACTIONS)
    return context.run(context.on.action(name), state)


def hook(state: testing.State, charm_type: type[ops.CharmBase], **kwargs: Any) -> testing.State:
    return run(state, charm_type, actions=ACTIONS, **kwargs)
