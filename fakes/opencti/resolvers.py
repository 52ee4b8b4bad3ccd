# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Executes OpenCTI's operations on the platform's state."""

import datetime
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import ariadne
import graphql

from . import errors
from .state import State, User

_HERE = pathlib.Path(__file__).parent
_DAYS = {'DAYS_30': 30, 'DAYS_60': 60, 'DAYS_90': 90, 'DAYS_365': 365, 'UNLIMITED': None}

query = ariadne.QueryType()
mutation = ariadne.MutationType()
user_type = ariadne.ObjectType('User')
date_time = ariadne.ScalarType('DateTime')


def schema(*, has_many_tokens: bool) -> graphql.GraphQLSchema:
    """Make the executable schema of a new or an old version."""
    tokens = 'many_tokens' if has_many_tokens else 'one_token'
    texts = [(_HERE / f'{name}.graphql').read_text() for name in ('schema', tokens)]
    bindables: list[ariadne.SchemaBindable] = [query, mutation, user_type, date_time]
    if has_many_tokens:
        bindables.append(token_mutation)
    return ariadne.make_executable_schema(texts, *bindables, directives={'auth': Auth})


@date_time.serializer
def _serialize_time(value: datetime.datetime | str) -> str:
    """Return a time as OpenCTI writes it; one that a connector sent stays as it is."""
    if isinstance(value, str):
        return value
    return value.isoformat(timespec='milliseconds').replace('+00:00', 'Z')


class Auth(ariadne.SchemaDirectiveVisitor):
    """Lets users with one of the capabilities in, as OpenCTI's `graphql/authDirective.ts`."""

    def visit_field_definition(self, field: Any, object_type: Any) -> Any:
        resolve = field.resolve or graphql.default_field_resolver
        needed = set(self.args.get('for') or ())

        def checked(source: Any, info: Any, **arguments: Any) -> Any:
            user = info.context['user']
            if user is None:
                raise errors.auth_required()
            if needed and not needed & user.capabilities:
                raise errors.forbidden()
            return resolve(source, info, **arguments)

        field.resolve = checked
        return field


def _state(info: Any) -> State:
    return info.context['state']


def _page(nodes: Sequence[Any], limit: int, first: int | None, after: str | None) -> Any:
    ids = [node.id for node in nodes]
    start = ids.index(after) + 1 if after else 0
    page = nodes[start : start + (first or limit)]
    return {
        'edges': [{'cursor': node.id, 'node': node} for node in page],
        'pageInfo': {
            'endCursor': page[-1].id if page else '',
            'hasNextPage': start + len(page) < len(nodes),
            'globalCount': len(nodes),
        },
    }


def _matching(nodes: Sequence[Any], filters: Any) -> list[Any]:
    if not filters:
        return list(nodes)
    if filters['filterGroups'] or filters['mode'] != 'and':
        raise errors.unsupported('These filters are not part of this platform')
    tests = [_test_of(condition) for condition in filters['filters']]
    return [node for node in nodes if all(test(node) for test in tests)]


def _test_of(condition: Any) -> Callable[[Any], bool]:
    (key,) = condition['key']
    values = condition['values']
    if key not in ('name', 'user_email'):
        raise errors.unsupported(f'Incorrect filter keys: {key}')
    if condition.get('operator') == 'starts_with':
        return lambda node: getattr(node, key).startswith(tuple(values))
    return lambda node: getattr(node, key) in values


@query.field('about')
def _about(_: Any, info: Any) -> Any:
    return {'version': _state(info).version}


@query.field('me')
def _me(_: Any, info: Any) -> Any:
    return info.context['user']


@query.field('users')
def _users(
    _: Any, info: Any, first: int | None = None, after: str | None = None, filters: Any = None
) -> Any:
    state = _state(info)
    return _page(_matching(state.users, filters), state.page_size, first, after)


@query.field('groups')
def _groups(
    _: Any, info: Any, first: int | None = None, after: str | None = None, filters: Any = None
) -> Any:
    state = _state(info)
    return _page(_matching(state.groups, filters), state.page_size, first, after)


@user_type.field('groups')
def _groups_of_user(user: User, info: Any) -> Any:
    return _page(user.groups, _state(info).page_size, None, None)


@mutation.field('userAdd')
def _user_add(_: Any, info: Any, input: dict[str, Any]) -> Any:
    return _state(info).add_user(input)


@mutation.field('userEdit')
def _user_edit(_: Any, info: Any, id: str) -> Any:
    return UserEdit(_state(info), _state(info).user(id))


class UserEdit:
    """What can be done to a user; each is a field of the answer to `userEdit`."""

    def __init__(self, state: State, user: User):
        self._state = state
        self._user = user

    def delete(self, info: Any) -> str:
        """Forget the user."""
        self._state.users.remove(self._user)
        return self._user.id

    def fieldPatch(self, info: Any, input: list[dict[str, Any]]) -> User:
        """Change fields."""
        for patch in input:
            if patch['key'] not in ('name', 'account_status'):
                raise errors.unsupported(f'{patch["key"]} is not part of this platform')
            setattr(self._user, patch['key'], patch['value'][0])
        return self._user

    def relationAdd(self, info: Any, input: dict[str, Any]) -> dict[str, str]:
        """Make the user a member of a group."""
        group = self._state.group(input['toId'])
        if group not in self._user.groups:
            self._user.groups.append(group)
        return {'id': f'{self._user.id}-{group.id}'}

    def relationDelete(self, info: Any, toId: str, relationship_type: str) -> User:
        """End the membership of a group."""
        self._user.groups.remove(self._state.group(toId))
        return self._user

    def tokenRenew(self, info: Any) -> User:
        """Replace the one token of an older version."""
        self._user.api_token = self._state.new_single_token()
        return self._user


token_mutation = ariadne.MutationType()


def _add_token(state: State, user: User, fields: dict[str, Any]) -> dict[str, Any]:
    token, value = state.add_token(user, fields['name'], _DAYS[fields['duration']])
    return {
        'token_id': token.id,
        'plaintext_token': value,
        'expires_at': token.expires_at,
        'masked_token': token.masked_token,
    }


@token_mutation.field('userTokenAdd')
def _user_token_add(_: Any, info: Any, input: dict[str, Any]) -> Any:
    return _add_token(_state(info), info.context['user'], input)


@token_mutation.field('userAdminTokenAdd')
def _user_admin_token_add(_: Any, info: Any, userId: str, input: dict[str, Any]) -> Any:
    return _add_token(_state(info), _state(info).user(userId), input)


@token_mutation.field('userTokenRevoke')
def _user_token_revoke(_: Any, info: Any, id: str) -> Any:
    return _state(info).revoke_token(info.context['user'], id)


@token_mutation.field('userAdminTokenRevoke')
def _user_admin_token_revoke(_: Any, info: Any, userId: str, id: str) -> Any:
    return _state(info).revoke_token(_state(info).user(userId), id)


@mutation.field('registerConnector')
def _register_connector(_: Any, info: Any, input: dict[str, Any]) -> Any:
    state, user = _state(info), info.context['user']
    known = state.connectors.get(input['id'], {})
    state.connectors[input['id']] = connector = {
        **known,
        'id': input['id'],
        'name': input['name'],
        'connector_type': input['type'],
        'connector_scope': input.get('scope') or [],
        'connector_user_id': user.id,
        'config': _config_of(input['id']),
        'input': input,
    }
    return connector


def _config_of(connector_id: str) -> dict[str, Any]:
    return {
        'connection': {
            'host': '127.0.0.1',
            'vhost': '/',
            'use_ssl': False,
            'port': 5672,
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
    connector.setdefault('states', []).append(state)
    return connector
