# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The OpenCTI example when OpenCTI fails or refuses: nothing is lost."""

import contextlib
import sys
from collections.abc import Iterator

import ops
import pytest
from ops import testing

from fakes.opencti import INACTIVE, Fault, Platform

from .conftest import BY_EVENTS, Site

DOWN = [
    Fault.ERROR,
    Fault.NO_JSON,
    Fault.DROPPED,
    Fault.LOST,
    Fault.HANGS,
    Fault.NO_SEARCH,
    Fault.SEARCH_STARTS,
]


@contextlib.contextmanager
def down(site: Site, fault: Fault) -> Iterator[None]:
    """Let each request fail, and let no hook wait long for an answer."""
    site.platform.faults = [fault]
    with pytest.MonkeyPatch.context() as patch:
        if fault is Fault.HANGS:
            patch.setattr(sys.modules['opencti_api'], 'TIMEOUT', 0.2)
        yield
    site.platform.go_on()


@pytest.mark.parametrize('fault', DOWN, ids=lambda fault: fault.name)
class TestDown:
    def test_a_connector_waits_and_is_answered_later(self, site: Site, fault: Fault):
        with down(site, fault):
            site.relate()
        assert site.status.name == 'waiting'
        assert not site.is_answered()
        site.update_status()
        assert site.user_of(site.token()) == site.name()
        assert site.status == testing.ActiveStatus()

    def test_a_removal_is_done_later(self, site: Site, fault: Fault):
        site.relate()
        token = site.token()
        with down(site, fault):
            site.end_relation()
        assert site.status.name == 'waiting'
        site.update_status()
        assert site.user_of(token) is None
        assert site.state.deferred == []

    def test_an_expired_token_stays_until_it_is_replaced(self, site: Site, fault: Fault):
        site.relate()
        before = site.token()
        with down(site, fault):
            site.expire()
        assert site.status.name == 'waiting'
        assert site.token() == before
        site.expire()
        assert site.token() != before
        assert site.user_of(site.token()) == site.name()

    def test_a_rotation_says_so(self, site: Site, fault: Fault):
        site.relate()
        before = site.token()
        with down(site, fault), pytest.raises(testing.ActionFailed, match='waiting for OpenCTI'):
            site.rotate()
        assert site.token() == before


@pytest.mark.parametrize('call', range(6))
def test_an_answer_is_lost_at_each_step(site: Site, call: int):
    # OpenCTI has made the account or the token, and the charm does not know.
    site.platform.faults = [*[None] * call, Fault.LOST, None]
    site.relate()
    site.update_status()
    assert site.user_of(site.token()) == site.name()
    names = [user.name for user in site.platform.state.users]
    assert names.count(site.name()) == 1
    site.rotate()
    assert len(site.account.api_tokens) <= 2


def test_no_platform(site: Site):
    site.change(config={**site.state.config, 'url': 'http://127.0.0.1:1'})
    site.relate()
    assert site.status == testing.WaitingStatus("waiting for OpenCTI's API to answer")


@pytest.mark.parametrize('url', ['opencti', 'ftp://opencti', 'http://'])
def test_an_url_that_cannot_be_one(site: Site, url: str):
    site.change(config={**site.state.config, 'url': url})
    site.relate()
    assert site.status == testing.BlockedStatus('check the options url and admin-token')


@pytest.mark.anywhere
def test_a_url_that_connectors_could_not_use(site: Site):
    # requests strips the blanks.
    site.change(config={**site.state.config, 'url': f' {site.platform.url}'})
    site.relate()
    assert site.status.name == 'blocked'
    assert site.status.message.startswith('url: must be')
    assert not site.is_answered()


@pytest.mark.anywhere
def test_the_token_of_the_administrator_is_refused(site: Site):
    site.change(secrets={testing.Secret({'token': 'another'}, id=site.admin_secret.id)})
    site.relate()
    assert site.status == testing.BlockedStatus('OpenCTI refuses admin-token: configure another')


@pytest.mark.parametrize('token', ['two\nlines', ' blank'])
def test_the_token_of_the_administrator_cannot_be_sent(site: Site, token: str):
    site.change(secrets={testing.Secret({'token': token}, id=site.admin_secret.id)})
    site.relate()
    assert site.status.name == 'blocked'
    assert token not in str(site.context.juju_log) + site.status.message


def test_a_proxy_refuses_the_token(site: Site):
    site.platform.faults = [Fault.UNAUTHORIZED]
    site.relate()
    assert site.status == testing.BlockedStatus('OpenCTI refuses admin-token: configure another')


@pytest.mark.anywhere
def test_a_new_token_of_the_administrator_helps_at_once(site: Site):
    site.change(secrets={testing.Secret({'token': 'another'}, id=site.admin_secret.id)})
    site.relate()
    site.change(secrets={site.admin_secret})
    site.run(site.context.on.secret_changed(site.admin_secret))
    assert site.user_of(site.token()) == site.name()


@pytest.mark.anywhere
@pytest.mark.parametrize('group', ['Connectors', 'Default'])
def test_the_user_of_the_token_may_not_manage_accounts(site: Site, group: str):
    address = sys.modules['accounts'].address(f'charm-connector-{site.run_name}reader-1')
    value = site.person.token_of(site.person.add('reader', address, group))
    site.change(secrets={testing.Secret({'token': value}, id=site.admin_secret.id)})
    site.relate()
    # Since tokens are many, to use one is a right, which not all have.
    expected = [
        'admin-token: OpenCTI does not let its user manage accounts',
        'OpenCTI refuses admin-token: configure another',
    ]
    assert site.status in [testing.BlockedStatus(message) for message in expected]


def test_a_missing_group(site: Site):
    state = site.platform.state
    state.groups = [group for group in state.groups if group.name != 'Connectors']
    site.relate()
    expected = 'OpenCTI has no group Connectors: create it'
    assert site.status == testing.BlockedStatus(expected)


class TestConfiguration:
    @pytest.mark.parametrize(
        ('config', 'message'),
        [
            ({}, 'missing configuration: url, admin-token'),
            ({'url': 'http://opencti'}, 'missing configuration: admin-token'),
        ],
    )
    def test_it_is_missing(self, site: Site, config: dict[str, str], message: str):
        site.change(config=config)
        site.run(site.context.on.config_changed())
        assert site.status == testing.BlockedStatus(message)
        site.relate()
        assert site.status == testing.BlockedStatus(message)
        site.end_relation()
        assert site.status == testing.BlockedStatus(message)

    def test_the_secret_is_not_granted(self, site: Site):
        site.context.withheld.add(site.admin_secret.id)
        site.relate()
        assert site.status == testing.BlockedStatus('admin-token: run juju grant-secret … opencti')

    def test_juju_cannot_read_the_secret(self, site: Site, monkeypatch: pytest.MonkeyPatch):
        def get_secret(self: ops.Model, **_: str) -> ops.Secret:
            raise ops.ModelError('ERROR Vault is sealed')

        monkeypatch.setattr(ops.Model, 'get_secret', get_secret)
        site.relate()
        assert site.status == testing.WaitingStatus(
            'admin-token: waiting for Juju to read the secret'
        )

    def test_the_secret_has_no_token(self, site: Site):
        site.change(secrets={testing.Secret({'password': 'x'}, id=site.admin_secret.id)})
        site.relate()
        expected = 'admin-token: the secret has no key token'
        assert site.status == testing.BlockedStatus(expected)


def test_a_removal_that_waits_keeps_waiting(platform: Platform):
    site = Site(platform, BY_EVENTS)
    site.relate()
    account = site.account
    with down(site, Fault.ERROR):
        site.end_relation()
        assert len(site.state.deferred) == 1
        site.update_status()
        assert len(site.state.deferred) == 1
    assert account.account_status != INACTIVE
    site.update_status()
    assert account.account_status == INACTIVE
