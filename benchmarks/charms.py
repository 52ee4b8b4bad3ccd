# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The charms to measure, and a bare one that observes the same hooks."""

from typing import Any

import ops

from demo import EXAMPLES
from fakes import juju
from opencti_connector import ConnectorAvailableEvent, ConnectorProvides, OpenctiRequires

ENDPOINT = {'interface': 'opencti_connector'}
CONNECTOR: dict[str, Any] = {
    'meta': {'name': 'a-connector', 'provides': {'opencti-connector': ENDPOINT}}
}
OPENCTI: dict[str, Any] = {
    'meta': {'name': 'opencti', 'requires': {'opencti-connector': ENDPOINT}},
    'config': {'options': {'token': {'type': 'string', 'default': 'a-token'}}},
}
CONTAINER = 'opencti-crowdstrike-connector'
K8sCharm = juju.load_charm(EXAMPLES / 'k8s-connector')


class ConnectorCharm(ops.CharmBase):
    """The endpoint object, and a status."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti = ConnectorProvides(self, 'EXTERNAL_IMPORT')
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        event.add_status(self.opencti.get_status())


class OpenctiCharm(ops.CharmBase):
    """The endpoint object, which answers each connector."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.connectors = OpenctiRequires(self)
        framework.observe(self.connectors.on.connector_available, self._on_available)

    def _on_available(self, event: ConnectorAvailableEvent) -> None:
        token = str(self.config['token'])
        self.connectors.publish_connection(event.relation, url='http://opencti', token=token)


class MakingOpenctiCharm(OpenctiCharm):
    """Makes a token where none is published."""

    def _on_available(self, event: ConnectorAvailableEvent) -> None:
        self.connectors.publish_connection(
            event.relation, url='http://opencti', token=lambda: str(self.config['token'])
        )


class BareCharm(ops.CharmBase):
    """Observes what the others observe, and does nothing."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        on_relation = self.on['opencti-connector']
        for event in (
            self.on.config_changed,
            self.on.leader_elected,
            self.on.secret_changed,
            self.on.update_status,
            self.on.upgrade_charm,
            on_relation.relation_created,
            on_relation.relation_joined,
            on_relation.relation_changed,
            on_relation.relation_broken,
        ):
            framework.observe(event, self._on_event)

    def _on_event(self, event: ops.EventBase) -> None:
        pass
