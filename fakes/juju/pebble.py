# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The Pebble client of `ops.testing`, with a plan and statuses as a real Pebble returns them.

In a real plan every value of an environment is a string, however the layer had it: Pebble reads a
layer into `map[string]string` (`internals/overlord/servstate`, `plan.Service.Environment`). It
writes `=` and `<<` without quotes, and PyYAML, with which `ops` reads the plan, cannot read them.

A service that ended, and that Pebble is about to start again, is in `backoff` (`stateToStatus` in
`internals/overlord/servstate/manager.go`). `ops` passes that on as a text, and `ops.testing` does
not take it.
"""

import functools
from typing import Any

import yaml
from ops import pebble
from scenario import mocking

from . import context

Client = mocking._MockPebbleClient
BACKOFF: Any = 'backoff'
"""The status of a service that Pebble is about to start again."""


def install() -> None:
    """Let the client answer like this in each context that plays the rules."""
    original = Client.get_plan
    add_layer: Any = Client.add_layer
    get_services: Any = Client.get_services
    update_check_infos: Any = Client._update_check_infos_from_plan

    @functools.wraps(original)
    def get_plan(self: Any) -> pebble.Plan:
        plan = original(self)
        is_played = isinstance(self._context, context.Context)
        is_asked = is_played and not getattr(self, '_is_busy', False)
        return as_pebble_returns_it(plan) if is_asked else plan

    @functools.wraps(add_layer)
    def add(self: Any, label: str, layer: Any, **kwargs: Any) -> None:
        # ops sends a text, in which it leaves out what is 0, say.
        add_layer(self, label, layer if isinstance(layer, str) else _written(layer), **kwargs)

    @functools.wraps(get_services)
    def services(self: Any, names: list[str] | None = None) -> list[pebble.ServiceInfo]:
        statuses = self._service_status
        ended = {name: status for name, status in statuses.items() if status == BACKOFF}
        statuses.update(dict.fromkeys(ended, pebble.ServiceStatus.ERROR))
        infos = get_services(self, names)
        statuses.update(ended)
        for info in infos:
            info.current = ended.get(info.name, info.current)
        return infos

    @functools.wraps(update_check_infos)
    def update(self: Any) -> None:
        self._is_busy = True  # It needs the plan as it was.
        try:
            update_check_infos(self)
        finally:
            self._is_busy = False

    Client.get_plan = get_plan
    Client.add_layer = add
    Client.get_services = services
    Client._update_check_infos_from_plan = update


def as_pebble_returns_it(plan: pebble.Plan) -> pebble.Plan:
    """Return a plan as Pebble gives it back.

    Raises:
        yaml.YAMLError: if a value cannot be read back.
    """
    raw: Any = plan.to_dict()
    for service in raw.get('services', {}).values():
        environment = service.get('environment', {})
        service['environment'] = {name: _text(value) for name, value in environment.items()}
    return pebble.Plan(yaml.safe_dump(raw))


def _written(layer: pebble.LayerDict | pebble.Layer) -> str:
    return pebble.Layer(layer).to_yaml() if isinstance(layer, dict) else layer.to_yaml()


def _text(value: object) -> str:
    if value in ('=', '<<'):
        yaml.safe_load(str(value))
    # As it was in the layer that was sent: `true`, `80`, and nothing for nothing.
    return value if isinstance(value, str) else yaml.safe_dump(value).split('\n')[0].strip("'")
