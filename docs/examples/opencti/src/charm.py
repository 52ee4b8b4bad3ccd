#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The part of an OpenCTI charm that deals with connectors, driven by events."""

import logging

import ops

import accounts
import actions
from opencti_connector import (
    Blocked,
    ConnectorAvailableEvent,
    ConnectorInvalidEvent,
    ConnectorRemovedEvent,
    ConnectorTokenDueEvent,
    OpenctiConnectorError,
    OpenctiRequires,
)

logger = logging.getLogger(__name__)


class OpenctiCharm(ops.CharmBase):
    """Gives each related connector an account, and the account's token."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti_connector = OpenctiRequires(self)
        self.actions = actions.Actions(self, self.opencti_connector)
        self._accounts: accounts.Accounts | None = None
        self._problem: OpenctiConnectorError | None = None
        on = self.opencti_connector.on
        framework.observe(on.connector_available, self._on_connector)
        framework.observe(on.connector_token_due, self._on_connector)
        framework.observe(on.connector_invalid, self._on_connector_invalid)
        framework.observe(on.connector_removed, self._on_connector_removed)
        framework.observe(self.on.secret_changed, self._on_secret_changed)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_connector(self, event: ConnectorAvailableEvent | ConnectorTokenDueEvent) -> None:
        if event.connector is None or event.connector.details is None:
            return
        try:
            known = self._connect()
            self.opencti_connector.publish_connection(
                event.relation,
                url=str(self.config['url']),
                token=known.ensure(event.connector.user_name),
                expire=known.token_expiry,
            )
        except OpenctiConnectorError as error:
            self._problem = error  # The event comes again in later hooks.
        except ValueError as error:
            self._problem = Blocked(str(error))

    def _on_connector_invalid(self, event: ConnectorInvalidEvent) -> None:
        logger.error('relation %d: %s', event.relation_id, event.error)

    def _on_connector_removed(self, event: ConnectorRemovedEvent) -> None:
        try:
            self._connect().switch_off(accounts.address(event.user_name))
        except OpenctiConnectorError as error:
            self._problem = error
            event.defer()  # This event comes only once.

    def _on_secret_changed(self, _: ops.SecretChangedEvent) -> None:
        self.opencti_connector.emit_current()

    def _connect(self) -> accounts.Accounts:
        if self._accounts is None:
            self._accounts = accounts.connect(self)
        return self._accounts

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        for problem in filter(None, [accounts.missing_configuration(self), self._problem]):
            event.add_status(problem.status)
        event.add_status(self.opencti_connector.get_status())


if __name__ == '__main__':  # pragma: no cover
    ops.main(OpenctiCharm)
