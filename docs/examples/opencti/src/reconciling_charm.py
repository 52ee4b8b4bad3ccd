#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The same charm in another style: each hook reconciles all connectors, whatever the event.

To pack this one, set `charm-entrypoint: src/reconciling_charm.py` in `charmcraft.yaml`.
"""

import ops

import accounts
import actions
import moving
from opencti_connector import Blocked, OpenctiConnectorError, OpenctiRequires


class ReconcilingOpenctiCharm(ops.CharmBase):
    """Gives each related connector an account, and switches off all other accounts."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti_connector = OpenctiRequires(self)
        self.actions = actions.Actions(self, self.opencti_connector)
        self._problem: OpenctiConnectorError | None = None
        on_relation = self.on['opencti-connector']
        for event in (
            self.on.config_changed,
            self.on.leader_elected,
            self.on.secret_changed,
            self.on.secret_expired,
            self.on.update_status,
            self.on.upgrade_charm,
            on_relation.relation_created,
            on_relation.relation_joined,
            on_relation.relation_changed,
            on_relation.relation_departed,
            on_relation.relation_broken,
        ):
            framework.observe(event, self._reconcile)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _reconcile(self, _: ops.EventBase) -> None:
        if not self.unit.is_leader():
            return
        try:
            self._reconcile_connectors(accounts.connect(self))
        except OpenctiConnectorError as error:
            self._problem = error  # The next hook tries again.
        except ValueError as error:
            self._problem = Blocked(str(error))

    def _reconcile_connectors(self, known: accounts.Accounts) -> None:
        connectors = self.opencti_connector.connectors
        in_use = moving.keep_accounts(known, connectors)
        for connector in connectors:
            if connector.details is not None:
                self.opencti_connector.publish_connection(
                    connector.relation,
                    url=str(self.config['url']),
                    token=known.ensure(connector.user_name),
                    expire=known.token_expiry,
                )
        # A connector without valid details keeps its account, too.
        in_use |= {accounts.address(connector.user_name) for connector in connectors}
        known.switch_off_all_but(in_use)

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        for problem in filter(None, [accounts.missing_configuration(self), self._problem]):
            event.add_status(problem.status)
        event.add_status(self.opencti_connector.get_status())


if __name__ == '__main__':  # pragma: no cover
    ops.main(ReconcilingOpenctiCharm)
