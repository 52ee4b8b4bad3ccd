# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The OpenCTI example keeps an account for each connector, in either style."""

import datetime
import sys

import pytest
from ops import testing

from fakes.opencti import ACTIVE, BEFORE_TOKENS, CURRENT, INACTIVE
from fakes.opencti.state import Group, State

from .conftest import ADMIN_TOKEN, AS_A_WHOLE, Platform, Site

LONG = 'a-name-of-an-application-that-is-as-long-as-it-can-be'


@pytest.mark.anywhere
@pytest.mark.parametrize('connector_type', ['EXTERNAL_IMPORT', 'STREAM', 'internal-export-file'])
def test_a_connector_has_an_account_in_the_group_for_connectors(site: Site, connector_type: str):
    site.relate(connector_type=connector_type)
    seen = site.seen()
    # An older version puts each new account into its default groups, too.
    groups = ['Connectors'] if site.person.has_many_tokens else ['Connectors', 'Default']
    assert (seen.name, seen.groups, seen.is_active) == (site.name(), groups, True)
    assert seen.is_service_account == site.person.has_many_tokens
    assert site.user_of(site.token()) == site.name()
    assert site.state.get_relation(7).local_app_data['opencti_url'] == site.platform.url
    assert site.status == testing.ActiveStatus()


@pytest.mark.anywhere
def test_two_connectors_of_one_charm_have_accounts_of_their_own(site: Site):
    site.relate(7)
    site.relate(8)
    assert site.user_of(site.token(7)) == site.name(7)
    assert site.user_of(site.token(8)) == site.name(8)


@pytest.mark.anywhere
def test_quiet_hooks_make_one_token_and_change_nothing(site: Site):
    site.relate()
    before = site.state.relations, site.token(), site.secret(), site.made_tokens()
    writes = [name for name in site.platform.operations if name.startswith(('Add', 'Patch'))]
    for _ in range(4):
        site.update_status()
    assert (site.state.relations, site.token(), site.secret(), site.made_tokens()) == before
    assert [n for n in site.platform.operations if n.startswith(('Add', 'Patch'))] == writes
    assert site.made_tokens() <= 1


@pytest.mark.anywhere
def test_an_account_ends_with_its_relation(site: Site):
    site.relate(7)
    site.relate(8)
    token = site.token(7)
    site.end_relation(7)
    assert not site.seen().is_active
    assert site.user_of(token) is None
    assert site.user_of(site.token(8)) == site.name(8)
    assert len(site.state.secrets) == 2  # The administrator's and that of relation 8.


@pytest.mark.anywhere
def test_an_account_that_was_switched_off_by_hand_is_switched_on(site: Site):
    site.relate()
    before = site.token()
    site.person.patch(site.seen().id, 'account_status', INACTIVE)
    site.update_status()
    assert site.user_of(site.token()) == site.name()
    assert site.token() == before


@pytest.mark.anywhere
def test_an_account_that_was_renamed_by_hand_gets_its_name_back(site: Site):
    site.relate()
    before = site.token(), site.made_tokens()
    site.person.patch(site.seen().id, 'name', 'URLhaus')
    for _ in range(4):
        site.update_status()
    assert (site.token(), site.made_tokens()) == before
    assert site.user_of(site.token()) == site.name()


@pytest.mark.anywhere
def test_an_account_that_was_renamed_by_hand_ends_with_its_relation(site: Site):
    site.relate()
    site.person.patch(site.seen().id, 'name', 'URLhaus')
    token = site.token()
    site.end_relation()
    assert site.user_of(token) is None
    assert not site.seen().is_active


@pytest.mark.anywhere
def test_an_account_that_was_deleted_by_hand_comes_back_with_a_new_token(site: Site):
    site.relate()
    site.person.delete(site.seen().id)
    site.update_status()
    assert site.user_of(site.token()) == site.name()


@pytest.mark.anywhere
def test_tokens_that_were_revoked_by_hand_are_replaced(site: Site):
    site.relate()
    site.person.revoke_all(site.seen())
    site.update_status()
    assert site.user_of(site.token()) == site.name()


@pytest.mark.anywhere
def test_an_account_stays_in_the_groups_that_a_person_has_chosen(site: Site):
    site.relate()
    site.person.join(site.seen().id, 'Default')
    site.update_status()
    assert site.seen().groups == ['Connectors', 'Default']


@pytest.mark.anywhere
def test_an_account_with_a_long_name_is_one_account(site: Site):
    names = [f'{site.run_name}{LONG}', f'{site.run_name}{LONG}r']
    for relation_id, name in zip((7, 8), names, strict=True):
        site.relate(relation_id, remote_app_name=name)
        site.update_status()
    tokens = site.token(7), site.token(8)
    site.update_status()
    assert (site.token(7), site.token(8)) == tokens
    for relation_id, name in zip((7, 8), names, strict=True):
        user_name = f'charm-connector-{name}-{relation_id}'
        assert site.user_of(site.token(relation_id)) == user_name
        seen = site.person.accounts(sys.modules['accounts'].address(user_name))
        assert [len(each.user_email.partition('@')[0]) for each in seen] == [64]


@pytest.mark.anywhere
def test_the_account_of_a_connector_that_turns_invalid_stays(site: Site):
    site.relate()
    site.update_relation(remote_app_data={'connector_type': 'NONE'})
    assert site.status.name == 'blocked'
    site.update_status()
    assert site.user_of(site.token()) == site.name()


def test_an_export_is_an_administrator_no_longer(site: Site):
    site.relate(connector_type='INTERNAL_EXPORT_FILE')
    site.person.join(site.account.id, 'Administrators')
    site.update_status()
    assert site.seen().groups == ['Connectors']


def test_a_token_that_expired_in_opencti_is_replaced(site: Site):
    site.relate()
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    (token,) = site.account.api_tokens
    token.expires_at = past
    site.update_status()
    assert site.user_of(site.token()) == site.account.name
    assert len(site.account.api_tokens) == 2


def test_two_rights_suffice_for_the_charm(site: Site):
    rights = Group('Charms', frozenset({'SETTINGS_SETACCESSES', 'APIACCESS_USETOKEN'}))
    site.platform.state.groups.append(rights)
    charm_id = site.person.add('a charm', 'charm@opencti.invalid', 'Charms')
    token = site.person.token_of(charm_id)
    site.change(secrets={testing.Secret({'token': token}, id=site.admin_secret.id)})
    site.relate()
    site.rotate()
    assert site.user_of(site.token()) == site.name()
    site.end_relation()
    assert not site.seen().is_active


@pytest.mark.parametrize(('version', 'status'), [(CURRENT, 'active'), (BEFORE_TOKENS, 'waiting')])
def test_an_account_that_is_not_listed_is_not_given_a_token(
    site: Site, version: str, status: str, monkeypatch: pytest.MonkeyPatch
):
    site.platform.state = State(version, ADMIN_TOKEN)
    site.relate()
    site.person.patch(site.account.id, 'name', 'URLhaus')
    before = site.token(), site.made_tokens()
    with monkeypatch.context() as patch:
        patch.setattr(sys.modules['opencti_api'].OpenctiApi, 'accounts', lambda *_: [])
        for _ in range(4):
            site.update_status()
            assert (site.token(), site.made_tokens()) == before
            assert site.status.name == status
    site.update_status()
    assert (site.token(), site.made_tokens()) == before
    assert site.user_of(site.token()) == site.name()
    assert site.status == testing.ActiveStatus()


@pytest.mark.parametrize('name', ['Charm-Connector-X', 'charm-connector-of-a-person'])
@pytest.mark.parametrize(
    'address', ['Charm-Connector-X@connectors.invalid', 'charm-connector-x@a.b']
)
def test_accounts_of_persons_stay_on(platform: Platform, name: str, address: str):
    person = {'name': name, 'user_email': address, 'user_service_account': True}
    account = platform.state.add_user(person)
    site = Site(platform, AS_A_WHOLE)
    site.relate()
    site.update_status()
    assert account.account_status == ACTIVE


def test_a_unit_that_is_not_the_leader_leaves_opencti_alone(site: Site):
    site.change(leader=False)
    site.relate()
    site.update_status()
    assert site.platform.operations == []
    assert site.status == testing.ActiveStatus()
    site.change(leader=True)
    site.run(site.context.on.leader_elected())
    assert site.user_of(site.token()) == site.account.name


def test_accounts_on_further_pages_are_found(site: Site):
    site.platform.state.page_size = 1
    site.relate(7)
    site.relate(8)
    site.update_status()
    assert site.made_tokens() == 2


@pytest.mark.anywhere
def test_a_reconciling_charm_switches_off_accounts_without_a_relation(platform: Platform):
    # Such as the account of a relation that ended under another charm.
    site = Site(platform, AS_A_WHOLE)

    def add(name: str, address: str) -> str:
        return site.person.add(name, address, 'Connectors')

    gone = f'charm-connector-{site.run_name}gone-1'
    person = f'charm-connector-{site.run_name}person@opencti.invalid'
    add('a person', person)
    site.relate(7)
    site.relate(8, problem='no-data')
    site.relate(9, problem='type-unknown')
    for name in gone, site.name(8), site.name(9):
        add(name, sys.modules['accounts'].address(name))
    site.update_status()
    seen = site.person.accounts(f'charm-connector-{site.run_name}')
    assert [account.name for account in seen if not account.is_active] == [gone]
    assert len(seen) == 5


class TestOlderVersion:
    @pytest.fixture(autouse=True)
    def _is_old(self, platform: Platform):
        platform.state = State(BEFORE_TOKENS, ADMIN_TOKEN)

    def test_the_only_token_is_published(self, site: Site):
        site.relate()
        assert site.token() == site.account.api_token
        assert site.user_of(site.token()) == site.account.name
        before = site.secret()
        site.update_status()
        assert site.secret() == before

    def test_a_renewed_token_is_published(self, site: Site):
        site.relate()
        site.account.api_token = 'renewed-by-hand'
        site.update_status()
        assert site.token() == 'renewed-by-hand'

    def test_it_is_upgraded(self, site: Site):
        site.relate()
        before = site.token()
        site.platform.state.upgrade(CURRENT)
        site.update_status()
        assert site.token() == before
        assert site.user_of(before) == site.account.name
        assert site.made_tokens() == 0
        site.rotate()
        assert site.token().startswith('flgrn_octi_tkn_')
        assert site.user_of(site.token()) == site.account.name

    def test_the_token_from_before_an_upgrade_is_revoked(self, site: Site):
        site.relate()
        before = site.token()
        site.platform.state.upgrade(CURRENT)
        site.person.revoke_all(site.seen())
        site.update_status()
        assert site.user_of(before) is None
        assert site.user_of(site.token()) == site.name()
