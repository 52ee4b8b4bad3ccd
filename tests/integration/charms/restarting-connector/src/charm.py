#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector with an action."""

import ops

from opencti_connector import ConnectorType, OpenctiConnectorError, OpenctiConnectorMixin


class RestartingConnector(OpenctiConnectorMixin, ops.CharmBase):
    """Restarts its workload when it is told to."""

    connector_type = ConnectorType.EXTERNAL_IMPORT

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on.restart_action, self._on_restart)

    def _on_restart(self, event: ops.ActionEvent) -> None:
        try:
            self.connector_workload.restart()
        except OpenctiConnectorError as error:
            event.fail(str(error))


if __name__ == '__main__':
    ops.main(RestartingConnector)
