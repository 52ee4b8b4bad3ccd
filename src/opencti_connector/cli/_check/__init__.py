# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The verb `check`: what is wrong with a relation, from the output of `juju show-unit`.

From a file to its documents, to the units in them, to the relations of the interface, to what the
rules find, to a report.
"""

from .verb import command as command
