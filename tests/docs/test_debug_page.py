# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What "Debug a relation" says of hooks and units is true in the model of Juju."""

import re
from collections.abc import Iterator

import pytest
from ops import pebble, testing

from demo import EXAMPLES
from fakes import juju
from fakes.opencti import ADMIN_TOKEN, Platform
from tests.cli.check import dumps, fake_juju
from tests.cli.check.conftest import juju as juju_fixture

from .test_code_blocks import ROOT

PAGE = ' '.join((ROOT / 'docs' / 'how-to' / 'debug-a-relation.md').read_text().split())
command = juju_fixture


class Deployed:
    """The examples, related, on Kubernetes."""

    def __init__(self, url: str):
        self.opencti = juju.Application('opencti', juju.load_charm(EXAMPLES / 'opencti'))
        self.connector = juju.Application(
            'crowdstrike', juju.load_charm(EXAMPLES / 'k8s-connector')
        )
        self.connector.update(
            containers={testing.Container(fake_juju.CONNECTOR, can_connect=True)}
        )
        self.model = juju.Model(self.opencti, self.connector)
        token = self.model.add_user_secret({'token': ADMIN_TOKEN}, self.opencti)
        self.opencti.config.update({'url': url, 'admin-token': token})
        api_secret = self.model.add_user_secret({'client-secret': 'x'}, self.connector)
        self.connector.config = {
            'crowdstrike-client-id': 'a-client',
            'crowdstrike-client-secret': api_secret,
            'crowdstrike-actor-start-timestamp': 0,
        }
        self.relation_id = self.model.relate(self.connector)
        self.model.settle()

    def run(self, application: juju.Application) -> None:
        """Run the hook of the page's command."""
        self.model.run(application, lambda on: on.update_status())
        self.model.settle()

    @property
    def status(self) -> str:
        status = self.connector.state.unit_status
        return f'{status.name}: {status.message}'

    @property
    def is_running(self) -> bool:
        container = self.connector.state.get_container(fake_juju.CONNECTOR)
        return container.service_statuses.get('connector') == pebble.ServiceStatus.ACTIVE


@pytest.fixture
def deployed() -> Iterator[Deployed]:
    with Platform() as platform:
        deployed = Deployed(platform.url)
        assert deployed.is_running
        yield deployed


def says(*sentences: str) -> None:
    """Check that the page has these sentences."""
    for sentence in sentences:
        assert sentence in PAGE


def test_any_hook_of_openctis_leader_grants_the_secret_again(deployed: Deployed):
    says(
        "any hook of OpenCTI's leader grants the secret again",
        "juju exec --unit opencti/leader 'JUJU_DISPATCH_PATH=hooks/update-status ./dispatch'",
    )
    (secret,) = deployed.opencti.secrets
    secret.grants.clear()
    deployed.run(deployed.connector)
    assert 'waiting for access to the secret' in deployed.status
    deployed.run(deployed.opencti)
    assert deployed.connector.name in secret.grants
    deployed.run(deployed.connector)
    assert deployed.status == 'active: '


def test_a_connector_of_two_units_is_blocked(deployed: Deployed):
    says('If a connector has two units, each is blocked and none uses the relation')
    deployed.connector.planned_units = 2
    deployed.run(deployed.connector)
    assert 'blocked: connector charm cannot have multiple units' in deployed.status
    deployed.connector.planned_units = 1
    deployed.run(deployed.connector)
    assert deployed.status == 'active: '


def test_a_unit_that_does_not_lead_leaves_its_workload(deployed: Deployed):
    says('A unit that waits to become the leader leaves its workload as it is')
    deployed.model.elect(None, deployed.connector)
    deployed.run(deployed.connector)
    assert 'waiting for this unit to become the leader' in deployed.status
    assert deployed.is_running


def test_the_silent_sides_status_says_what_it_waits_for(deployed: Deployed):
    says("The silent side's status says what it waits for")
    deployed.opencti.config.pop('admin-token')
    deployed.model.write(deployed.opencti, deployed.relation_id, {})
    deployed.run(deployed.opencti)
    status = deployed.opencti.state.unit_status
    assert status.name in ('blocked', 'waiting')
    assert 'admin-token' in status.message


@pytest.mark.parametrize(
    ('key', 'value'),
    [('opencti_url', '"http://opencti:8080"'), ('opencti_token', dumps.CONNECTOR_ID)],
)
def test_the_other_side_refuses_what_is_unusable(deployed: Deployed, key: str, value: str):
    says('The other side refuses the value until somebody fixes the charm')
    databag = dict(deployed.model.databag(deployed.opencti))
    deployed.model.write(deployed.opencti, deployed.relation_id, {**databag, key: value})
    deployed.model.deliver(deployed.connector.unit)
    assert deployed.status.startswith(f'blocked: {key}: ')
    deployed.model.write(deployed.opencti, deployed.relation_id, databag)
    deployed.model.settle()
    assert deployed.status == 'active: '


def test_the_answer_of_juju_that_is_shown(command: fake_juju.FakeJuju):
    text = (ROOT / 'docs' / 'how-to' / 'debug-a-relation.md').read_text()
    (shown,) = re.findall(r'```text\n(.*?)```', text, re.DOTALL)
    secret = fake_juju.secret('application-other')
    command.models[''] = fake_juju.answers(
        dumps.in_juju_3(), **{'show-secret': secret, 'debug-log': ''}
    )
    assert command.check('crowdstrike').stdout == shown
