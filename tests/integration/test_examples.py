# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The example charms, with the part of OpenCTI's platform that they call."""

import urllib.parse
from collections.abc import Iterator

import jubilant
import pytest

from fakes.opencti import ADMIN_TOKEN, INACTIVE, Platform
from fakes.opencti.state import User

from .models import Model, Pack

ENVIRONMENT = '/etc/opencti-urlhaus-connector/environment'
SERVICE = 'opencti-urlhaus-connector'


@pytest.fixture(scope='module')
def platform(model: Model, pytestconfig: pytest.Config) -> Iterator[Platform]:
    with Platform(host=pytestconfig.getoption('platform_host') or '127.0.0.1') as platform:
        address = urllib.parse.urlsplit(platform.url)
        connect = f'socket.create_connection(("{address.hostname}", {address.port}))'
        try:
            model.exec(f"/usr/bin/python3 -c 'import socket; {connect}'", machine=0)
        except jubilant.TaskError:
            pytest.skip(f'needs a machine 0 that reaches {platform.url}: --platform-host ADDRESS')
        yield platform


class Site:
    """OpenCTI's charm in one of its styles, and the connector's."""

    def __init__(self, model: Model, pack: Pack, platform: Platform, entrypoint: str):
        self.model = model
        self.platform = platform
        self.opencti = model.deploy(pack('opencti', entrypoint=entrypoint), url=platform.url)
        self.connector = model.deploy(pack('machine-connector'))
        secret = model.add_secret(f'admin-of-{self.opencti}', {'token': ADMIN_TOKEN}, self.opencti)
        model.juju.config(self.opencti, {'admin-token': secret})
        self.relate()

    def relate(self) -> None:
        self.relation_id = self.model.integrate(self.connector, 'opencti-connector', self.opencti)
        self.model.wait(lambda: self.user() is not None)

    def databags(self) -> dict[str, str]:
        return self.model.databags(self.relation_id, self.opencti, self.connector)

    def user(self) -> User | None:
        """Return whose token the running connector has."""
        return self.platform.state.user_of(self.environment().get('OPENCTI_TOKEN', ''))

    def environment(self) -> dict[str, str]:
        """Return what the connector runs with; nothing if it does not run."""
        show = f'systemctl is-active --quiet {SERVICE} && cat {ENVIRONMENT} || true'
        shown = self.model.exec(show, unit=self.model.leader(self.connector)).stdout
        lines = (line.partition('=') for line in shown.splitlines())
        return {name: value.strip('"') for name, _, value in lines}


@pytest.fixture(scope='module', params=['src/charm.py', 'src/reconciling_charm.py'])
def site(
    model: Model, pack: Pack, platform: Platform, request: pytest.FixtureRequest
) -> Iterator[Site]:
    site = Site(model, pack, platform, request.param)
    yield site
    # Two connectors of this charm would share one service.
    model.remove(site.opencti, site.connector)


def test_related(site: Site):
    environment = site.environment()
    assert environment['OPENCTI_URL'] == site.platform.url
    assert environment['CONNECTOR_ID'] == site.databags()['connector_id']
    assert site.connector in site.user().name


def test_a_new_token(site: Site):
    user, before = site.user(), site.environment()
    leader = site.model.leader(site.opencti)
    site.model.juju.run(leader, 'rotate-token', {'user-name': user.name})
    site.model.wait(lambda: site.environment() not in ({}, before))
    after = site.environment()
    assert site.user() is user
    assert after == {**before, 'OPENCTI_TOKEN': after['OPENCTI_TOKEN']}


def test_the_relation_is_removed_and_made_again(site: Site):
    user = site.user()
    site.model.remove_relation(site.connector, 'opencti-connector', site.opencti)
    site.model.wait(lambda: site.environment() == {})
    site.model.wait(lambda: user.account_status == INACTIVE)
    site.model.wait(lambda: not site.model.secrets(site.opencti))
    site.relate()
    assert site.user() is not user
