# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand `update`: newer metadata for a charm that exists."""

from .subcommand import command as command
