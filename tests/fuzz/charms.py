# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The charms whose histories are tried: one for each way of using the library."""

import contextlib
from typing import Any, ClassVar

import ops

from opencti_connector import (
    ConnectorAvailableEvent,
    ConnectorProvides,
    ConnectorRemovedEvent,
    OpenctiConnectorError,
    OpenctiConnectorMixin,
    OpenctiRequires,
)

ENDPOINT = {'interface': 'opencti_connector'}
CONTAINER = 'opencti-mixin-connector'

MIXIN: dict[str, Any] = {
    'meta': {
        'name': CONTAINER,
        'provides': {'opencti-connector': ENDPOINT},
        'containers': {CONTAINER: {}},
    },
    'config': {
        'options': {
            'api-key': {'type': 'string', 'optional': False},
            'level': {'type': 'string', 'default': 'info'},
        }
    },
}
EVENTS: dict[str, Any] = {
    'meta': {
        'name': 'opencti-events-connector',
        'provides': {'opencti-connector': ENDPOINT},
    },
    'config': {'options': {'defer': {'type': 'boolean', 'default': False}}},
}
OPENCTI: dict[str, Any] = {
    'meta': {'name': 'opencti', 'requires': {'opencti-connector': ENDPOINT}},
    'config': {
        'options': {
            'url': {'type': 'string', 'default': 'http://opencti.example:8080'},
            'generation': {'type': 'int', 'default': 0},
            'withdraws': {'type': 'boolean', 'default': False},
        }
    },
}


class MixinCharm(OpenctiConnectorMixin, ops.CharmBase):
    connector_type = 'EXTERNAL_IMPORT'


class EventsCharm(ops.CharmBase):
    """Lives by the events alone; its workload is an environment, or nothing."""

    workload: ClassVar[dict[str, str] | None] = None

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti = ConnectorProvides(self, 'INTERNAL_EXPORT_FILE')
        framework.observe(self.opencti.on.opencti_connection_available, self._on_available)
        framework.observe(self.opencti.on.opencti_connection_invalid, self._on_gone)
        framework.observe(self.opencti.on.opencti_connection_removed, self._on_gone)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_available(self, event: ops.EventBase):
        if self.config['defer']:
            event.defer()
            return
        with contextlib.suppress(OpenctiConnectorError):  # Deferred, and no longer true.
            EventsCharm.workload = self.opencti.environment()

    def _on_gone(self, event: ops.EventBase):
        EventsCharm.workload = None

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        event.add_status(self.opencti.get_status())


class OpenctiCharm(ops.CharmBase):
    """Gives each account a token that tells whose it is; the generation rotates all of them."""

    accounts: ClassVar[set[str]] = set()

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.connectors = OpenctiRequires(self)
        framework.observe(self.connectors.on.connector_available, self._on_available)
        framework.observe(self.connectors.on.connector_removed, self._on_removed)

    def _on_available(self, event: ConnectorAvailableEvent):
        if self.config['withdraws']:
            self.connectors.withdraw_connection(event.relation)
            return
        name = event.connector.user_name
        self.accounts.add(name)
        self.connectors.publish_connection(
            event.relation, url=str(self.config['url']), token=token(name, self.config)
        )

    def _on_removed(self, event: ConnectorRemovedEvent):
        self.accounts.discard(event.user_name)


def token(user_name: str, config: Any) -> str:
    return f's3cr3t-{user_name}-{config["generation"]}'
