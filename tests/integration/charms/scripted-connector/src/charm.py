#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector with many endpoints, which logs the library's events."""

import ops

import journal
from opencti_connector import ConnectorProvides, ConnectorType


class ScriptedConnector(ops.CharmBase):
    """Logs the library's events of each of its endpoints."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self._ends = {
            name: ConnectorProvides(
                self, connector_type=ConnectorType.EXTERNAL_IMPORT, relation_name=name
            )
            for name in self.meta.provides
        }
        for end in self._ends.values():
            framework.observe(end.on.opencti_connection_available, self._on_told)
            framework.observe(end.on.opencti_connection_invalid, self._on_told)
            framework.observe(end.on.opencti_connection_removed, self._on_told)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_told(self, event: ops.EventBase) -> None:
        deferred = bool(self.config['defer'])
        connection = self._ends[event.relation_name].connection
        journal.write(
            event.handle.kind,
            relation=event.relation_id,
            url=connection and connection.url,
            token=connection and journal.digest(connection.token.get_secret_value()),
            error=getattr(event, 'error', None),
            deferred=deferred,
        )
        if deferred:
            event.defer()

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        for name, end in self._ends.items():
            # All but the first are there for the tests that want many.
            if name == 'opencti-connector' or end.relation is not None:
                event.add_status(end.get_status())


if __name__ == '__main__':
    ops.main(ScriptedConnector)
