# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm's files: how they are read, rendered and written."""
