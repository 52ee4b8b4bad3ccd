#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Charm for the Wazuh alerts connector on Kubernetes, which also needs OpenSearch."""

import ops

from opencti_connector import Blocked, ConnectorType, OpenctiConnectorMixin
from opensearch import OpenSearch

_LOG_LEVELS = ('debug', 'info', 'warn', 'error')


class WazuhAlertsConnectorCharm(OpenctiConnectorMixin, ops.CharmBase):
    """Runs the Wazuh alerts connector for as long as it has OpenCTI and OpenSearch."""

    connector_type = ConnectorType.EXTERNAL_IMPORT

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opensearch = OpenSearch(self, self.connector_workload)

    def check_config(self) -> None:
        super().check_config()
        if self.config['connector-log-level'] not in _LOG_LEVELS:
            raise Blocked(f'connector-log-level: must be one of {", ".join(_LOG_LEVELS)}')
        if not 0 <= int(self.config['wazuh-min-severity']) <= 15:
            raise Blocked('wazuh-min-severity: must be from 0 to 15')

    def connector_environment(self) -> dict[str, str]:
        return {
            **super().connector_environment(),
            'CONNECTOR_SCOPE': 'wazuh',
            **self.opensearch.environment(),
        }


if __name__ == '__main__':  # pragma: no cover
    ops.main(WazuhAlertsConnectorCharm)
