# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Executes what is asked about users, their groups and tokens, on the platform's state."""

import base64
import datetime
from collections.abc import Callable, Sequence
from typing import Any

import ariadne

from . import errors
from .state import State, User

_DAYS = {'DAYS_30': 30, 'DAYS_60': 60, 'DAYS_90': 90, 'DAYS_365': 365, 'UNLIMITED': None}

query = ariadne.QueryType()
mutation = ariadne.MutationType()
user_type = ariadne.ObjectType('User')
date_time = ariadne.ScalarType('DateTime')
BINDABLES: list[ariadne.SchemaBindable] = [query, mutation, user_type, date_time]


@date_time.serializer
def _serialize_time(value: datetime.datetime | str) -> str:
    """Return a time as OpenCTI writes it; one that a connector sent stays as it is."""
    if isinstance(value, str):
        return value
    return value.isoformat(timespec='milliseconds').replace('+00:00', 'Z')


def _state(info: Any) -> State:
    return info.context['state']


def _page(nodes: Sequence[Any], limit: int, first: int | None, after: str | None) -> Any:
    cursors = [base64.b64encode(f'["{node.id}"]'.encode()).decode() for node in nodes]
    start = cursors.index(after) + 1 if after else 0
    end = start + (first or limit)
    page = list(zip(cursors, nodes, strict=True))[start:end]
    return {
        'edges': [{'cursor': cursor, 'node': node} for cursor, node in page],
        'pageInfo': {
            'endCursor': page[-1][0] if page else '',
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
        starts = tuple(value.lower() for value in values)
        return lambda node: getattr(node, key).lower().startswith(starts)
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
    users = [] if info.context['is_starting'] else state.users
    return _page(_matching(users, filters), state.page_size, first, after)


@query.field('groups')
def _groups(
    _: Any, info: Any, first: int | None = None, after: str | None = None, filters: Any = None
) -> Any:
    state = _state(info)
    groups = [] if info.context['is_starting'] else state.groups
    return _page(_matching(groups, filters), state.page_size, first, after)


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
            if patch['key'] not in ('name', 'account_status', 'user_email'):
                raise errors.unsupported(f'{patch["key"]} is not part of this platform')
        for patch in input:
            setattr(self._user, patch['key'], patch['value'][0])
        return self._user

    def relationAdd(self, info: Any, input: dict[str, Any]) -> dict[str, str]:
        """Make the user a member of a group."""
        group = self._state.group(input['toId'])
        self._user.join([group])
        return {'id': f'{self._user.id}-{group.id}'}

    def relationDelete(self, info: Any, toId: str, relationship_type: str) -> User:
        """End the membership of a group, if there is one."""
        if toId not in [group.id for group in self._state.groups]:
            raise LookupError(toId)  # OpenCTI does not expect it, either.
        self._user.groups = [group for group in self._user.groups if group.id != toId]
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
