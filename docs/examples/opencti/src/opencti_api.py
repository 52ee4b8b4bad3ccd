# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The calls of OpenCTI's GraphQL API that the charm needs."""

import dataclasses
import datetime
import functools
import logging
import re
import secrets
from typing import Any

import gql
from gql.transport import exceptions, requests

from opencti_connector import Blocked, NotReady

# At debug level the transport logs each answer, tokens included.
logging.getLogger(requests.__name__).setLevel(logging.INFO)

TIMEOUT = 30
"""How many seconds a hook waits for an answer."""

MANY_TOKENS_SINCE = (7, 260224)
"""From this version on, a user has any number of tokens, and each is shown once."""

_ACCOUNT = 'id name user_email account_status groups { edges { node { id name } } }'
_FIELDS_WITH_MANY = 'api_tokens { id created_at expires_at last_used_at }'
_FIELDS_WITH_ONE = 'api_token'


class ApiUnavailable(NotReady):
    """OpenCTI gives no usable answer; a later hook tries again."""


class ApiRefused(Blocked):
    """OpenCTI refuses what the charm asks; a person has to act."""


@dataclasses.dataclass(frozen=True)
class Token:
    """What OpenCTI shows of a token after it was made."""

    id: str
    created_at: datetime.datetime | None
    expires_at: datetime.datetime | None
    last_used_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class Account:
    """A user of OpenCTI."""

    id: str
    name: str
    user_email: str
    is_active: bool
    groups: dict[str, str]
    """The id of each group, by its name."""

    tokens: tuple[Token, ...] = ()
    """Its tokens, if it can have many."""

    only_token: str | None = dataclasses.field(default=None, repr=False)
    """Its only token, if it cannot have many."""


class OpenctiApi:
    """The operations on accounts.

    Args:
        url: The URL of OpenCTI.
        token: The API token of a user who may manage accounts.
    """

    def __init__(self, url: str, token: str):
        transport = requests.RequestsHTTPTransport(
            url=f'{url.rstrip("/")}/graphql',
            headers={'Authorization': f'Bearer {token}'},
            timeout=TIMEOUT,
        )
        self._client = gql.Client(transport=transport)

    @functools.cached_property
    def has_many_tokens(self) -> bool:
        """Whether a user can have many tokens, each shown only once."""
        version = self._execute('query Version { about { version } }')['about']['version']
        return tuple(int(part) for part in re.findall(r'\d+', version)[:2]) >= MANY_TOKENS_SINCE

    def accounts(self, prefix: str) -> list[Account]:
        """Return the accounts whose addresses start with a prefix."""
        condition = {'key': ['user_email'], 'values': [prefix], 'operator': 'starts_with'}
        filters = {'mode': 'and', 'filters': [condition], 'filterGroups': []}
        text = f"""
            query Accounts($filters: FilterGroup, $after: ID) {{
                users(filters: $filters, after: $after) {{
                    edges {{ node {{ {self._account_fields} }} }}
                    pageInfo {{ endCursor hasNextPage }}
                }}
                groups(first: 1) {{ edges {{ node {{ id name }} }} }}
            }}
        """
        found: list[Account] = []
        after, is_more = None, True
        while is_more:
            answer = self._execute(text, filters=filters, after=after)
            _require_an_index(_groups(answer['groups']))
            users = answer['users']
            found += [_account(edge['node']) for edge in users['edges']]
            after, is_more = users['pageInfo']['endCursor'], users['pageInfo']['hasNextPage']
        # OpenCTI's `starts_with` ignores case.
        return [account for account in found if account.user_email.startswith(prefix)]

    def add_account(self, name: str, address: str, group: str) -> Account:
        """Make an account, a service account if this version has many tokens.

        OpenCTI identifies users by their address. If a service account has this one, OpenCTI
        returns it as it is, in the group.
        """
        fields: dict[str, Any] = {
            'name': name,
            'user_email': address,
            'account_status': 'Active',
            'groups': [self._group_id(group)],
        }
        if self.has_many_tokens:
            fields |= {'user_service_account': True, 'prevent_default_groups': True}
        else:
            fields |= {'password': secrets.token_urlsafe(32)}
        text = f"""
            mutation AddAccount($input: UserAddInput!) {{
                userAdd(input: $input) {{ {self._account_fields} }}
            }}
        """
        return _account(self._execute(text, input=fields)['userAdd'])

    def patch_account(self, account: Account, **fields: str) -> None:
        """Change fields of an account, such as `name` or `account_status`."""
        text = """
            mutation PatchAccount($id: ID!, $input: [EditInput]!) {
                userEdit(id: $id) { fieldPatch(input: $input) { id } }
            }
        """
        patches = [{'key': key, 'value': [value]} for key, value in fields.items()]
        self._execute(text, id=account.id, input=patches)

    def join_group(self, account: Account, group: str) -> None:
        """Make an account a member of a group."""
        text = """
            mutation JoinGroup($id: ID!, $input: InternalRelationshipAddInput!) {
                userEdit(id: $id) { relationAdd(input: $input) { id } }
            }
        """
        member = {'toId': self._group_id(group), 'relationship_type': 'member-of'}
        self._execute(text, id=account.id, input=member)

    def leave_group(self, account: Account, group: str) -> None:
        """End an account's membership of a group."""
        text = """
            mutation LeaveGroup($id: ID!, $group: StixRef!) {
                userEdit(id: $id) {
                    relationDelete(toId: $group, relationship_type: "member-of") { id }
                }
            }
        """
        self._execute(text, id=account.id, group=account.groups[group])

    def add_token(self, account: Account, name: str, duration: str) -> str:
        """Make one of many tokens. Only this call shows it."""
        text = """
            mutation AddToken($id: ID!, $input: UserTokenAddInput!) {
                userAdminTokenAdd(userId: $id, input: $input) { plaintext_token }
            }
        """
        made = self._execute(text, id=account.id, input={'name': name, 'duration': duration})
        return made['userAdminTokenAdd']['plaintext_token']

    def revoke_token(self, account: Account, token: Token) -> None:
        """Revoke one of many tokens."""
        text = """
            mutation RevokeToken($user: ID!, $id: ID!) {
                userAdminTokenRevoke(userId: $user, id: $id)
            }
        """
        self._execute(text, user=account.id, id=token.id)

    def renew_only_token(self, account: Account) -> str:
        """Replace the only token of an account. The old one is invalid at once."""
        text = """
            mutation RenewToken($id: ID!) { userEdit(id: $id) { tokenRenew { api_token } } }
        """
        return self._execute(text, id=account.id)['userEdit']['tokenRenew']['api_token']

    def _group_id(self, name: str) -> str:
        condition = {'key': ['name'], 'values': [name]}
        found = self._groups({'mode': 'and', 'filters': [condition], 'filterGroups': []})
        if name not in found:
            _require_an_index(self._groups(None))
            raise ApiRefused(f'OpenCTI has no group {name}: create it')
        return found[name]

    def _groups(self, filters: dict[str, Any] | None) -> dict[str, str]:
        text = """
            query Groups($filters: FilterGroup) {
                groups(filters: $filters) { edges { node { id name } } }
            }
        """
        return _groups(self._execute(text, filters=filters)['groups'])

    @property
    def _account_fields(self) -> str:
        return f'{_ACCOUNT} {_FIELDS_WITH_MANY if self.has_many_tokens else _FIELDS_WITH_ONE}'

    def _execute(self, text: str, **variables: Any) -> dict[str, Any]:
        """Let OpenCTI execute an operation.

        The transport's error texts are not passed on, because they may hold a token.
        """
        try:
            return self._client.execute(gql.GraphQLRequest(text, variable_values=variables))
        except exceptions.TransportQueryError as error:
            raise _refusal(error) from None
        except exceptions.TransportServerError as error:
            if error.code in (401, 403):
                raise ApiRefused('OpenCTI refuses admin-token: configure another') from None
            raise ApiUnavailable(f"waiting for OpenCTI's API: HTTP {error.code}") from None
        except exceptions.TransportConnectionFailed as error:
            # The cause is a ValueError if requests cannot send the request at all.
            if isinstance(error.__cause__, ValueError):
                raise ApiRefused('check the options url and admin-token') from None
            raise ApiUnavailable("waiting for OpenCTI's API to answer") from None
        except exceptions.TransportError:
            raise ApiUnavailable("waiting for OpenCTI's API: not an answer of OpenCTI") from None


def _refusal(error: exceptions.TransportQueryError) -> ApiRefused | ApiUnavailable:
    first: dict[str, Any] = (error.errors or [{}])[0]
    extensions: dict[str, Any] = first.get('extensions') or {}
    match extensions.get('code'):
        case 'AUTH_REQUIRED' | 'AUTH_FAILURE':
            return ApiRefused('OpenCTI refuses admin-token: configure another')
        case 'FORBIDDEN_ACCESS':
            return ApiRefused('admin-token: OpenCTI does not let its user manage accounts')
        case 'FUNCTIONAL_ERROR' if first.get('message') == 'User already exists':
            return ApiUnavailable('waiting for OpenCTI to list an account that exists')
        case 'DATABASE_ERROR' | 'LOCK_ERROR' | 'UNKNOWN_ERROR' as code:
            return ApiUnavailable(f"waiting for OpenCTI's API: {code}")
        case code:
            return ApiRefused(f'OpenCTI refuses: {code or "no code"}: {first.get("message")}')


def _require_an_index(groups: dict[str, str]) -> None:
    """Refuse what an OpenCTI finds whose search engine has just started: nothing, not even groups.

    Each platform has some, a new one, too.
    """
    if not groups:
        raise ApiUnavailable("waiting for OpenCTI's search engine")


def _account(node: dict[str, Any]) -> Account:
    return Account(
        node['id'],
        node['name'],
        node['user_email'],
        is_active=node['account_status'] == 'Active',
        groups=_groups(node['groups']),
        tokens=tuple(_token(token) for token in node.get('api_tokens', ())),
        only_token=node.get('api_token'),
    )


def _token(node: dict[str, Any]) -> Token:
    return Token(
        node['id'],
        created_at=_time(node['created_at']),
        expires_at=_time(node['expires_at']),
        last_used_at=_time(node['last_used_at']),
    )


def _time(text: str | None) -> datetime.datetime | None:
    # Python 3.10 does not accept the `Z` for UTC.
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')) if text else None


def _groups(connection: dict[str, Any]) -> dict[str, str]:
    return {edge['node']['name']: edge['node']['id'] for edge in connection['edges']}
