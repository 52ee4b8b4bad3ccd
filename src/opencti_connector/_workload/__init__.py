# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`ConnectorWorkload` and the mixin: runs a connector in a container, on top of its end.

No other folder imports it.
"""
