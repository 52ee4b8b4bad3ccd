# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`OpenctiRequires`, the OpenCTI charm's end.

No other folder imports it. It imports what both ends know, and nothing of the connector's end.
"""
