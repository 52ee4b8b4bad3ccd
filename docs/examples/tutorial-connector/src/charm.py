#!/usr/bin/env python3

"""Charm for the connector of abuse.ch's SSL Blacklist."""

import ops

from opencti_connector import Blocked, ConnectorType, OpenctiConnectorMixin

_LOG_LEVELS = ('debug', 'info', 'warn', 'error')


class AbuseSslConnectorCharm(OpenctiConnectorMixin, ops.CharmBase):
    """Runs the SSL Blacklist connector for as long as it is related to OpenCTI."""

    connector_type = ConnectorType.EXTERNAL_IMPORT
    connector_command = '/entrypoint.sh'

    def check_config(self) -> None:
        super().check_config()
        if self.config['connector-log-level'] not in _LOG_LEVELS:
            raise Blocked(f'connector-log-level: must be one of {", ".join(_LOG_LEVELS)}')

    def connector_environment(self) -> dict[str, str]:
        return {**super().connector_environment(), 'CONNECTOR_SCOPE': 'abusessl'}


if __name__ == '__main__':
    ops.main(AbuseSslConnectorCharm)
