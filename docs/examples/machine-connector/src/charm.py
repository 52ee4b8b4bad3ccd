#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Charm for the URLhaus connector on machines."""

import ops

import workload
from opencti_connector import (
    ConnectorProvides,
    ConnectorType,
    OpenctiConnectionAvailableEvent,
    OpenctiConnectionInvalidEvent,
    OpenctiConnectionRemovedEvent,
)


class UrlhausConnectorCharm(ops.CharmBase):
    """Runs the URLhaus connector for as long as it is related to OpenCTI."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti = ConnectorProvides(self, connector_type=ConnectorType.EXTERNAL_IMPORT)
        on_opencti = self.opencti.on
        framework.observe(on_opencti.opencti_connection_available, self._on_available)
        framework.observe(on_opencti.opencti_connection_invalid, self._on_invalid)
        framework.observe(on_opencti.opencti_connection_removed, self._on_removed)
        framework.observe(self.on.install, self._on_install)
        framework.observe(self.on.upgrade_charm, self._on_install)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_install(self, event: ops.EventBase) -> None:
        workload.install_connector(self.charm_dir / 'connector')  # As charmcraft.yaml packs it.
        workload.install_service()

    def _on_available(self, event: OpenctiConnectionAvailableEvent) -> None:
        # The event comes again with every change, also of the configuration.
        workload.configure(
            {
                **self.opencti.environment(),
                'CONNECTOR_SCOPE': 'urlhaus',
                'CONNECTOR_LOG_LEVEL': str(self.config['log-level']),
                'URLHAUS_CSV_URL': str(self.config['csv-url']),
            }
        )

    def _on_invalid(self, event: OpenctiConnectionInvalidEvent) -> None:
        workload.stop()

    def _on_removed(self, event: OpenctiConnectionRemovedEvent) -> None:
        workload.stop()

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        event.add_status(self.opencti.get_status())


if __name__ == '__main__':  # pragma: no cover
    ops.main(UrlhausConnectorCharm)
