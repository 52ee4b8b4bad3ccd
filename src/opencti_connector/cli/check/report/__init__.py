# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Tells what was found: to people, or to scripts."""
