# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand `check`: what is wrong with a relation, from the output of `juju show-unit`.

It reads the documents of a file, the units in them and their relations of the interface, applies
the rules and reports what they find.
"""

from .subcommand import command as command
