# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The example charms, each with its own charmcraft.yaml."""

import dataclasses
import pathlib
import sys
from typing import Any

import pytest
import yaml
from ops import testing

from demo import EXAMPLES
from demo import machine as machine_story
from fakes import juju

from .conftest import CONNECTOR_ID, TOKEN, URL, Context, connected, only_relation, relation

ROOT = pathlib.Path(__file__).parents[2]


MACHINE_CONNECTOR = juju.load_charm(EXAMPLES / 'machine-connector')


K8S_CONNECTOR = juju.load_charm(EXAMPLES / 'k8s-connector')


K8S_CONNECTOR_WITH_OPENSEARCH = juju.load_charm(EXAMPLES / 'k8s-connector-with-opensearch')


@pytest.fixture
def machine(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> machine_story.Machine:
    machine = machine_story.Machine(tmp_path)
    monkeypatch.setenv('PATH', f'{tmp_path}:/usr/bin:/bin')
    monkeypatch.setattr(sys.modules['workload'], 'ENVIRONMENT_FILE', machine.environment_file)
    monkeypatch.setattr(sys.modules['workload'], 'UNIT_FILE', machine.unit_file)
    return machine


@pytest.mark.parametrize('directory', sorted(EXAMPLES.iterdir()), ids=lambda d: d.name)
def test_a_charm_directory_is_whole(directory: pathlib.Path):
    metadata = yaml.safe_load((directory / 'charmcraft.yaml').read_text())
    assert {'name', 'summary', 'description', 'type', 'base', 'parts'} <= metadata.keys()
    requirements = (directory / 'requirements.txt').read_text().splitlines()
    assert 'opencti-connector' in requirements
    assert (directory / 'src' / 'charm.py').exists()


class TestMachineConnector:
    def test_it_installs_its_service(self, machine: machine_story.Machine):
        context = Context(MACHINE_CONNECTOR)
        context.run(context.on.install(), testing.State())
        unit = machine.unit_file.read_text()
        assert f'EnvironmentFile={machine.environment_file}' in unit
        assert machine.verb == 'daemon-reload'

    def test_it_runs_with_the_connection_and_its_configuration(
        self, machine: machine_story.Machine
    ):
        context = Context(MACHINE_CONNECTOR, app_name='urlhaus')
        related, secret = connected(connector_id=CONNECTOR_ID)
        state = testing.State(
            leader=True,
            relations={related},
            secrets={secret},
            config={'log-level': 'a "quoted" $HOME \\ `word`'},
        )
        out = context.run(context.on.relation_changed(related, remote_unit=0), state)
        assert machine.environment.splitlines() == [
            f'OPENCTI_URL="{URL}"',
            f'OPENCTI_TOKEN="{TOKEN}"',
            f'CONNECTOR_ID="{CONNECTOR_ID}"',
            'CONNECTOR_NAME="urlhaus"',
            'CONNECTOR_TYPE="EXTERNAL_IMPORT"',
            'CONNECTOR_SCOPE="urlhaus"',
            'CONNECTOR_LOG_LEVEL="a \\"quoted\\" \\$HOME \\\\ \\`word\\`"',
            'URLHAUS_CSV_URL="https://urlhaus.abuse.ch/downloads/csv_recent/"',
        ]
        assert machine.environment_file.stat().st_mode & 0o077 == 0
        assert machine.verb == 'restart'
        assert out.unit_status == testing.ActiveStatus()

        context = Context(MACHINE_CONNECTOR, app_name='urlhaus')
        context.run(context.on.update_status(), out)
        assert machine.verb == 'start'

    def test_it_stops_when_the_connection_turns_invalid(self, machine: machine_story.Machine):
        context = Context(MACHINE_CONNECTOR)
        related, secret = connected()
        state = testing.State(leader=True, relations={related}, secrets={secret})
        state = context.run(context.on.relation_changed(related, remote_unit=0), state)
        spoilt = dataclasses.replace(
            only_relation(state), remote_app_data={'opencti_token': TOKEN, 'opencti_url': URL}
        )
        state = dataclasses.replace(state, relations={spoilt})
        out = context.run(context.on.relation_changed(spoilt, remote_unit=0), state)
        assert out.unit_status.name == 'blocked'
        assert machine.verb == 'stop'
        assert machine.environment == ''

    def test_it_stops_when_the_relation_is_removed(self, machine: machine_story.Machine):
        context = Context(MACHINE_CONNECTOR)
        related, secret = connected()
        state = testing.State(leader=True, relations={related}, secrets={secret})
        state = context.run(context.on.relation_changed(related, remote_unit=0), state)
        out = context.run(context.on.relation_broken(only_relation(state)), state)
        assert out.unit_status.name == 'blocked'
        assert machine.verb == 'stop'
        assert machine.environment == ''

    def test_a_machine_that_never_ran_it_has_nothing_to_stop(self, machine: machine_story.Machine):
        context = Context(MACHINE_CONNECTOR)
        broken = relation()
        context.run(
            context.on.relation_broken(broken), testing.State(leader=True, relations={broken})
        )
        assert machine.verb is None


class TestK8sConnector:
    NAME = 'opencti-crowdstrike-connector'

    def state(self, **config: str | int | bool) -> testing.State:
        related, secret = connected(connector_id=CONNECTOR_ID)
        api_secret = testing.Secret({'client-secret': 'of-crowdstrike'})
        return testing.State(
            leader=True,
            config={
                'crowdstrike-client-id': 'a-client',
                'crowdstrike-client-secret': api_secret.id,
                **config,
            },
            relations={related},
            secrets={secret, api_secret},
            containers={testing.Container(self.NAME, can_connect=True)},
        )

    def test_it_runs_with_the_connection_and_its_configuration(self):
        context = Context(K8S_CONNECTOR, app_name='crowdstrike')
        state = self.state(**{'crowdstrike-create-observables': False})
        out = context.run(context.on.config_changed(), state)
        assert out.get_container(self.NAME).plan.services['connector'].environment == {
            'OPENCTI_URL': URL,
            'OPENCTI_TOKEN': TOKEN,
            'CONNECTOR_ID': CONNECTOR_ID,
            'CONNECTOR_NAME': 'crowdstrike',
            'CONNECTOR_TYPE': 'EXTERNAL_IMPORT',
            'CROWDSTRIKE_CLIENT_ID': 'a-client',
            'CROWDSTRIKE_CLIENT_SECRET': 'of-crowdstrike',
            'CONNECTOR_LOG_LEVEL': 'info',
            'CONNECTOR_SCOPE': 'crowdstrike',
            'CROWDSTRIKE_CREATE_INDICATORS': 'true',
            'CROWDSTRIKE_CREATE_OBSERVABLES': 'false',
        }
        assert out.unit_status == testing.ActiveStatus()


class TestK8sConnectorWithOpensearch:
    NAME = 'opencti-wazuh-alerts-connector'

    def run(self, **changes: Any) -> testing.State:
        related, token = connected(connector_id=CONNECTOR_ID)
        user = testing.Secret({'username': 'a-user', 'password': 'a-password'})
        opensearch = testing.Relation(
            'opensearch-client',
            remote_app_data={
                'endpoints': '10.0.0.1:9200,10.0.0.2:9200',
                'secret-user': user.id,
                **changes.pop('answer', {}),
            },
        )
        state = testing.State(
            leader=True,
            relations={related, opensearch},
            secrets={token, user},
            containers={testing.Container(self.NAME, can_connect=True)},
        )
        if changes.pop('without_opensearch', False):
            changes['relations'] = {related}
        if changes.pop('without_user', False):
            changes['secrets'] = {token}
        context = Context(K8S_CONNECTOR_WITH_OPENSEARCH)
        return context.run(
            context.on.relation_created(opensearch)
            if 'relations' not in changes
            else context.on.update_status(),
            dataclasses.replace(state, **changes),
        )

    def test_it_runs_with_both(self):
        out = self.run()
        assert out.unit_status == testing.ActiveStatus()
        environment = out.get_container(self.NAME).plan.services['connector'].environment
        assert environment['OPENCTI_TOKEN'] == TOKEN
        assert environment['CONNECTOR_SCOPE'] == 'wazuh'
        assert environment['OPENSEARCH_HOST'] == '10.0.0.1,10.0.0.2'
        assert environment['OPENSEARCH_PORT'] == '9200'
        assert environment['OPENSEARCH_USER'] == 'a-user'
        assert environment['OPENSEARCH_PASSWORD'] == 'a-password'
        (opensearch,) = out.get_relations('opensearch-client')
        assert opensearch.local_app_data['index'] == 'wazuh-connector'

    @pytest.mark.parametrize(
        ('changes', 'status'),
        [
            (
                {'without_opensearch': True},
                testing.BlockedStatus(
                    'missing relation opensearch-client: integrate with OpenSearch'
                ),
            ),
            ({'answer': {'endpoints': '', 'secret-user': ''}}, None),
            ({'answer': {'secret-user': ''}}, None),
            (
                {'without_user': True},
                testing.WaitingStatus("waiting for access to OpenSearch's secret"),
            ),
            (
                {'config': {'connector-log-level': 'loud'}},
                testing.BlockedStatus(
                    'connector-log-level: must be one of debug, info, warn, error'
                ),
            ),
            (
                {'config': {'wazuh-min-severity': 16}},
                testing.BlockedStatus('wazuh-min-severity: must be from 0 to 15'),
            ),
        ],
    )
    def test_it_does_not_run_without_either(
        self, changes: dict[str, Any], status: testing.BlockedStatus | None
    ):
        out = self.run(**changes)
        assert out.unit_status == (status or testing.WaitingStatus('waiting for OpenSearch'))
        assert not out.get_container(self.NAME).service_statuses
