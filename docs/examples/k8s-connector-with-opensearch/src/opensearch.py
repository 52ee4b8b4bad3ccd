# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The relation with OpenSearch, which gives its address and a user for the connector.

A small stand-in for the charm library that the OpenSearch charm offers (data_interfaces).
"""

import json
from collections.abc import Mapping

import ops

import opencti_connector

RELATION = 'opensearch-client'


class OpenSearch(ops.Object):
    """The requirer end of the `opensearch_client` interface."""

    def __init__(self, charm: ops.CharmBase, workload: opencti_connector.ConnectorWorkload):
        super().__init__(charm, RELATION)
        self._charm = charm
        self._workload = workload
        self.framework.observe(charm.on[RELATION].relation_created, self._on_relation_created)

    def environment(self) -> dict[str, str]:
        """Return the variables with OpenSearch's address and the user to log in with.

        Raises:
            Blocked: if there is no relation.
            NotReady: if OpenSearch has not answered yet, or its secret cannot be read yet.
        """
        relation = self.model.get_relation(RELATION)
        if relation is None or not relation.active:
            raise opencti_connector.Blocked(
                f'missing relation {RELATION}: integrate with OpenSearch'
            )
        answer: Mapping[str, str] = relation.data[relation.app] if relation.app else {}
        if not answer.get('endpoints') or not answer.get('secret-user'):
            raise opencti_connector.NotReady('waiting for OpenSearch')
        user = self._workload.read_secret(answer['secret-user'], what="OpenSearch's secret")
        if not {'username', 'password'} <= user.keys():
            raise opencti_connector.NotReady('waiting for the user of OpenSearch')
        endpoints = [endpoint.partition(':') for endpoint in answer['endpoints'].split(',')]
        return {
            'OPENSEARCH_HOST': ','.join(host for host, _, _ in endpoints),
            'OPENSEARCH_PORT': endpoints[0][2] or '9200',
            'OPENSEARCH_USER': user['username'],
            'OPENSEARCH_PASSWORD': user['password'],
        }

    def _on_relation_created(self, event: ops.RelationCreatedEvent) -> None:
        if self._charm.unit.is_leader():
            event.relation.data[self._charm.app].update(
                {
                    'index': 'wazuh-connector',
                    'extra-user-roles': 'admin',
                    'requested-secrets': json.dumps(['username', 'password']),
                }
            )
