# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector's workload on Kubernetes, as an object that a charm composes."""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, get_args

import ops

from .. import _errors, _juju
from .._provides import ConnectorProvides
from .configuration import Configuration
from .environment import BooleanStyle, as_text, proxy_environment
from .service import SERVICE, Service

logger = logging.getLogger(__name__)

_OPENCTI_VARIABLES = frozenset(
    ('OPENCTI_URL', 'OPENCTI_TOKEN', 'CONNECTOR_ID', 'CONNECTOR_NAME', 'CONNECTOR_TYPE')
)


class ConnectorWorkload(ops.Object):
    """Runs a connector as one Pebble service of a container.

    Create it beside the `ConnectorProvides`::

        self.opencti = ConnectorProvides(self, ConnectorType.EXTERNAL_IMPORT)
        self.workload = ConnectorWorkload(self, self.opencti)

    At the end of each hook, after the charm's own handlers, it starts, restarts or stops the
    workload as the configuration and the connection require, and adds the result to the unit's
    status (it observes `collect-unit-status`). It does so earlier, too, when the charm asks for
    the status. In an action it changes nothing by itself.

    The workload runs with the connection, the configuration and the model's proxies as environment
    variables. It restarts when they change, and stops when the connection or the configuration is
    not usable. With other problems it stays as it is: this unit is not the leader, Pebble or Juju
    does not answer, there are too many units or relations. The layer and the service are both
    called `connector`.

    Args:
        charm: The charm that has the container.
        opencti: The endpoint of the relation with OpenCTI.
        container: The container's name. The default is the container named after the charm, else
            the only one.
        command: The command that starts the workload, as a Pebble service takes it.
        working_dir: The directory in which the command starts; by default the image's own.
        user: Who runs the command, as `USER` in a Dockerfile says it: `name`, `name:group`, or
            their ids. By default Pebble's user, whom Juju makes root, whatever the image says. A
            user that the image does not know needs a group, `1000:0`, say.
        boolean_style: How booleans are spelled in variables: `json` for `true` and `false`,
            `python` for `True` and `False`.
        config_type: The class of the charm's typed configuration, a pydantic model or a dataclass,
            as `ops.CharmBase.load_config` takes it. If it refuses a value, the unit is blocked.
        environment: A callable that returns further variables; they come last. It may raise
            `NotReady` or `Blocked`, or the error of a secret that it cannot read.

    Raises:
        TypeError: if an argument is of the wrong type.
        ValueError: if there is no such container or style, an option's name makes no variable or
            the same as another's, or Juju or charmcraft would refuse the file with the options.
        FileNotFoundError: if `charm_dir` has no file that can declare options.
    """

    _stored = ops.StoredState()

    def __init__(
        self,
        charm: ops.CharmBase,
        opencti: ConnectorProvides,
        *,
        container: str | None = None,
        command: str = 'bash /entrypoint.sh',
        working_dir: str | None = None,
        user: str | None = None,
        boolean_style: BooleanStyle = 'json',
        config_type: type[Any] | None = None,
        environment: Callable[[], Mapping[str, Any]] | None = None,
    ):
        # These mistakes would show late, or in a status only. Others fail in each hook.
        if not isinstance(command, str) or not command.strip():  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f'command: must be a text that is not empty, not {command!r}')
        styles = get_args(BooleanStyle)
        if boolean_style not in styles:
            raise ValueError(
                f'boolean_style: must be one of {", ".join(styles)}, not {boolean_style!r}'
            )
        if environment is not None and not callable(environment):
            raise TypeError('environment: must be a callable that returns variables')
        name = _container_name(charm, container)
        super().__init__(charm, f'connector-workload-{name}')
        self._charm = charm
        self._opencti = opencti
        self._boolean_style: BooleanStyle = boolean_style
        self._further = environment
        container_ = charm.unit.get_container(name)
        self._service = Service(container_, command, working_dir, user, self._stored)
        self._show_log = (
            f'juju ssh --container {name} {charm.unit.name} /charm/bin/pebble logs {SERVICE}'
        )
        self._configuration = Configuration(charm, config_type, boolean_style)
        self._status: ops.StatusBase | None = None
        self._must_restart = False
        self._is_reconciling = False  # An override may ask for the status meanwhile.
        self.framework.observe(charm.on.collect_unit_status, self._on_collect_unit_status)

    def check_config(self) -> None:
        """Check the configuration.

        Raises:
            Blocked: if a required option has no value, an option has a value that cannot be used,
                or a secret that an option names cannot be read.
            SecretReadFailed: if Juju could not answer.
        """
        self._configuration.check()

    def environment(self) -> dict[str, str]:
        """Return the environment of the workload.

        It holds what OpenCTI requires, then the configuration, then the model's proxies, then what
        the charm adds; what comes later wins.

        Raises:
            TypeError: if the charm adds a value that is not a text, number or boolean.
            OpenctiConnectorError: if there is no connection (see
                `ConnectorProvides.get_connection`), or a secret cannot be read.
        """
        with _juju.typed_errors():
            variables = self._as_texts(self._environment())
        missing = sorted(_OPENCTI_VARIABLES - variables.keys())
        if missing:
            raise TypeError(
                f'the environment lacks {", ".join(missing)}: an override of '
                'connector_environment() must add to what super() returns'
            )
        return variables

    def read_secret(self, secret_id: str, *, what: str = 'a secret') -> dict[str, str]:
        """Read the newest revision of a secret that another application or a person shares.

        Use it for a further secret of the workload, such as a database's password. The
        `environment` of the workload, or an override of the mixin's, may raise these errors.

        Args:
            secret_id: The secret's id, as a databag or an option holds it.
            what: What the secret is, for the error's text, which can be a status message.

        Raises:
            SecretUnavailable: if the secret does not exist, or is not granted (yet).
            SecretReadFailed: if Juju could not answer. A later hook may succeed.
            InvalidRelationData: if `secret_id` cannot be the id of a secret.
        """
        return _juju.read_secret(self.framework, secret_id, what)

    def reconcile(self) -> None:
        """Run the workload with the current configuration and connection.

        This happens at the end of each hook. Call it to have the workload run earlier.

        Raises:
            OpenctiConnectorError: if the workload cannot run. This does not stop it: the end of
                the hook does, if it must not run, and turns the error into the status. A handler
                that calls this method has to catch it.
        """
        self._service.run(self._wanted_environment(), restart=self._must_restart)

    def restart(self) -> None:
        """Restart the workload, for a charm's action. Start it if it is stopped.

        Raises:
            NotReady: if there is no connection yet, or the container does not answer.
            Blocked: if the workload should not run, for the reason that the status gives.
        """
        self._must_restart = True
        try:
            self._run()
        finally:
            self._must_restart = False

    def get_status(self) -> ops.StatusBase:
        """Return what the workload means for the unit's status.

        In a hook, this runs the workload first, as the end of the hook does. So an answer is as
        good in `collect-app-status` as in `collect-unit-status`, which comes after it. What
        changes later in the hook still counts at its end: ask as late as you can.

        Returns:
            Active if the workload runs and has all that it needs, else blocked or waiting.
        """
        if self._status is not None:
            return self._status
        # Juju sets this variable in actions only.
        if not self._is_reconciling and not os.environ.get('JUJU_ACTION_NAME'):
            return self._reconciled()
        try:
            self._wanted_environment()
            self._service.check()
        except _errors.OpenctiConnectorError as error:
            return error.status
        return ops.ActiveStatus()

    # The steps of a reconciliation. The mixin lets its charm override them.

    def _check_config(self) -> None:
        self.check_config()

    def _environment(self) -> dict[str, str]:
        variables = self._opencti.environment()
        url = variables['OPENCTI_URL']
        variables.update(self._configuration.environment())
        variables.update(proxy_environment(os.environ, url))
        if self._further is not None:
            variables.update(self._as_texts(self._further()))
        return variables

    def _reconcile(self) -> None:
        self.reconcile()

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        self._status = None  # ops' Harness keeps a charm from one hook to the next.
        self._status = self.get_status()  # Whoever asks from now on costs nothing.
        event.add_status(self._status)

    def _reconciled(self) -> ops.StatusBase:
        """Run the workload, or stop it if it must not run, and return the status."""
        try:
            self._run()
        except _errors.OpenctiConnectorError as error:
            problems = [error]
            if isinstance(error, _errors.WorkloadFailed):
                logger.warning("%s; the workload's log: %s", error, self._show_log)
            try:
                if _errors.stops_workload(error):
                    self._service.stop()
            except _errors.OpenctiConnectorError as failure:
                problems.append(failure)
            return _errors.combine(problems).status
        return ops.ActiveStatus()

    def _run(self) -> None:
        self._is_reconciling = True
        try:
            with _juju.typed_errors():
                self._reconcile()
        finally:
            self._is_reconciling = False

    def _wanted_environment(self) -> dict[str, str]:
        problems: list[_errors.OpenctiConnectorError] = []
        for check in self._opencti.get_connection, self._check_config:
            try:
                with _juju.typed_errors():
                    check()
            except _errors.OpenctiConnectorError as error:
                problems.append(error)
        if problems:
            raise _errors.combine(problems)
        return self.environment()

    def _as_texts(self, variables: Mapping[str, Any]) -> dict[str, str]:
        if not isinstance(variables, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(
                f'the environment must map names to values, not {type(variables).__name__}'
            )
        style = self._boolean_style
        return {name: as_text(name, value, style) for name, value in variables.items()}


def _container_name(charm: ops.CharmBase, name: str | None) -> str:
    names = list(charm.meta.containers)
    if name is None:
        name = charm.meta.name if charm.meta.name in names or len(names) != 1 else names[0]
    if name not in names:
        raise ValueError(
            f"container: the charm's metadata has no container {name!r}; "
            f'it has {", ".join(names) or "none"}'
        )
    return name
