# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The mixin's workload."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ._provides import ConnectorProvides
from ._workload import ConnectorWorkload

if TYPE_CHECKING:
    from ._mixin import OpenctiConnectorMixin


class MixinWorkload(ConnectorWorkload):
    """A workload made from the charm's attributes, whose steps the charm may override."""

    def __init__(self, charm: 'OpenctiConnectorMixin', opencti: ConnectorProvides):
        super().__init__(
            charm,
            opencti,
            command=charm.connector_command,
            working_dir=charm.working_dir,
            boolean_style=charm.boolean_style,
            config_type=charm.config_type,
        )
        self._mixin = charm

    def _check_config(self) -> None:
        self._mixin.check_config()

    def _environment(self) -> Mapping[str, str]:
        return self._mixin.connector_environment()

    def _reconcile(self) -> None:
        self._mixin.reconcile()
