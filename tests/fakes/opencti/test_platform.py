# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The platform does what OpenCTI does, as far as charms and connectors can tell."""

import datetime
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from fakes.opencti import ADMIN_TOKEN, BEFORE_TOKENS, INACTIVE, Fault, Platform

VERSION = '{ about { version } }'
ADD_USER = 'mutation ($input: UserAddInput!) { userAdd(input: $input) { id name } }'
ADD_TOKEN = """
    mutation ($id: ID!, $duration: TokenDuration!) {
        userAdminTokenAdd(userId: $id, input: {name: "a token", duration: $duration}) {
            token_id plaintext_token expires_at masked_token
        }
    }
"""
SET_STATUS = """
    mutation ($id: ID!, $status: Any!) {
        userEdit(id: $id) {
            fieldPatch(input: [{key: "account_status", value: [$status]}]) { account_status }
        }
    }
"""
REGISTER = """
    mutation ($input: RegisterConnectorInput) {
        registerConnector(input: $input) { id connector_user_id connector_state }
    }
"""
PING = 'mutation ($id: ID!, $state: String) { pingConnector(id: $id, state: $state) { id } }'


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform() as platform:
        yield platform


@pytest.fixture
def old_platform() -> Iterator[Platform]:
    with Platform(BEFORE_TOKENS) as platform:
        yield platform


def post(platform: Platform, text: str, token: str = ADMIN_TOKEN, **variables: Any) -> Any:
    response = requests.post(
        f'{platform.url}/graphql',
        json={'query': text, 'variables': variables},
        headers={'Authorization': f'Bearer {token}'},
        timeout=30,
    )
    response.raise_for_status()
    return response.json()


def data(platform: Platform, text: str, token: str = ADMIN_TOKEN, **variables: Any) -> Any:
    answer = post(platform, text, token, **variables)
    assert 'errors' not in answer
    return answer['data']


def refusal(platform: Platform, text: str, token: str = ADMIN_TOKEN, **variables: Any) -> str:
    errors = post(platform, text, token, **variables)['errors']
    return errors[0]['extensions']['code']


def add_account(platform: Platform, name: str = 'an-account', group: str = 'Connectors') -> str:
    group_id = platform.state.group_named(group).id
    fields = {'name': name, 'user_service_account': True, 'groups': [group_id]}
    return data(platform, ADD_USER, input=fields)['userAdd']['id']


def add_token(platform: Platform, user_id: str, duration: str = 'DAYS_30') -> Any:
    return data(platform, ADD_TOKEN, id=user_id, duration=duration)['userAdminTokenAdd']


def test_a_token_is_shown_once_and_kept_as_a_hash(platform: Platform):
    user_id = add_account(platform)
    made = add_token(platform, user_id)
    value = made['plaintext_token']
    assert re.fullmatch('flgrn_octi_tkn_[A-Za-z0-9_-]{64}', value)
    assert value not in str(vars(platform.state.user(user_id)))
    shown = data(platform, '{ users { edges { node { api_tokens { id masked_token } } } } }')
    assert value not in str(shown)
    assert f'****{value[-4:]}' in str(shown)
    assert data(platform, '{ me { name } }', value)['me'] == {'name': 'an-account'}


@pytest.mark.parametrize('field', ['api_token', 'plaintext_token'])
def test_a_token_is_not_shown_twice(platform: Platform, field: str):
    text = f'{{ users {{ edges {{ node {{ {field} }} }} }} }}'
    assert refusal(platform, text) == 'GRAPHQL_VALIDATION_FAILED'


@pytest.mark.parametrize(
    ('duration', 'days'),
    [('DAYS_30', 30), ('DAYS_60', 60), ('DAYS_90', 90), ('DAYS_365', 365), ('UNLIMITED', None)],
)
def test_a_token_expires(platform: Platform, duration: str, days: int | None):
    token = add_token(platform, add_account(platform), duration)['plaintext_token']
    platform.state.clock += datetime.timedelta(days=(days or 366) - 1)
    assert data(platform, VERSION, token)
    platform.state.clock += datetime.timedelta(days=1)
    if days is None:
        assert data(platform, VERSION, token)
    else:
        assert refusal(platform, VERSION, token) == 'AUTH_REQUIRED'


def test_a_token_is_revoked(platform: Platform):
    user_id = add_account(platform)
    made = add_token(platform, user_id)
    revoke = 'mutation ($user: ID!, $id: ID!) { userAdminTokenRevoke(userId: $user, id: $id) }'
    assert data(platform, revoke, user=user_id, id=made['token_id'])
    assert refusal(platform, VERSION, made['plaintext_token']) == 'AUTH_REQUIRED'
    assert refusal(platform, revoke, user=user_id, id=made['token_id']) == 'FUNCTIONAL_ERROR'


def test_a_user_makes_and_revokes_a_token_of_its_own(platform: Platform):
    token = add_token(platform, add_account(platform))['plaintext_token']
    add = """mutation { userTokenAdd(input: {name: "second", duration: DAYS_30}) { token_id } }"""
    made = data(platform, add, token)['userTokenAdd']
    revoke = 'mutation ($id: ID!) { userTokenRevoke(id: $id) }'
    assert data(platform, revoke, token, id=made['token_id'])
    assert len(platform.state.user_named('an-account').api_tokens) == 1


def test_an_account_that_is_switched_off_cannot_log_in(platform: Platform):
    user_id = add_account(platform)
    token = add_token(platform, user_id)['plaintext_token']
    assert data(platform, SET_STATUS, id=user_id, status=INACTIVE)
    assert refusal(platform, VERSION, token) == 'AUTH_REQUIRED'


@pytest.mark.parametrize('authorization', [None, 'Bearer wrong', f'Token {ADMIN_TOKEN}', 'Bearer'])
def test_the_authorization_header_is_checked(platform: Platform, authorization: str | None):
    headers = {} if authorization is None else {'Authorization': authorization}
    url = f'{platform.url}/graphql'
    response = requests.post(url, json={'query': VERSION}, headers=headers, timeout=30)
    assert response.status_code == 200
    assert response.json()['errors'][0]['extensions']['code'] == 'AUTH_REQUIRED'


def test_a_connector_may_not_touch_accounts(platform: Platform):
    user_id = add_account(platform)
    token = add_token(platform, user_id)['plaintext_token']
    assert refusal(platform, SET_STATUS, token, id=user_id, status=INACTIVE) == 'FORBIDDEN_ACCESS'


def test_a_user_of_a_known_address_is_refused(platform: Platform, old_platform: Platform):
    user = {'name': 'a user', 'user_email': 'a@b.example', 'password': 'long enough'}
    for each in (platform, old_platform):
        assert data(each, ADD_USER, input=user)
        assert refusal(each, ADD_USER, input=user) == 'FUNCTIONAL_ERROR'


def test_service_accounts_can_share_a_name(platform: Platform):
    # OpenCTI identifies users by their address alone, so look first for an existing one.
    assert add_account(platform) != add_account(platform)


def test_an_older_version_has_one_token_that_administrators_read(old_platform: Platform):
    user = {'name': 'a user', 'user_email': 'a@b.example', 'password': 'long enough'}
    user_id = data(old_platform, ADD_USER, input=user)['userAdd']['id']
    text = '{ users { edges { node { name api_token } } } }'
    tokens = {
        edge['node']['name']: edge['node']['api_token']
        for edge in data(old_platform, text)['users']['edges']
    }
    assert data(old_platform, '{ me { name } }', tokens['a user'])['me'] == {'name': 'a user'}
    unknown = refusal(old_platform, ADD_TOKEN, id=user_id, duration='DAYS_30')
    assert unknown == 'GRAPHQL_VALIDATION_FAILED'
    renew = 'mutation ($id: ID!) { userEdit(id: $id) { tokenRenew { api_token } } }'
    renewed = data(old_platform, renew, id=user_id)['userEdit']['tokenRenew']['api_token']
    assert renewed != tokens['a user']
    assert refusal(old_platform, VERSION, tokens['a user']) == 'AUTH_REQUIRED'
    # The platform is upgraded, and keeps what it knew.
    old_platform.state.upgrade('7.260224.0')
    assert data(old_platform, '{ me { name } }', renewed)['me'] == {'name': 'a user'}


def test_an_upgrade_lets_all_who_could_use_tokens_use_them(old_platform: Platform):
    user = {'name': 'a user', 'user_email': 'a@b.example', 'password': 'long enough'}
    user_id = data(old_platform, ADD_USER, input=user)['userAdd']['id']
    token = old_platform.state.user(user_id).api_token
    old_platform.state.upgrade('7.260817.0')
    assert refusal(old_platform, SET_STATUS, token, id=user_id, status='x') == 'FORBIDDEN_ACCESS'


def test_a_later_version_is_told_the_build_of_a_connector():
    with Platform('7.261026.0') as platform:
        token = add_token(platform, add_account(platform))['plaintext_token']
        fields = {'id': 'an-id', 'name': 'feed', 'type': 'STREAM', 'version': '1', 'slug': 'feed'}
        assert data(platform, REGISTER, token, input=fields)


def test_work_is_reported(platform: Platform):
    token = add_token(platform, add_account(platform))['plaintext_token']
    add = 'mutation { workAdd(connectorId: "an-id", friendlyName: "a work") { id } }'
    work_id = data(platform, add, token)['workAdd']['id']
    report = """
        mutation ($id: ID!) {
            workEdit(id: $id) { ping toReceived(message: "r") toProcessed(message: "p") }
        }
    """
    assert data(platform, report, token, id=work_id)
    reports = [('ping', None), ('received', 'r'), ('processed', 'p')]
    assert platform.state.works[work_id]['reports'] == reports
    assert refusal(platform, report, token, id='another') == 'WORK_NOT_ALIVE'


def test_users_come_by_pages_and_filters(platform: Platform):
    platform.state.page_size = 2
    for number in range(3):
        add_account(platform, f'connector-{number}')
    text = """
        query ($after: ID, $filters: FilterGroup) {
            users(after: $after, filters: $filters) {
                edges { node { name } } pageInfo { endCursor hasNextPage globalCount }
            }
        }
    """
    condition = {'key': ['name'], 'values': ['connector-'], 'operator': 'starts_with'}
    filters = {'mode': 'and', 'filters': [condition], 'filterGroups': []}
    first = data(platform, text, filters=filters)['users']
    assert [edge['node']['name'] for edge in first['edges']] == ['connector-0', 'connector-1']
    assert first['pageInfo']['hasNextPage']
    after = first['pageInfo']['endCursor']
    second = data(platform, text, filters=filters, after=after)['users']
    assert [edge['node']['name'] for edge in second['edges']] == ['connector-2']
    assert not second['pageInfo']['hasNextPage']


def test_a_connector_registers_and_pings(platform: Platform):
    user_id = add_account(platform)
    token = add_token(platform, user_id)['plaintext_token']
    fields = {'id': 'an-id', 'name': 'feed', 'type': 'EXTERNAL_IMPORT', 'scope': ['a', 'b']}
    assert refusal(platform, PING, token, id='an-id') == 'FUNCTIONAL_ERROR'
    registered = data(platform, REGISTER, token, input=fields)['registerConnector']
    assert registered == {'id': 'an-id', 'connector_user_id': user_id, 'connector_state': None}
    assert data(platform, PING, token, id='an-id', state='{}')
    again = data(platform, REGISTER, token, input=fields)['registerConnector']
    assert again['connector_state'] == '{}'


@pytest.mark.parametrize(
    ('fault', 'error'),
    [
        (Fault.UNAUTHORIZED, requests.HTTPError),
        (Fault.ERROR, requests.HTTPError),
        (Fault.NO_JSON, requests.JSONDecodeError),
        (Fault.DROPPED, requests.ConnectionError),
        (Fault.LOST, requests.ConnectionError),
    ],
)
def test_a_fault_passes(platform: Platform, fault: Fault, error: type[Exception]):
    platform.faults = [fault, None]
    with pytest.raises((error, requests.exceptions.ChunkedEncodingError)) as caught:
        add_account(platform)
    assert isinstance(caught.value, error | requests.exceptions.ChunkedEncodingError)
    made = [user for user in platform.state.users if user.name == 'an-account']
    assert len(made) == (1 if fault is Fault.LOST else 0)
    assert add_account(platform, 'another')


def test_an_answer_that_hangs_comes_in_the_end(platform: Platform):
    platform.faults = [Fault.HANGS]
    with pytest.raises(requests.Timeout):
        requests.post(f'{platform.url}/graphql', json={'query': VERSION}, timeout=0.1)
    platform.go_on()
    assert data(platform, VERSION)


def test_it_runs_as_a_process():
    command = [sys.executable, '-m', 'fakes.opencti', '--base-path', '/opencti']
    environment = {**os.environ, 'ADMIN_TOKEN': 'a-token'}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            answer = requests.post(
                f'{url}/graphql',
                json={'query': VERSION},
                headers={'Authorization': 'Bearer a-token'},
                timeout=30,
            )
            assert url.endswith('/opencti')
            assert answer.json()['data']['about']['version']
        finally:
            process.terminate()
