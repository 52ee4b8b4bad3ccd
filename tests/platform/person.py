# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a person does and sees in an OpenCTI, by its API: the test's own hands and eyes."""

import dataclasses
import secrets
from typing import Any

import requests

_SEEN = 'id name user_email account_status groups { edges { node { id name } } }'
_MANY = 'user_service_account api_tokens { id name created_at expires_at }'
_ONE = 'api_token'


@dataclasses.dataclass(frozen=True)
class Seen:
    """An account, as an administrator sees it."""

    id: str
    name: str
    user_email: str
    is_active: bool
    is_service_account: bool
    groups: list[str]
    token_ids: list[str]
    only_token: str | None = dataclasses.field(default=None, repr=False)


class Person:
    """An administrator of an OpenCTI.

    Args:
        url: The URL of OpenCTI.
        token: The administrator's token.
    """

    def __init__(self, url: str, token: str):
        self.url = url
        self._token = token

    def ask(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        path: str = '/graphql',
    ) -> dict[str, Any]:
        """Return OpenCTI's answer, be it data or errors.

        Args:
            query: The operation.
            variables: Its variables.
            token: Who asks: the administrator, or nobody if it is empty.
            path: Where it is sent to.
        """
        bearer = self._token if token is None else token
        response = requests.post(
            self.url + path,
            json={'query': query, 'variables': variables or {}},
            headers={'Authorization': f'Bearer {bearer}'} if bearer else {},
            timeout=60,
        )
        response.raise_for_status()
        return response.json()

    def do(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the data of an answer that must hold no errors."""
        answer = self.ask(query, variables)
        if 'errors' in answer:
            raise RuntimeError(f'{query.split("(")[0].strip()}: {answer["errors"]}')
        return answer['data']

    @property
    def version(self) -> str:
        """The platform's version."""
        return self.do('query Version { about { version } }')['about']['version']

    @property
    def has_many_tokens(self) -> bool:
        """Whether tokens are shown once."""
        return tuple(int(part) for part in self.version.split('.')[:2]) >= (7, 260224)

    def accounts(self, prefix: str) -> list[Seen]:
        """Return the accounts whose addresses start with a prefix, in any case."""
        fields = f'{_SEEN} {_MANY if self.has_many_tokens else _ONE}'
        text = f"""
            query Seen($filters: FilterGroup, $first: Int) {{
                users(filters: $filters, first: $first) {{ edges {{ node {{ {fields} }} }} }}
            }}
        """
        condition = {'key': ['user_email'], 'values': [prefix], 'operator': 'starts_with'}
        filters = {'mode': 'and', 'filters': [condition], 'filterGroups': []}
        users = self.do(text, filters=filters, first=500)['users']
        return [_seen(edge['node']) for edge in users['edges']]

    def group_id(self, name: str) -> str:
        """Return the id of a group."""
        text = 'query Groups($first: Int) { groups(first: $first) { edges { node { id name } } } }'
        groups = self.do(text, first=500)['groups']['edges']
        return next(edge['node']['id'] for edge in groups if edge['node']['name'] == name)

    def add(self, name: str, address: str, *groups: str) -> str:
        """Add an account in these groups alone, and return its id."""
        fields: dict[str, Any] = {
            'name': name,
            'user_email': address,
            'groups': [self.group_id(group) for group in groups],
            'prevent_default_groups': True,
        }
        if self.has_many_tokens:
            fields['user_service_account'] = True
        else:
            fields['password'] = f'Aa1!{secrets.token_urlsafe(32)}'
        text = 'mutation Add($input: UserAddInput!) { userAdd(input: $input) { id } }'
        return self.do(text, input=fields)['userAdd']['id']

    def token_of(self, user_id: str) -> str:
        """Return a token of an account: a new one if it can have many."""
        if not self.has_many_tokens:
            text = 'mutation ($id: ID!) { userEdit(id: $id) { tokenRenew { api_token } } }'
            return self.do(text, id=user_id)['userEdit']['tokenRenew']['api_token']
        text = """
            mutation ($id: ID!) {
                userAdminTokenAdd(userId: $id, input: {name: "by hand", duration: DAYS_30}) {
                    plaintext_token
                }
            }
        """
        return self.do(text, id=user_id)['userAdminTokenAdd']['plaintext_token']

    def patch(self, user_id: str, key: str, value: str) -> None:
        """Change a field of an account, such as `name` or `account_status`."""
        text = """
            mutation ($id: ID!, $input: [EditInput]!) {
                userEdit(id: $id) { fieldPatch(input: $input) { id } }
            }
        """
        self.do(text, id=user_id, input=[{'key': key, 'value': [value]}])

    def join(self, user_id: str, group: str) -> None:
        """Make an account a member of a group."""
        text = """
            mutation ($id: ID!, $input: InternalRelationshipAddInput!) {
                userEdit(id: $id) { relationAdd(input: $input) { id } }
            }
        """
        member = {'toId': self.group_id(group), 'relationship_type': 'member-of'}
        self.do(text, id=user_id, input=member)

    def revoke_all(self, account: Seen) -> None:
        """Revoke all tokens of an account."""
        text = """
            mutation ($user: ID!, $id: ID!) { userAdminTokenRevoke(userId: $user, id: $id) }
        """
        for token_id in account.token_ids:
            self.do(text, user=account.id, id=token_id)

    def delete(self, user_id: str) -> None:
        """Delete an account."""
        self.do('mutation ($id: ID!) { userEdit(id: $id) { delete } }', id=user_id)

    def user_of(self, token: str) -> str | None:
        """Return the name of a token's user; `None` if OpenCTI refuses the token."""
        answer = self.ask('query Me { me { name } }', token=token)
        return None if 'errors' in answer else answer['data']['me']['name']


def _seen(node: dict[str, Any]) -> Seen:
    return Seen(
        node['id'],
        node['name'],
        node['user_email'],
        is_active=node['account_status'] == 'Active',
        is_service_account=bool(node.get('user_service_account')),
        groups=sorted(edge['node']['name'] for edge in node['groups']['edges']),
        token_ids=[token['id'] for token in node.get('api_tokens', ())],
        only_token=node.get('api_token'),
    )
