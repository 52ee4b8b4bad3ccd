# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The versions of Juju whose rules are played."""

import enum


class Version(enum.Enum):
    """A version of Juju, as `ops` sees it."""

    V3_6 = '3.6.28'
    V4_0 = '4.0.15'
