# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm, and what it is made of: how its files are read, rendered and written."""
