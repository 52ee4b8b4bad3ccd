# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A mixin that makes a charm a whole connector charm for Kubernetes."""

from typing import TYPE_CHECKING, Any

import ops

from . import _schema
from ._mixin_workload import MixinWorkload
from ._provides import ConnectorProvides
from ._workload import ConnectorWorkload

_Charm = ops.CharmBase if TYPE_CHECKING else object


class OpenctiConnectorMixin(_Charm):
    """Makes a charm a connector charm: `class MyCharm(OpenctiConnectorMixin, ops.CharmBase)`.

    It creates a `ConnectorProvides` and a `ConnectorWorkload` from the charm's attributes and
    methods, and does nothing else. The charm has to set only `connector_type`. Its metadata must
    have the endpoint `opencti-connector` and a container.

    Raises:
        TypeError: if the charm does not set `connector_type`, or is not an `ops.CharmBase`.
    """

    connector_type: Any
    """The connector's type, a `ConnectorType` or its value. Each charm has to set it."""

    connector_command: Any = 'bash /entrypoint.sh'
    """The command that starts the workload, as a Pebble service takes it."""

    working_dir: Any = None
    """The directory in which the command starts; `None` for the image's own."""

    boolean_style: Any = 'json'
    """How booleans are spelled, `json` for `true` and `false`, `python` for `True` and `False`."""

    config_type: Any = None
    """The class of the typed configuration, see `ConnectorWorkload`."""

    opencti: ConnectorProvides
    """The endpoint of the relation with OpenCTI."""

    connector_workload: ConnectorWorkload
    """The workload."""

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        bases = cls.mro()
        if ops.CharmBase in bases[: bases.index(OpenctiConnectorMixin)]:
            raise TypeError(
                f'class {cls.__name__} must have OpenctiConnectorMixin before ops.CharmBase'
            )

    def __init__(self, framework: ops.Framework):
        if not isinstance(self, ops.CharmBase):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f'class {type(self).__name__} must inherit from ops.CharmBase, too')
        super().__init__(framework)
        if not hasattr(self, 'connector_type'):
            raise TypeError(
                f'{type(self).__name__} must set connector_type to one of '
                f'{", ".join(_schema.ConnectorType)}'
            )
        self.opencti = ConnectorProvides(self, self.connector_type)
        self.connector_workload = MixinWorkload(self, self.opencti)

    def check_config(self) -> None:
        """Check the configuration; override it to check more. It may raise `Blocked`."""
        self.connector_workload.check_config()

    def connector_environment(self) -> dict[str, str]:
        """Return the environment of the workload; override it to add to what this returns.

        An override may raise `NotReady` or `Blocked`, or the error of a secret that it cannot
        read.
        """
        return self.connector_workload.environment()

    def reconcile(self) -> None:
        """Run the workload, at the end of each hook; override it to do more before or after."""
        self.connector_workload.reconcile()
