# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A whole connector charm for Kubernetes, to be mixed in."""

import functools
import os

import ops

from . import _environment, _errors
from ._options import ConfigOption, read_options
from ._provides import ConnectorProvides
from ._schema import ConnectorType
from ._secret import unread_secret
from ._workload import Workload

# What says nothing against the workload: it stays as it is until this has passed.
_LEAVES_WORKLOAD_ALONE = (
    _errors.ContainerUnavailable,
    _errors.NotLeader,
    _errors.TooManyRelations,
    _errors.TooManyUnits,
    _errors.WorkloadFailed,
)


class OpenctiConnectorMixin(ops.CharmBase):
    """Makes a charm a connector charm for Kubernetes: `class MyCharm(OpenctiConnectorMixin, ...)`.

    The charm sets `connector_type`, and that is all it has to do. Its metadata must have the
    endpoint `opencti-connector` and a container that is named after the charm.

    At the end of each hook, whatever the hook was, the mixin calls `reconcile` once, and then
    adds what came of it to the unit's status (as an observer of `collect-unit-status`, so that
    the charm can add statuses of its own). There is nothing to observe for it: a further
    relation, say, needs only to be read in `connector_environment`.

    If there is nothing to run the workload with, it is stopped. It is left alone while this unit
    is not the leader, or there are too many units or relations, or Pebble fails.
    """

    connector_type: ConnectorType | str
    """The connector's type, a `ConnectorType` or one's spelling. Each charm has to set it."""

    connector_command: str = 'bash /entrypoint.sh'
    """The command that starts the workload, as a Pebble service takes it."""

    boolean_style: _environment.BooleanStyle = 'json'
    """How booleans are spelled, `json` for `true` and `false`, `python` for `True` and `False`."""

    opencti: ConnectorProvides
    """The endpoint of the relation with OpenCTI."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        if not hasattr(self, 'connector_type'):
            raise TypeError(
                f'{type(self).__name__} must set connector_type to one of '
                f'{", ".join(ConnectorType)}'
            )
        if self.meta.name not in self.meta.containers:
            raise TypeError(
                f"the charm's metadata must have a container that is named {self.meta.name!r}, "
                'as the charm is'
            )
        self.opencti = ConnectorProvides(self, self.connector_type)
        self.framework.observe(self.on.collect_unit_status, self._on_collect_connector_status)

    def check_config(self) -> None:
        """Check the configuration; override it to check more.

        Raises:
            MissingConfiguration: if an option with `optional: false` has no value.
            OpenctiConnectorError: an override may raise `Blocked` (or `NotReady`).
        """
        missing = [o.name for o in self.__options if o.is_required and o.name not in self.config]
        if missing:
            raise _errors.MissingConfiguration(
                f'missing configuration: {", ".join(missing)} (set with juju config)'
            )

    def connector_environment(self) -> dict[str, str]:
        """Return the environment of the workload; override it to add to it.

        It holds what OpenCTI requires, then the configuration, then the model's proxies; what
        comes later wins.

        Raises:
            OpenctiConnectorError: if there is no connection (see
                `ConnectorProvides.get_connection`), or a secret that an option names cannot be
                read. An override may raise `NotReady` (or `Blocked`).
        """
        variables = self.opencti.environment()
        url = variables['OPENCTI_URL']
        variables.update(_environment.config_environment(self.__config(), self.boolean_style))
        variables.update(_environment.proxy_environment(os.environ, url))
        return variables

    def reconcile(self) -> None:
        """Run the workload as the configuration and the connection want it.

        Called once at the end of each hook. An override may do more before or after it.

        Raises:
            OpenctiConnectorError: if it cannot run. The unit's status is then the error's.
        """
        self.check_config()
        self.__workload.run(self.connector_environment())

    # Private names have two underscores, lest a charm's own take their place.

    @property
    def __workload(self) -> Workload:
        container = self.unit.get_container(self.meta.name)
        return Workload(container, self.connector_command, self.meta.name)

    @functools.cached_property
    def __options(self) -> list[ConfigOption]:
        return read_options(self.charm_dir)

    def __config(self) -> dict[str, bool | int | float | str]:
        """Return the options that have a value, with the values that secrets hold."""
        return {
            option.name: self.__secret_value(option.name) if option.is_secret else value
            for option in self.__options
            if (value := self.config.get(option.name)) is not None
        }

    def __secret_value(self, option: str) -> str:
        secret_id = str(self.config[option])
        if not secret_id:
            return ''
        try:
            content = unread_secret(self.framework, secret_id=secret_id).get_content(refresh=True)
        except ops.ModelError:
            raise _errors.SecretUnavailable(
                f'waiting for access to the secret of option {option} (juju grant-secret)'
            ) from None
        if len(content) == 1:
            return next(iter(content.values()))
        if 'value' not in content:
            raise _errors.Blocked(
                f"the secret of option {option} must have a single key, or a key 'value'"
            )
        return content['value']

    def _on_collect_connector_status(self, event: ops.CollectStatusEvent) -> None:
        try:
            if self.app.planned_units() > 1:
                raise _errors.TooManyUnits(
                    'connector charm cannot have multiple units, '
                    'scale down using the `juju scale-application` command'
                )
            self.reconcile()
        except _errors.OpenctiConnectorError as error:
            event.add_status(error.status)
            if not isinstance(error, _LEAVES_WORKLOAD_ALONE):
                self.__stop_workload(event)
        else:
            event.add_status(ops.ActiveStatus())

    def __stop_workload(self, event: ops.CollectStatusEvent) -> None:
        try:
            self.__workload.stop()
        except _errors.OpenctiConnectorError as error:
            event.add_status(error.status)
