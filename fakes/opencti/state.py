# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the platform knows: users, their groups and tokens, and connectors."""

import dataclasses
import datetime
import hashlib
import secrets
import uuid
from collections.abc import Iterable
from typing import Any

import graphql

from . import errors

CURRENT = '7.260817.0'
BEFORE_TOKENS = '6.9.17'
"""The versions that were asked; `tests/fakes/opencti/recorded` has what they answered."""

_MAY_USE_TOKENS = 'APIACCESS_USETOKEN'
_BAD_INPUT = {'code': 'BAD_USER_INPUT'}

ACTIVE = 'Active'
INACTIVE = 'Inactive'


@dataclasses.dataclass
class Group:
    """A group, and what its members may do."""

    name: str
    capabilities: frozenset[str]
    id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))


@dataclasses.dataclass
class Token:
    """A token, of which the platform keeps only the hash."""

    name: str
    hash: str
    masked_token: str
    created_at: datetime.datetime | None
    expires_at: datetime.datetime | None
    last_used_at: datetime.datetime | None = None
    id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))


@dataclasses.dataclass
class User:
    """A user or a service account."""

    name: str
    user_email: str
    groups: list[Group]
    account_status: str = ACTIVE
    user_service_account: bool = False
    api_tokens: list[Token] = dataclasses.field(default_factory=list[Token])
    api_token: str = ''
    id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def capabilities(self) -> frozenset[str]:
        """What the user may do."""
        return frozenset[str]().union(*(group.capabilities for group in self.groups))

    def join(self, groups: Iterable[Group]) -> None:
        """Become a member of groups."""
        for group in groups:
            if group not in self.groups:
                self.groups.append(group)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class State:
    """The platform's database, with a clock that tests can move."""

    def __init__(self, version: str, admin_token: str):
        self.version = version
        self.clock = datetime.datetime.now(datetime.timezone.utc)
        self.page_size = 500
        self.groups = [
            Group('Administrators', frozenset({'CONNECTORAPI', 'SETTINGS_SETACCESSES'})),
            Group('Connectors', frozenset({'CONNECTORAPI'})),
            Group('Default', frozenset()),
        ]
        if self.has_many_tokens:
            for group in self.groups[:2]:
                group.capabilities |= {_MAY_USE_TOKENS}
        admin = User('admin', 'admin@opencti.io', [self.group_named('Administrators')])
        admin.api_token = admin_token
        self.users = [admin]
        self.connectors: dict[str, dict[str, Any]] = {}
        self.works: dict[str, dict[str, Any]] = {}
        self.broker_port = 5672
        """Where connectors are told that RabbitMQ listens."""
        if self.has_many_tokens:
            self.list_single_token(admin)

    @property
    def _number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split('.')[:2])

    @property
    def has_many_tokens(self) -> bool:
        """Whether tokens are shown once, as since 7.260224."""
        return self._number >= (7, 260224)

    @property
    def knows_builds(self) -> bool:
        """Whether a connector may say from which build it comes, as after 7.260817."""
        return self._number > (7, 260817)

    def upgrade(self, version: str) -> None:
        """Move to a newer version: each user's one token becomes the first of many."""
        had_many_tokens, self.version = self.has_many_tokens, version
        if self.has_many_tokens and not had_many_tokens:
            for group in self.groups:
                group.capabilities |= {_MAY_USE_TOKENS}
            for user in self.users:
                self.list_single_token(user)

    def list_single_token(self, user: User) -> None:
        """Make the token of an older version one of many."""
        hashed, masked = _hashed(user.api_token), f'****{user.api_token[-4:]}'
        token = Token('Legacy Token', hashed, masked, None, None, id=f'base_token_{user.id}')
        user.api_tokens.append(token)

    def group_named(self, name: str) -> Group:
        """Find a group."""
        return next(group for group in self.groups if group.name == name)

    def user_named(self, name: str) -> User:
        """Find a user."""
        return next(user for user in self.users if user.name == name)

    def user_of(self, token: str) -> User | None:
        """Authenticate: return the token's user, if the token is valid."""
        for user in self.users:
            if user.account_status != ACTIVE:
                continue
            if not self.has_many_tokens:
                if user.api_token and secrets.compare_digest(token, user.api_token):
                    return user
                continue
            if _MAY_USE_TOKENS not in user.capabilities:
                continue
            for known in user.api_tokens:
                if known.hash == _hashed(token) and self.is_valid(known):
                    known.last_used_at = self.clock
                    return user
        return None

    def is_valid(self, token: Token) -> bool:
        """Whether a token has not expired."""
        return token.expires_at is None or token.expires_at > self.clock

    def user(self, user_id: str) -> User:
        """Find a user, or refuse."""
        for user in self.users:
            if user.id == user_id:
                return user
        raise errors.functional('User cannot be found.')

    def add_user(self, fields: dict[str, Any]) -> User:
        """Add a user, as `addUser` of OpenCTI's `domain/user.js`."""
        is_service = fields.get('user_service_account') or False
        email = fields.get('user_email') or ''
        if not email and not is_service:
            raise errors.functional('User cannot be created without email')
        if not self.has_many_tokens and len(email.partition('@')[0]) > 64:
            raise graphql.GraphQLError('The address is too long', extensions=_BAD_INPUT)
        # Only the addresses of persons lose their case.
        email = (
            email if is_service else email.lower()
        ) or f'automatic+{uuid.uuid4()}@opencti.invalid'
        known = next((user for user in self.users if user.user_email == email), None)
        if known is not None and not is_service:
            raise errors.functional('User already exists')
        if not is_service and not fields.get('password'):
            raise errors.functional('Invalid password: required')
        groups = [self.group(group_id) for group_id in fields.get('groups') or []]
        if not fields.get('prevent_default_groups'):
            groups.append(self.group_named('Default'))
        if known is not None:
            # OpenCTI does not check the address of a service account, but identifies users by it.
            known.join(groups)
            return known
        user = User(
            fields['name'],
            email,
            [],
            account_status=fields.get('account_status') or ACTIVE,
            user_service_account=is_service,
            api_token='' if self.has_many_tokens else self.new_single_token(),
        )
        user.join(groups)
        self.users.append(user)
        return user

    def new_single_token(self) -> str:
        """Make a token as older versions have it."""
        return str(uuid.uuid4())

    def group(self, group_id: str) -> Group:
        """Find a group, or refuse."""
        for group in self.groups:
            if group.id == group_id:
                return group
        raise errors.missing_reference()

    def add_token(self, user: User, name: str, days: int | None) -> tuple[Token, str]:
        """Make a token; only the answer to this call holds its value."""
        # 48 bytes in 64 characters, as `generateSecureToken` of `modules/user/user-domain.ts`.
        value = f'flgrn_octi_tkn_{secrets.token_urlsafe(48)}'
        expires_at = None if days is None else self.clock + datetime.timedelta(days=days)
        token = Token(name, _hashed(value), f'****{value[-4:]}', self.clock, expires_at)
        user.api_tokens.append(token)
        return token, value

    def revoke_token(self, user: User, token_id: str) -> str:
        """Revoke a token."""
        for token in user.api_tokens:
            if token.id == token_id:
                user.api_tokens.remove(token)
                return token_id
        raise errors.functional('Token not found')
