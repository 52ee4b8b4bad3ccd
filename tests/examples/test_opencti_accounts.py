# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The OpenCTI example keeps an account for each connector, in either style."""

import datetime

import pytest
from ops import testing

from fakes.opencti import BEFORE_TOKENS, INACTIVE
from fakes.opencti.state import State

from .conftest import ADMIN_TOKEN, AS_A_WHOLE, Platform, Site


@pytest.mark.parametrize(
    ('connector_type', 'group'),
    [
        ('EXTERNAL_IMPORT', 'Connectors'),
        ('STREAM', 'Connectors'),
        ('internal-export-file', 'Administrators'),
    ],
)
def test_a_connector_has_a_service_account_in_the_group_of_its_type(
    site: Site, connector_type: str, group: str
):
    site.relate(connector_type=connector_type)
    assert site.account.user_service_account
    assert [each.name for each in site.account.groups] == [group]
    assert site.user_of(site.token()) == site.account.name
    assert site.state.get_relation(7).local_app_data['opencti_url'] == site.platform.url
    assert site.status == testing.ActiveStatus()


def test_two_connectors_of_one_charm_have_accounts_of_their_own(site: Site):
    site.relate(7)
    site.relate(8)
    assert site.user_of(site.token(7)) == 'charm-connector-urlhaus-7'
    assert site.user_of(site.token(8)) == 'charm-connector-urlhaus-8'


def test_quiet_hooks_make_one_token_and_change_nothing(site: Site):
    site.relate()
    before = site.state.relations, site.token(), site.secret()
    writes = [name for name in site.platform.operations if name.startswith(('Add', 'Patch'))]
    for _ in range(4):
        site.update_status()
    assert (site.state.relations, site.token(), site.secret()) == before
    assert [n for n in site.platform.operations if n.startswith(('Add', 'Patch'))] == writes
    assert site.made_tokens() == 1


def test_an_account_ends_with_its_relation(site: Site):
    site.relate(7)
    site.relate(8)
    token = site.token(7)
    site.end_relation(7)
    assert site.account.account_status == INACTIVE
    assert site.user_of(token) is None
    assert site.user_of(site.token(8)) == 'charm-connector-urlhaus-8'
    assert len(site.state.secrets) == 2  # The administrator's and that of relation 8.


def test_an_account_that_was_switched_off_by_hand_is_switched_on(site: Site):
    site.relate()
    site.account.account_status = INACTIVE
    site.update_status()
    assert site.user_of(site.token()) == site.account.name
    assert site.made_tokens() == 1


def test_an_account_that_was_deleted_by_hand_comes_back_with_a_new_token(site: Site):
    site.relate()
    site.platform.state.users.remove(site.account)
    site.update_status()
    assert site.user_of(site.token()) == site.account.name


def test_tokens_that_were_revoked_by_hand_are_replaced(site: Site):
    site.relate()
    site.account.api_tokens.clear()
    site.update_status()
    assert site.user_of(site.token()) == site.account.name


def test_a_token_that_expired_in_opencti_is_replaced(site: Site):
    site.relate()
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    (token,) = site.account.api_tokens
    token.expires_at = past
    site.update_status()
    assert site.user_of(site.token()) == site.account.name
    assert len(site.account.api_tokens) == 2


def test_an_account_follows_the_type_of_its_connector(site: Site):
    site.relate(connector_type='INTERNAL_EXPORT_FILE')
    details = site.state.get_relation(7).remote_app_data
    site.update_relation(remote_app_data={**details, 'connector_type': 'STREAM'})
    assert [group.name for group in site.account.groups] == ['Connectors']


def test_the_account_of_a_connector_that_turns_invalid_stays(site: Site):
    site.relate()
    site.update_relation(remote_app_data={'connector_type': 'NONE'})
    assert site.status.name == 'blocked'
    site.update_status()
    assert site.user_of(site.token()) == site.account.name


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


def test_a_reconciling_charm_switches_off_accounts_without_a_relation(platform: Platform):
    # Such as the account of a relation that ended under another charm.
    stray = platform.state.add_user(
        {'name': 'charm-connector-gone-1', 'user_service_account': True}
    )
    person = platform.state.add_user({'name': 'a person', 'user_service_account': True})
    site = Site(platform, AS_A_WHOLE)
    site.relate(7)
    site.relate(8, problem='no-data')
    site.relate(9, problem='type-unknown')
    for relation_id in (8, 9):
        platform.state.add_user(
            {'name': f'charm-connector-urlhaus-{relation_id}', 'user_service_account': True}
        )
    site.update_status()
    off = [user.name for user in platform.state.users if user.account_status == INACTIVE]
    assert off == [stray.name]
    assert person.account_status != INACTIVE


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
        site.platform.state.upgrade('7.260224.0')
        site.update_status()
        assert site.token() == before
        assert site.user_of(before) == site.account.name
        site.rotate()
        assert site.token().startswith('flgrn_octi_tkn_')
        assert site.user_of(site.token()) == site.account.name
