# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What can be wrong with a relation, as far as `juju show-unit` shows it."""
