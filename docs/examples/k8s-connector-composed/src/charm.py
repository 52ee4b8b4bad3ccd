#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Charm for the CrowdStrike connector on Kubernetes, by composition."""

import ops

from opencti_connector import ConnectorProvides, ConnectorType, ConnectorWorkload


class CrowdstrikeConnectorCharm(ops.CharmBase):
    """Runs the CrowdStrike connector for as long as it is configured and related to OpenCTI."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti = ConnectorProvides(self, ConnectorType.EXTERNAL_IMPORT)
        self.workload = ConnectorWorkload(self, self.opencti)


if __name__ == '__main__':  # pragma: no cover
    ops.main(CrowdstrikeConnectorCharm)
