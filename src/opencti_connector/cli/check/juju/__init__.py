# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Asks `juju` itself, and changes nothing."""
