# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The charm's actions."""

import ops

import accounts
from opencti_connector import OpenctiConnectorError, OpenctiRequires, RelatedConnector


class Actions(ops.Object):
    """Handles the charm's actions.

    Args:
        charm: The charm.
        opencti_connector: Its end of the relations with connectors.
    """

    def __init__(self, charm: ops.CharmBase, opencti_connector: OpenctiRequires):
        super().__init__(charm, 'actions')
        self._charm = charm
        self._opencti_connector = opencti_connector
        self.framework.observe(charm.on.list_connectors_action, self._on_list_connectors)
        self.framework.observe(charm.on.rotate_token_action, self._on_rotate_token)

    def _on_list_connectors(self, event: ops.ActionEvent) -> None:
        event.set_results(
            {
                f'relation-{connector.relation.id}': _shown(connector)
                for connector in self._opencti_connector.connectors
            }
        )

    def _on_rotate_token(self, event: ops.ActionEvent) -> None:
        if not self._charm.unit.is_leader():
            event.fail('only the leader can rotate a token')
            return
        connectors = {c.user_name: c for c in self._opencti_connector.connectors}
        connector = connectors.get(event.params['user-name'])
        if connector is None or connector.details is None:
            event.fail('no connector has this account')
            return
        try:
            known = accounts.connect(self._charm)
            known.ensure(connector.user_name)
            is_taken = self._opencti_connector.publish_connection(
                connector.relation,
                url=str(self._charm.config['url']),
                token=known.new_token(connector.user_name),
                expire=known.token_expiry,
            )
            if not is_taken:
                event.fail('Juju cannot take the new token now; run the action again')
        except OpenctiConnectorError as error:
            event.fail(str(error))


def _shown(connector: RelatedConnector) -> dict[str, str]:
    shown = {'application': connector.app_name, 'account': connector.user_name}
    if connector.state is None:
        return {**shown, 'state': 'known to the leader alone'}
    if connector.error is not None:
        shown['problem'] = connector.error
    return {**shown, 'state': connector.state.value}
