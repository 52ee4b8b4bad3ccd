#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Charm for the CrowdStrike connector on Kubernetes."""

import ops

from opencti_connector import OpenctiConnectorMixin


class CrowdstrikeConnectorCharm(OpenctiConnectorMixin, ops.CharmBase):
    """Runs the CrowdStrike connector for as long as it is configured and related to OpenCTI."""

    connector_type = 'EXTERNAL_IMPORT'


if __name__ == '__main__':  # pragma: no cover
    ops.main(CrowdstrikeConnectorCharm)
