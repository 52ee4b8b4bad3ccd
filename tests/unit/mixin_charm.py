# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A unit of a charm that is just the mixin, and how to look at its workload."""

import dataclasses
import subprocess
from collections.abc import Callable
from typing import Any

import ops
from ops import testing

from opencti_connector import OpenctiConnectorMixin

from .conftest import CONNECTOR_ID, TOKEN, URL, Context, connected, only_relation, replace_relation

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
    app_name: str = 'test-connector',
    actions: dict[str, Any] | None = None,
) -> Context:
    return Context(
        charm_type,
        {
            'name': name,
            'containers': {name: {}},
            'provides': {'opencti-connector': {'interface': 'opencti_connector', 'limit': 1}},
        },
        config={'options': options},
        actions=actions,
        app_name=app_name,
    )


def ready_state(**changes: Any) -> testing.State:
    """All that a workload needs to run, before it has been started."""
    related, secret = connected(connector_id=CONNECTOR_ID)
    state = testing.State(
        leader=True,
        planned_units=1,
        config=CONFIG,
        relations={related},
        secrets={secret},
        containers={testing.Container(NAME, can_connect=True)},
    )
    return dataclasses.replace(state, **changes)


def run(
    state: testing.State,
    charm_type: type[ops.CharmBase] = MixinCharm,
    event: str = 'update_status',
    **kwargs: Any,
) -> testing.State:
    context = mixin_context(charm_type, **kwargs)
    if event.startswith('relation'):
        return context.run(getattr(context.on, event)(only_relation(state)), state)
    if event == 'pebble_ready':
        return context.run(context.on.pebble_ready(state.get_container(NAME)), state)
    return context.run(getattr(context.on, event)(), state)


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


def failed(*command: str) -> Exception:
    """The failure of a program of Juju's, which ops keeps as the cause of its own error."""
    if hasattr(ops, 'hookcmds'):
        return ops.hookcmds.Error(returncode=1, cmd=[*command])
    path, *arguments = command
    return subprocess.CalledProcessError(1, [f'/var/lib/juju/tools/{path}', *arguments])


def is_running(state: testing.State) -> bool:
    return container(state).service_statuses.get('connector') == ops.pebble.ServiceStatus.ACTIVE


Change = Callable[[testing.State], testing.State]


def without_relation(state: testing.State) -> testing.State:
    return dataclasses.replace(state, relations=set(), secrets=set())


def without_data(state: testing.State) -> testing.State:
    return replace_relation(state, remote_app_data={})


def with_garbage(state: testing.State) -> testing.State:
    return replace_relation(state, remote_app_data={'opencti_url': URL, 'opencti_token': TOKEN})


def without_secret(state: testing.State) -> testing.State:
    return dataclasses.replace(state, secrets=set())


def without_config(state: testing.State) -> testing.State:
    return dataclasses.replace(state, config={})
