# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`ConnectorProvides`, the connector charm's end.

The workload imports it. It imports what both ends know, and nothing of OpenCTI's end.
"""

from .endpoint import ConnectorProvides as ConnectorProvides
