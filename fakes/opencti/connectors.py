# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Executes what connectors ask: to register, to be alive, and to report their work."""

import json
import uuid
from typing import Any

import ariadne

from . import errors
from .state import State

SIGNING_SEED = b'opencti-of-the-tests-signs-this!'
"""The private key with which the platform signs what it sends to a connector that listens."""

# As `createCryptoKeyFactory` of OpenCTI describes its public key.
JWK = {
    'kid': 'of-the-tests',
    'use': 'sig',
    'alg': 'EdDSA',
    'crv': 'Ed25519',
    'kty': 'OKP',
    'x': 'wMTRdZJP44uiZW1g_DueeUN5sUw6gQu-NHbaBcGFyHU',
}

query = ariadne.QueryType()
mutation = ariadne.MutationType()
BINDABLES: list[ariadne.SchemaBindable] = [query, mutation]


def _state(info: Any) -> State:
    return info.context['state']


@mutation.field('registerConnector')
def _register_connector(_: Any, info: Any, input: dict[str, Any]) -> Any:
    state, user = _state(info), info.context['user']
    now = state.clock
    known = state.connectors.get(input['id'], {'created_at': now})
    state.connectors[input['id']] = connector = {
        **known,
        'id': input['id'],
        'name': input['name'],
        'active': True,
        'auto': input.get('auto'),
        'only_contextual': input.get('only_contextual'),
        'connector_type': input['type'],
        'connector_scope': input.get('scope') or [],
        'connector_user_id': user.id,
        'connector_queue_details': {'messages_number': 0, 'messages_size': 0},
        'updated_at': now,
        'built_in': False,
        'jwks': json.dumps({'keys': [JWK]}),
        'config': _config_of(input['id'], state.broker_port),
        'input': input,
    }
    return connector


def _config_of(connector_id: str, broker_port: int) -> dict[str, Any]:
    return {
        'connection': {
            'host': '127.0.0.1',
            'vhost': '/',
            'use_ssl': False,
            'port': broker_port,
            'user': 'opencti',
            'pass': 'no broker listens there',
        },
        's3': {
            'endpoint': '127.0.0.1',
            'port': 9000,
            'use_ssl': False,
            'bucket_name': 'opencti-bucket',
            'bucket_region': 'us-east-1',
            'access_key': 'opencti',
            'secret_key': 'no store listens there',
        },
        'listen': f'listen_{connector_id}',
        'listen_routing': f'listen_routing_{connector_id}',
        'listen_exchange': 'amqp.connector.exchange',
        'push': f'push_{connector_id}',
        'push_routing': f'push_routing_{connector_id}',
        'push_exchange': 'amqp.worker.exchange',
    }


@mutation.field('pingConnector')
def _ping_connector(
    _: Any,
    info: Any,
    id: str,
    state: str | None = None,
    connectorInfo: Any = None,
) -> Any:
    connector = _state(info).connectors.get(id)
    if connector is None:
        raise errors.functional('No connector found with the specified ID')
    connector |= {'connector_state': state, 'connector_info': connectorInfo}
    connector['updated_at'] = _state(info).clock
    connector.setdefault('states', []).append(state)
    return connector


@query.field('connector')
def _connector(_: Any, info: Any, id: str) -> Any:
    return _state(info).connectors.get(id)


@query.field('connectors')
def _connectors(_: Any, info: Any) -> Any:
    return list(_state(info).connectors.values())


@mutation.field('workAdd')
def _work_add(
    _: Any,
    info: Any,
    connectorId: str,
    friendlyName: str | None = None,
    isMultiPartWork: bool = False,
) -> Any:
    work = {'id': f'work_{connectorId}_{uuid.uuid4()}', 'name': friendlyName, 'reports': []}
    _state(info).works[work['id']] = work
    return work


@mutation.field('workEdit')
def _work_edit(_: Any, info: Any, id: str) -> Any:
    return WorkEdit(_state(info).works.get(id))


class WorkEdit:
    """What can be told about a piece of work."""

    def __init__(self, work: dict[str, Any] | None):
        self._work = work

    def _report(self, what: str, text: str | None) -> str:
        if self._work is None:
            raise errors.work_not_alive()
        self._work['reports'].append((what, text))
        return self._work['id']

    def toReceived(self, info: Any, message: str | None = None) -> str:
        """The connector has it."""
        return self._report('received', message)

    def toProcessed(self, info: Any, message: str | None = None, inError: bool = False) -> str:
        """The connector is done with it."""
        return self._report('failed' if inError else 'processed', message)

    def ping(self, info: Any) -> str:
        """The connector still works on it."""
        return self._report('ping', None)
