# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand `update`: newer metadata for a charm that exists."""
