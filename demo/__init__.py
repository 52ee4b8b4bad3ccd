# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The example charms, played against each other through the life of a relation."""

import pathlib

EXAMPLES = pathlib.Path(__file__).parent.parent / 'docs' / 'examples'
