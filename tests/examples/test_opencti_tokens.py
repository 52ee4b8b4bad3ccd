# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The OpenCTI example replaces tokens: on request, and before they expire."""

import dataclasses

import pytest
from ops import testing

from fakes.opencti import BEFORE_TOKENS, Platform
from fakes.opencti.state import State

from .conftest import ADMIN_TOKEN, Site


@pytest.mark.anywhere
def test_a_rotated_token_reaches_the_connector(site: Site):
    site.relate()
    before, secret_id = site.token(), site.secret().id
    site.rotate()
    assert site.token() != before
    assert site.secret().id == secret_id
    assert site.user_of(site.token()) == site.name()
    after = site.token(), site.made_tokens()
    site.update_status()
    assert (site.token(), site.made_tokens()) == after


def test_the_old_token_stays_valid_until_the_connector_has_the_new_one(site: Site):
    site.relate()
    first = site.token()
    assert site.user_of(first)
    site.rotate()
    assert site.user_of(first) == site.name()
    second = site.token()
    site.platform.state.clock += site.platform.state.clock.resolution
    assert site.user_of(second) == site.name()
    site.rotate()
    assert site.user_of(first) is None
    assert site.user_of(second) == site.name()
    assert site.user_of(site.token()) == site.name()


def test_an_expired_secret_is_replaced(site: Site):
    site.relate()
    before = site.token()
    assert site.secret().expire is not None
    site.expire()
    assert site.token() != before
    assert site.user_of(site.token()) == site.name()
    assert site.secret().expire is not None
    # Juju reports the expired revision until it is gone.
    again = site.context.on.secret_expired(site.secret(), revision=1)
    site.run(again)
    assert site.made_tokens() == 2


def test_an_older_version_replaces_its_only_token(platform: Platform, site: Site):
    platform.state = State(BEFORE_TOKENS, ADMIN_TOKEN)
    site.relate()
    before = site.token()
    assert site.secret().expire is None
    site.rotate()
    assert site.token() == site.account.api_token != before


@pytest.mark.parametrize(
    ('leader', 'message'),
    [(True, 'no connector has this account'), (False, 'only the leader can rotate a token')],
)
def test_a_token_that_cannot_be_rotated(site: Site, leader: bool, message: str):
    site.relate()
    site.change(leader=leader)
    with pytest.raises(testing.ActionFailed, match=message):
        site.act('rotate-token', **{'user-name': 'nobody'})


@pytest.mark.anywhere
def test_the_connectors_are_listed(site: Site):
    site.relate(7)
    site.relate(8, problem='no-data')
    site.relate(9, problem='type-unknown')
    results = site.act('list-connectors')
    assert {name: shown['state'] for name, shown in results.items()} == {
        'relation-7': 'answered',
        'relation-8': 'silent',
        'relation-9': 'invalid',
    }
    assert results['relation-7']['account'] == site.name()
    assert 'connector_type' in results['relation-9']['problem']


@pytest.mark.anywhere
def test_a_unit_that_is_not_the_leader_lists_what_it_can_see(site: Site):
    site.relate()
    site.change(leader=False)
    assert site.act('list-connectors')['relation-7'] == {
        'application': f'{site.run_name}urlhaus',
        'account': site.name(),
        'state': 'known to the leader alone',
    }


@pytest.mark.anywhere
def test_a_withdrawn_secret_is_published_again_with_a_new_token(site: Site):
    site.relate()
    before = site.token()
    emptied = dataclasses.replace(site.state.get_relation(7), local_app_data={})
    site.change(relations={emptied})
    site.update_status()
    assert (site.token() != before) == site.person.has_many_tokens
    assert site.user_of(site.token()) == site.name()
