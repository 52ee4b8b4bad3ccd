# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What earlier hooks left in memory."""

import ops

from opencti_connector import ConnectorProvides, OpenctiRequires


def free() -> None:
    """Let earlier hooks go: ops keeps each object whose `on` was asked for, and all it knows."""
    for owner in (ops.Framework, ConnectorProvides, OpenctiRequires):
        owner.on._cache.clear()
