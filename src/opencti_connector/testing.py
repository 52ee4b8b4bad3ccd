# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Relations for charms' own tests, filled as the other side would fill them.

Each function returns a relation and the secrets that belong to it, for an `ops.testing.State`::

    relation, secrets = relation_for_provider()
    state = testing.State(leader=True, relations={relation}, secrets=secrets)

Each problem has a name, see `OpenctiProblem` and `ConnectorProblem`. The library itself never
imports this module, which needs the extra `opencti-connector[testing]`.
"""

import dataclasses
import typing
from typing import Any, Literal, NamedTuple

from ._relation.schema import ConnectorType

try:
    from ops.testing import Relation, Secret
except ImportError as error:
    raise ImportError(
        "opencti_connector.testing needs ops' testing framework: "
        "install 'opencti-connector[testing]'"
    ) from error

INTERFACE = 'opencti_connector'
"""The relation's interface."""

OPENCTI_URL = 'http://opencti-endpoints.stg-opencti.svc:8080'
"""The default URL of OpenCTI, the example of the interface's documentation."""

TOKEN = '11111111-2222-4333-8444-555555555555'  # noqa: S105 - valid in no OpenCTI
"""The default API token."""

CONNECTOR_ID = '5f4e2a52-0f5a-4f4b-9f3c-4f7d4a1d2b3c'
"""The default id of a connector."""

OpenctiProblem = Literal[
    'no-data',
    'no-token',
    'secret-unavailable',
    'secret-without-token',
    'secret-with-empty-token',
    'token-instead-of-secret',
    'url-invalid',
    'url-malformed',
]
"""What can be wrong with what OpenCTI published.

- `no-data`: it has not answered yet, or has withdrawn its answer.
- `no-token`: so far it has published only its URL.
- `secret-unavailable`: the secret does not exist, or is not granted (yet).
- `secret-without-token`: the secret has no key `token`.
- `secret-with-empty-token`: the token is an empty string.
- `token-instead-of-secret`: the token itself is in the databag.
- `url-invalid`: the URL is not a URL.
- `url-malformed`: the URL is one on which some parsers fail.
"""

ConnectorProblem = Literal[
    'no-data', 'no-type', 'type-unknown', 'charm-name-unusable', 'connector-id-unusable'
]
"""What can be wrong with what a connector published.

- `no-data`: it has not said who it is yet.
- `no-type`: so far it has published only its charm's name.
- `type-unknown`: OpenCTI has no such type.
- `charm-name-unusable`: no charm can have such a name.
- `connector-id-unusable`: the id is not a UUID.
"""


class RelationAndSecrets(NamedTuple):
    """A relation, and the secrets that the charm under test can see with it."""

    relation: Relation
    secrets: frozenset[Secret]


def relation_for_provider(
    endpoint: str = 'opencti-connector',
    *,
    url: str = OPENCTI_URL,
    token: str = TOKEN,
    new_token: str | None = None,
    secret_id: str | None = None,
    connector_id: str | None = CONNECTOR_ID,
    problem: OpenctiProblem | None = None,
    **relation: Any,
) -> RelationAndSecrets:
    """Return the relation of a connector charm with an OpenCTI that has answered.

    For charms that use `ConnectorProvides` or `OpenctiConnectorMixin`.

    Args:
        endpoint: The endpoint's name in the charm's metadata.
        url: The URL that OpenCTI published.
        token: The API token in the secret that OpenCTI published.
        new_token: The token of a newer revision, which the charm has not read yet. Pass the secret
            to `ctx.on.secret_changed`, or check that other hooks read it, too.
        secret_id: The secret's id, `secret:<id>` or `secret://<model-uuid>/<id>`; by default a new
            one.
        connector_id: The id that the charm published in an earlier hook; `None` if there was no
            such hook.
        problem: What is wrong with what OpenCTI published; by default nothing.
        relation: Arguments for `ops.testing.Relation`. They replace what this function fills in,
            such as `remote_app_data`.

    Raises:
        ValueError: if there is no such problem.
    """
    _check(problem, OpenctiProblem)
    content = {
        'secret-without-token': {'not-the-token': token},
        'secret-with-empty-token': {'token': ''},
    }.get(problem or '', {'token': token})
    newest = content if new_token is None else {'token': new_token}
    known: dict[str, Any] = {} if secret_id is None else {'id': secret_id}
    secret = Secret(content, latest_content=newest, **known)

    published = {'opencti_url': url, 'opencti_token': secret.id}
    match problem:
        case 'no-data':
            published = {}
        case 'no-token':
            del published['opencti_token']
        case 'token-instead-of-secret':
            published['opencti_token'] = token
        case 'url-invalid':
            published['opencti_url'] = 'opencti'
        case 'url-malformed':
            published['opencti_url'] = 'http://[bad'
        case _:
            pass
    has_secret = problem != 'secret-unavailable' and 'opencti_token' in published
    relation.setdefault('remote_app_name', 'opencti')
    relation.setdefault('remote_app_data', published)
    relation.setdefault('local_app_data', {'connector_id': connector_id} if connector_id else {})
    return RelationAndSecrets(
        Relation(endpoint, INTERFACE, **relation), frozenset({secret} if has_secret else ())
    )


def relation_for_requirer(
    endpoint: str = 'opencti-connector',
    *,
    connector_charm_name: str = 'opencti-test-connector',
    connector_type: ConnectorType | str = ConnectorType.EXTERNAL_IMPORT,
    connector_id: str | None = CONNECTOR_ID,
    published_url: str | None = None,
    published_token: str | None = None,
    problem: ConnectorProblem | None = None,
    **relation: Any,
) -> RelationAndSecrets:
    """Return the relation of the OpenCTI charm with a connector that has said who it is.

    For charms that use `OpenctiRequires`.

    Args:
        endpoint: The endpoint's name in the charm's metadata.
        connector_charm_name: The name of the connector's charm.
        connector_type: The connector's type, in the spelling that the connector published.
        connector_id: The connector's id; `None` for a connector that does not publish one.
        published_url: The URL that the charm under test published in an earlier hook.
        published_token: The token that it published then, in the secret that is returned.
        problem: What is wrong with what the connector published; by default nothing.
        relation: Arguments for `ops.testing.Relation`. They replace what this function fills in,
            such as `remote_app_name`.

    Raises:
        ValueError: if there is no such problem.
    """
    _check(problem, ConnectorProblem)
    details = {'connector_charm_name': connector_charm_name, 'connector_type': str(connector_type)}
    if connector_id is not None:
        details['connector_id'] = connector_id
    match problem:
        case 'no-data':
            details = {}
        case 'no-type':
            del details['connector_type']
        case 'type-unknown':
            details['connector_type'] = 'ADMINISTRATOR'
        case 'charm-name-unusable':
            details['connector_charm_name'] = '../../a charm\n'
        case 'connector-id-unusable':
            details['connector_id'] = 'connector-1'
        case _:
            pass

    relation.setdefault('remote_app_name', 'connector')
    relation.setdefault('remote_app_data', details)
    found = Relation(endpoint, INTERFACE, **relation)
    published = {} if published_url is None else {'opencti_url': published_url}
    secrets: set[Secret] = set()
    if published_token is not None:
        secret = Secret(
            {'token': published_token},
            owner='app',
            label=f'{endpoint}-token-{found.id}',
            remote_grants={found.id: {found.remote_app_name}},
        )
        secrets.add(secret)
        published['opencti_token'] = secret.id
    if published:
        # The arguments in `relation` win here, too.
        found = dataclasses.replace(found, local_app_data={**published, **found.local_app_data})
    return RelationAndSecrets(found, frozenset(secrets))


def _check(problem: str | None, problems: Any) -> None:
    known = typing.get_args(problems)
    if problem is not None and problem not in known:
        raise ValueError(f'problem: {problem!r} is not one of {", ".join(known)}')
