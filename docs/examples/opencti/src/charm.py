#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Charm for OpenCTI, as far as connectors are concerned."""

import logging

import ops

import accounts
from opencti_connector import (
    ConnectorAvailableEvent,
    ConnectorInvalidEvent,
    ConnectorRemovedEvent,
    ConnectorType,
    OpenctiRequires,
    RelatedConnector,
)

logger = logging.getLogger(__name__)


class OpenctiCharm(ops.CharmBase):
    """Gives each related connector an account, and the account's token."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.accounts = accounts.Accounts(self)
        self.connectors = OpenctiRequires(self)
        self._problem: str | None = None
        framework.observe(self.connectors.on.connector_available, self._on_connector_available)
        framework.observe(self.connectors.on.connector_invalid, self._on_connector_invalid)
        framework.observe(self.connectors.on.connector_removed, self._on_connector_removed)
        framework.observe(self.on.rotate_token_action, self._on_rotate_token)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_connector_available(self, event: ConnectorAvailableEvent) -> None:
        self._publish(event.relation, event.connector)

    def _on_connector_invalid(self, event: ConnectorInvalidEvent) -> None:
        logger.error('relation %d: %s', event.relation_id, event.error)

    def _on_connector_removed(self, event: ConnectorRemovedEvent) -> None:
        self.accounts.remove(event.user_name)

    def _on_rotate_token(self, event: ops.ActionEvent) -> None:
        if not self.unit.is_leader():
            event.fail('only the leader can rotate a token')
            return
        for connector in self.connectors.connectors:
            if connector.user_name == event.params['user-name']:
                self.accounts.rotate(connector.user_name)
                relation = self.model.get_relation('opencti-connector', connector.relation_id)
                assert relation is not None  # The connector was read from it.
                self._publish(relation, connector)
                return
        event.fail('no connector has this account')

    def _publish(self, relation: ops.Relation, connector: RelatedConnector) -> None:
        # OpenCTI lets only administrators write the files that exports make.
        is_export = connector.details.connector_type is ConnectorType.INTERNAL_EXPORT_FILE
        group = 'Administrators' if is_export else 'Connectors'
        token = self.accounts.ensure(connector.user_name, group)
        try:
            self.connectors.publish_connection(relation, url=str(self.config['url']), token=token)
        except ValueError as error:
            self._problem = f'check the configuration: {error}'

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        if self._problem:
            event.add_status(ops.BlockedStatus(self._problem))
        event.add_status(ops.ActiveStatus(f'{len(self.connectors.connectors)} connectors'))


if __name__ == '__main__':  # pragma: no cover
    ops.main(OpenctiCharm)
