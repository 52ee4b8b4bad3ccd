# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand `check`: what is wrong with a relation.

It reads the output of `juju show-unit` from files, or asks `juju` itself. From both come units and
their relations of the interface, to which the same rules apply; then it reports what they find.
"""

from .subcommand import command as command
