# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From the metadata of a connector, as upstream publishes it, to options and names."""
