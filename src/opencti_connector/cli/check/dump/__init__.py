# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Reads the output of `juju show-unit`, with whatever people paste around it."""
