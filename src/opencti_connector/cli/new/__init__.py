# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand `new`: from upstream's metadata to a charm."""
