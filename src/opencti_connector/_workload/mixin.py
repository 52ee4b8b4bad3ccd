# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A mixin that makes a charm a whole connector charm for Kubernetes."""

from typing import TYPE_CHECKING, Any

import ops

from .. import _relation
from .._provides import ConnectorProvides
from .workload import ConnectorWorkload

_Charm = ops.CharmBase if TYPE_CHECKING else object


class OpenctiConnectorMixin(_Charm):
    """Makes a charm a connector charm: `class MyCharm(OpenctiConnectorMixin, ops.CharmBase)`.

    It creates a `ConnectorProvides` and a `ConnectorWorkload` from the charm's attributes and
    methods, and does nothing else. The charm has to set only `connector_type`. By default, its
    metadata must have the endpoint `opencti-connector` and a container.

    Raises:
        TypeError: if the charm does not set `connector_type`, or is not an `ops.CharmBase`.
    """

    connector_type: Any
    """The connector's type, a `ConnectorType` or its value. Each charm has to set it."""

    relation_name: Any = 'opencti-connector'
    """The name of the endpoint of the relation with OpenCTI."""

    connector_charm_name: Any = None
    """The charm's name, as published to OpenCTI; `None` for the name in the metadata."""

    container: Any = None
    """The container's name; `None` for the one named after the charm, else the only one."""

    connector_command: Any = 'bash /entrypoint.sh'
    """The command that starts the workload, as a Pebble service takes it."""

    working_dir: Any = None
    """The directory in which the command starts; `None` for the image's own."""

    connector_user: Any = None
    """Who runs the command, as `USER` in a Dockerfile says it; `None` for root, as Juju has it."""

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
                f'{", ".join(_relation.ConnectorType)}'
            )
        self.opencti = ConnectorProvides(
            self,
            self.connector_type,
            relation_name=self.relation_name,
            connector_charm_name=self.connector_charm_name,
        )
        self.connector_workload = self.__workload = _MixinWorkload(
            self,
            self.opencti,
            container=self.container,
            command=self.connector_command,
            working_dir=self.working_dir,
            user=self.connector_user,
            boolean_style=self.boolean_style,
            config_type=self.config_type,
        )

    def check_config(self) -> None:
        """Check the configuration; override it to check more. It may raise `Blocked`."""
        self.connector_workload.check_config()

    def connector_environment(self) -> dict[str, str]:
        """Return the environment of the workload; override it to add to what this returns.

        An override calls `super().connector_environment()`. To ask
        `connector_workload.environment()` there would ask the override again.

        An override may raise `NotReady` or `Blocked`, or the error of a secret that it cannot
        read (see `ConnectorWorkload.read_secret`).
        """
        return ConnectorWorkload._environment(self.__workload)

    def reconcile(self) -> None:
        """Run the workload, at the end of each hook; override it to do more before or after.

        Raises:
            OpenctiConnectorError: if the workload cannot run. The end of the hook turns it into
                the status, and stops the workload if it must not run. A handler that calls this
                method has to catch it.
        """
        self.connector_workload.reconcile()


class _MixinWorkload(ConnectorWorkload):
    """A workload whose steps the charm may override."""

    # ops keeps what a workload stores under this name, and a charm that composes one has the same.
    handle_kind = 'ConnectorWorkload'

    _charm: OpenctiConnectorMixin

    def _check_config(self) -> None:
        self._charm.check_config()

    def _environment(self) -> dict[str, str]:
        return self._charm.connector_environment()

    def _reconcile(self) -> None:
        self._charm.reconcile()
