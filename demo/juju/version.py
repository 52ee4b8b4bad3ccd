# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The versions of Juju whose rules are played, where they differ."""

import enum


class Version(enum.Enum):
    """A version of Juju, which `ops` is told."""

    V3_6 = '3.6.28'
    V4_0 = '4.0.15'
