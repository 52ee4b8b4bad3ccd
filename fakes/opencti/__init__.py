# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The part of OpenCTI's platform that charms and connectors talk to, as a real HTTP server.

It executes a subset of OpenCTI's published GraphQL schema, and refuses what OpenCTI refuses.
`python -m fakes.opencti` runs it as a process of its own.
"""

from .server import ADMIN_TOKEN as ADMIN_TOKEN
from .server import Fault as Fault
from .server import Platform as Platform
from .state import ACTIVE as ACTIVE
from .state import BEFORE_TOKENS as BEFORE_TOKENS
from .state import CURRENT as CURRENT
from .state import INACTIVE as INACTIVE
