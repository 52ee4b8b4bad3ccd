# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the library costs a hook."""
