# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From the deployed OpenCTI charm to this library: no connector is ever without its account.

The deployed charm names accounts `charm-connector-<connector_charm_name>`, publishes the account's
only token in a secret without a label, and switches off each account with that prefix that it does
not know.
"""

import dataclasses
import itertools
from collections.abc import Iterator

import pytest
from ops import testing

from fakes import juju
from fakes.opencti import BEFORE_TOKENS, CURRENT, INACTIVE, Fault, Platform
from fakes.opencti.state import State
from opencti_connector.testing import relation_for_requirer
from tests.platform.person import Seen

from .conftest import ADMIN_TOKEN, AS_A_WHOLE, Site

URLHAUS = 'opencti-urlhaus-connector'


class Deployed(Site):
    """What the deployed charm leaves behind, with connectors that run on."""

    def __init__(self, platform: Platform, version: juju.Version, opencti: str):
        super().__init__(platform, AS_A_WHOLE, version)
        self.opencti = opencti
        self.in_use: dict[int, str] = {}
        self.tokens: dict[str, str] = {}
        self.cut_off: list[str] = []
        platform.after_each = self._look

    def _look(self) -> None:
        for token in self.in_use.values():
            if self.platform.state.user_of(token) is None:
                self.cut_off.append(self.platform.operations[-1])

    def old_name(self, charm_name: str = URLHAUS) -> str:
        """The name that the deployed charm has given the account for a connector's charm."""
        return f'charm-connector-{self.run_name}{charm_name}'

    def add_connector(self, relation_id: int, charm_name: str = URLHAUS):
        """A connector that the deployed charm has answered."""
        name = self.old_name(charm_name)
        if name not in self.tokens:
            user_id = self.person.add(name, f'{name}@opencti.local', 'Connectors')
            self.tokens[name] = self.person.token_of(user_id)
        token = self.tokens[name]
        relation, _ = relation_for_requirer(
            id=relation_id,
            remote_app_name=f'{self.run_name}urlhaus',
            connector_charm_name=charm_name,
        )
        secret = testing.Secret(
            {'token': token},
            owner='app',
            remote_grants={relation_id: {f'{self.run_name}urlhaus'}},
        )
        data = {'opencti_url': self.platform.url, 'opencti_token': secret.id}
        answered = dataclasses.replace(relation, local_app_data=data)
        self.change(
            relations={*self.state.relations, answered}, secrets={*self.state.secrets, secret}
        )
        self.in_use[relation_id] = token

    def refresh(self) -> None:
        """Run the first hook of the new charm, after OpenCTI was upgraded or not."""
        if isinstance(self.platform, Platform):
            self.platform.state.upgrade(self.opencti)
        self.run(self.context.on.upgrade_charm())

    def move_connectors(self) -> None:
        """Let each connector read the newest token."""
        self.in_use = {relation_id: self.token(relation_id) for relation_id in self.in_use}

    def old(self, charm_name: str = URLHAUS) -> Seen:
        """What an administrator sees of an account that is still an old one."""
        (seen,) = self.person.accounts(f'{self.old_name(charm_name)}@opencti.local')
        return seen


@pytest.fixture(params=[CURRENT, BEFORE_TOKENS])
def opencti(platform: Platform, request: pytest.FixtureRequest) -> str:
    if isinstance(platform, Platform):
        platform.state = State(BEFORE_TOKENS, ADMIN_TOKEN)
    elif request.param != CURRENT:
        pytest.skip('a running OpenCTI has one version')
    return request.param


@pytest.fixture(params=juju.Version, ids=lambda version: version.value)
def site(platform: Platform, opencti: str, request: pytest.FixtureRequest) -> Iterator[Deployed]:
    site = Deployed(platform, request.param, opencti)
    yield site
    assert site.cut_off == []


@pytest.mark.anywhere
def test_the_account_the_secret_and_the_token_stay(site: Deployed):
    site.add_connector(7)
    before = site.state.get_relation(7), site.secret(), site.old().id
    site.refresh()
    relation, secret, user_id = before
    assert site.state.get_relation(7) == relation
    assert site.secret().id == secret.id
    assert site.secret()._latest_revision == secret._latest_revision
    assert site.secret().latest_content == secret.latest_content
    assert site.secret().label == 'opencti-connector-token-7'
    assert site.seen().id == user_id
    assert site.user_of(site.in_use[7]) == site.name()
    assert site.status == testing.ActiveStatus()
    quiet = site.state.relations, site.state.secrets
    for _ in range(4):
        site.update_status()
    assert (site.state.relations, site.state.secrets) == quiet
    assert 'AddToken' not in site.platform.operations


@pytest.mark.anywhere
def test_the_account_ends_with_the_relation(site: Deployed):
    site.add_connector(7)
    site.refresh()
    del site.in_use[7]
    site.end_relation(7)
    assert not site.seen().is_active
    assert site.state.secrets == {site.admin_secret}


@pytest.mark.anywhere
def test_a_token_is_rotated_after_the_move(site: Deployed):
    site.add_connector(7)
    site.refresh()
    if site.person.has_many_tokens:
        site.rotate()
        assert site.user_of(site.token()) == site.name()
        assert site.token() != site.in_use[7]


@pytest.mark.anywhere
def test_connectors_that_shared_an_account_get_their_own(site: Deployed):
    site.add_connector(7)
    site.add_connector(8)
    assert site.token(7) == site.token(8)
    secrets = site.secret(7).id, site.secret(8).id
    site.refresh()
    assert (site.secret(7).id, site.secret(8).id) == secrets
    assert site.user_of(site.token(7)) == site.name(7)
    assert site.user_of(site.token(8)) == site.name(8)
    # They may not have the new tokens yet, however long that takes.
    site.update_status()
    assert site.old().is_active
    site.move_connectors()
    del site.in_use[7]
    site.end_relation(7)
    assert site.old().is_active
    assert site.user_of(site.in_use[8]) == site.name(8)
    # A person has switched it off by hand: it stays off.
    site.person.patch(site.old().id, 'account_status', INACTIVE)
    site.update_status()
    assert not site.old().is_active


@pytest.mark.anywhere
def test_a_shared_account_ends_with_the_last_relation(site: Deployed):
    site.add_connector(7)
    site.add_connector(8)
    site.refresh()
    site.in_use.clear()
    site.end_relation(7)
    site.end_relation(8)
    assert not site.old().is_active


@pytest.mark.anywhere
def test_an_account_whose_connector_is_unknown_stays_on(site: Deployed):
    site.add_connector(7)
    site.add_connector(8, 'opencti-mitre-connector')
    unreadable = {'connector_charm_name': URLHAUS, 'connector_type': 'OTHER'}
    changed = dataclasses.replace(site.state.get_relation(7), remote_app_data=unreadable)
    site.change(relations={changed, site.state.get_relation(8)})
    site.refresh()
    assert site.status.name == 'blocked'
    assert site.user_of(site.in_use[7]) == site.old_name()
    site.update_relation(7, remote_app_data={**unreadable, 'connector_type': 'STREAM'})
    assert site.user_of(site.in_use[7]) == site.name(7)
    assert site.user_of(site.in_use[8]) == site.name(8)


@pytest.mark.anywhere
def test_what_the_deployed_charm_had_switched_off_stays_off(site: Deployed):
    site.add_connector(7, 'opencti-gone-connector')
    site.change(relations=set())
    site.in_use.clear()
    site.person.patch(site.old('opencti-gone-connector').id, 'account_status', INACTIVE)
    site.add_connector(8)
    site.refresh()
    assert not site.old('opencti-gone-connector').is_active
    assert site.user_of(site.in_use[8]) == site.name(8)


@pytest.mark.anywhere
@pytest.mark.parametrize('renamed', ['before', 'after'])
def test_an_account_that_a_person_has_renamed_moves_too(site: Deployed, renamed: str):
    site.add_connector(7)
    if renamed == 'before':
        site.person.patch(site.old().id, 'name', 'URLhaus')
    site.refresh()
    if renamed == 'after':
        site.person.patch(site.seen().id, 'name', 'URLhaus')
    token = site.token()
    site.update_status()
    assert site.token() == token == site.in_use[7]
    assert site.user_of(token) == site.name()


@pytest.mark.parametrize('site', [juju.Version.V4_0], indirect=True, ids=['4.0'])
@pytest.mark.parametrize('fault', [Fault.ERROR, Fault.LOST])
@pytest.mark.parametrize('call', range(8))
@pytest.mark.parametrize('relation_ids', [[7], [7, 8]], ids=str)
def test_opencti_fails_at_each_step(
    site: Deployed, relation_ids: list[int], call: int, fault: Fault
):
    for relation_id in relation_ids:
        site.add_connector(relation_id)
    site.platform.faults = [*itertools.repeat(None, call), fault, None]
    site.refresh()
    while fault in site.platform.faults:
        site.update_status()
    site.update_status()
    for relation_id in relation_ids:
        name = site.name(relation_id)
        if fault is Fault.LOST and site.user_of(site.token(relation_id)) == site.old_name():
            # A token was made and its value is lost: the connector keeps the old one.
            site.act('rotate-token', **{'user-name': name})
        assert site.user_of(site.token(relation_id)) == name
    assert site.status == testing.ActiveStatus()


@pytest.mark.parametrize('relation_ids', [[7], [7, 8]], ids=str)
def test_the_hook_is_not_committed(site: Deployed, relation_ids: list[int]):
    # OpenCTI has done what was asked, and Juju runs the hook again from its old state.
    for relation_id in relation_ids:
        site.add_connector(relation_id)
    before = site.state
    site.refresh()
    site.change(relations=before.relations, secrets=before.secrets, deferred=before.deferred)
    site.context = juju.Context(AS_A_WHOLE, app_name='opencti')
    site.refresh()
    site.update_status()
    for relation_id in relation_ids:
        assert site.user_of(site.token(relation_id)) is not None
    if site.person.has_many_tokens:
        # Nobody knows whose token is published then. A rotation makes it the account's.
        site.rotate()
        assert site.user_of(site.token(7)) == site.name(7)
