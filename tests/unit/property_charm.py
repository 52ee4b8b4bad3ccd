# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm whose settings are properties, as pyright has to take them."""

import ops

from opencti_connector import OpenctiConnectorMixin


class PropertyCharm(OpenctiConnectorMixin, ops.CharmBase):
    @property
    def connector_type(self) -> str:
        return 'STREAM'

    @property
    def boolean_style(self) -> str:
        return 'python'
