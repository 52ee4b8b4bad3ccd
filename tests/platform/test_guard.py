# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The guard lets the tests touch nothing of a running OpenCTI but what they have added."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from fakes.opencti import ADMIN_TOKEN, Platform

from .guard import Guard
from .person import Person

REAL = 'the-token-of-the-real-administrator'
RENAME = """
    mutation ($id: ID!, $input: [EditInput]!) {
        userEdit(id: $id) { fieldPatch(input: $input) { id } }
    }
"""


@pytest.fixture
def opencti() -> Iterator[Platform]:
    with Platform(admin_token=REAL, base_path='/opencti') as platform:
        yield platform


@pytest.fixture
def guard(opencti: Platform) -> Iterator[Guard]:
    with Guard(f'{opencti.url}/', REAL) as guard:
        yield guard


@pytest.fixture
def person(guard: Guard) -> Person:
    return Person(guard.url, ADMIN_TOKEN)


def patch(address: str) -> dict[str, Any]:
    return {'input': [{'key': 'user_email', 'value': [address]}]}


def test_the_tests_work_on_their_own_accounts(guard: Guard, person: Person):
    user_id = person.add('an account', f'{guard.prefix}x@connectors.invalid', 'Connectors')
    token = person.token_of(user_id)
    assert person.user_of(token) == 'an account'
    person.patch(user_id, 'name', 'another')
    assert person.user_of(token) == 'another'
    (seen,) = person.accounts(guard.prefix)
    person.revoke_all(seen)
    person.delete(user_id)
    assert person.accounts(guard.prefix) == []
    assert guard.refused == []


@pytest.mark.parametrize(
    ('query', 'variables'),
    [
        (RENAME, {'id': '{other}', 'input': [{'key': 'name', 'value': ['x']}]}),
        (RENAME, {'id': '{own}', **patch('admin@opencti.io')}),
        ('mutation { userEdit(id: "{other}") { delete } }', {}),
        ('mutation ($id: ID!) { a: userEdit(id: $id) { delete } }', {'id': '{other}'}),
        (
            'mutation ($input: UserTokenAddInput!)'
            ' { userAdminTokenAdd(userId: "{other}", input: $input) { token_id } }',
            {},
        ),
        ('mutation { userAdminTokenRevoke(userId: "{other}", id: "x") }', {}),
        ('mutation { userTokenAdd(input: {name: "x", duration: DAYS_30}) { token_id } }', {}),
        ('mutation { userAdd(input: {name: "x", user_service_account: true}) { id } }', {}),
        ('mutation { userAdd(input: {name: "x", user_email: "a@b.c"}) { id } }', {}),
        (
            'mutation ($input: UserAddInput!) { userAdd(input: $input) { id } }',
            {'input': {'name': 'x', 'user_email': 'charm-connector-mitre-7@connectors.invalid'}},
        ),
        ('mutation { ...X } fragment X on Mutation { userEdit(id: "{other}") { delete } }', {}),
        ('mutation { pingConnector(id: "x") { id } }', {}),
        ('query A { me { id } } mutation B { userEdit(id: "{other}") { delete } }', {}),
        ('subscription { me { id } }', {}),
        ('mutation {', {}),
    ],
)
def test_it_refuses_the_rest(
    opencti: Platform, guard: Guard, person: Person, query: str, variables: dict[str, Any]
):
    other = opencti.state.add_user(
        {
            'name': 'charm-connector-mitre-7',
            'user_email': 'charm-connector-mitre-7@connectors.invalid',
            'user_service_account': True,
        }
    )
    own = person.add('an account', f'{guard.prefix}x@connectors.invalid', 'Connectors')
    before = str(opencti.state.users)
    opencti.calls.clear()

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [filled(item) for item in value]
        return value.replace('{other}', other.id).replace('{own}', own)

    with pytest.raises(requests.HTTPError):
        person.ask(filled(query), filled(variables))
    assert opencti.calls == []
    assert str(opencti.state.users) == before
    assert len(guard.refused) == 1


def test_nobody_else_is_the_administrator(guard: Guard):
    stranger = Person(guard.url, 'another')
    assert 'errors' in stranger.ask('query Version { about { version } }')


def test_an_opencti_that_is_gone_says_no_token(opencti: Platform):
    with Guard('http://127.0.0.1:1', REAL) as guard:
        answer = requests.post(guard.url, json={'query': 'query { me { id } }'}, timeout=30)
    assert answer.status_code == 502
    assert REAL not in answer.text
