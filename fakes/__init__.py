# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Test doubles, each held to the real thing by recorded answers: Juju, and OpenCTI's API."""
