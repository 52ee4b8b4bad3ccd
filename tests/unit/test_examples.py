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

from .charms import Context
from .states import connected_state, only_relation, relation, replace_relation
from .values import CONNECTOR_ID, TOKEN, URL

MACHINE_CONNECTOR = juju.load_charm(EXAMPLES / 'machine-connector')
K8S_CONNECTOR = juju.load_charm(EXAMPLES / 'k8s-connector')
K8S_CONNECTOR_WITH_OPENSEARCH = juju.load_charm(EXAMPLES / 'k8s-connector-with-opensearch')


@pytest.fixture
def machine(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> machine_story.Machine:
    machine = machine_story.Machine(tmp_path)
    monkeypatch.setenv('PATH', f'{tmp_path}:/usr/bin:/bin')
    monkeypatch.setattr(sys.modules['workload'], 'ENVIRONMENT_FILE', machine.environment_file)
    monkeypatch.setattr(sys.modules['workload'], 'UNIT_FILE', machine.unit_file)
    monkeypatch.setattr(sys.modules['workload'], 'install_connector', lambda source: None)
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
        state = dataclasses.replace(
            connected_state(connector_id=CONNECTOR_ID),
            config={'log-level': 'a "quoted" $HOME \\ `word`'},
        )
        out = context.run(context.on.relation_changed(only_relation(state)), state)
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

    @pytest.mark.parametrize('event', ['relation_changed', 'relation_broken'])
    def test_it_stops_when_the_connection_goes_or_turns_invalid(
        self, machine: machine_story.Machine, event: str
    ):
        context = Context(MACHINE_CONNECTOR)
        state = connected_state()
        state = context.run(context.on.relation_changed(only_relation(state)), state)
        if event == 'relation_changed':
            state = replace_relation(
                state, remote_app_data={'opencti_token': TOKEN, 'opencti_url': URL}
            )
        out = context.run(getattr(context.on, event)(only_relation(state)), state)
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


def test_the_k8s_connector_runs_with_the_connection_and_its_configuration():
    name = 'opencti-crowdstrike-connector'
    api_secret = testing.Secret({'client-secret': 'of-crowdstrike'})
    state = connected_state(connector_id=CONNECTOR_ID)
    state = dataclasses.replace(
        state,
        config={
            'crowdstrike-client-id': 'a-client',
            'crowdstrike-client-secret': api_secret.id,
            'crowdstrike-create-observables': False,
        },
        secrets={*state.secrets, api_secret},
        containers={testing.Container(name, can_connect=True)},
    )
    context = Context(K8S_CONNECTOR, app_name='crowdstrike')
    out = context.run(context.on.config_changed(), state)
    assert out.get_container(name).plan.services['connector'].environment == {
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
    USER = testing.Secret({'username': 'a-user', 'password': 'a-password'})

    def run(
        self,
        answer: dict[str, str] | None,
        *,
        is_granted: bool = True,
        config: dict[str, Any] | None = None,
    ) -> testing.State:
        """The state after OpenSearch gave an answer, or where it is not related."""
        given = {'endpoints': '10.0.0.1:9200,10.0.0.2:9200', 'secret-user': self.USER.id}
        opensearch = testing.Relation(
            'opensearch-client', remote_app_data={**given, **(answer or {})}
        )
        state = connected_state(connector_id=CONNECTOR_ID)
        state = dataclasses.replace(
            state,
            config=config or {},
            relations=state.relations | ({opensearch} if answer is not None else set()),
            secrets=state.secrets | ({self.USER} if is_granted else set()),
            containers={testing.Container(self.NAME, can_connect=True)},
        )
        context = Context(K8S_CONNECTOR_WITH_OPENSEARCH)
        created = context.on.relation_created(opensearch)
        return context.run(context.on.update_status() if answer is None else created, state)

    def test_it_runs_with_both(self):
        out = self.run({})
        assert out.unit_status == testing.ActiveStatus()
        (opensearch,) = out.get_relations('opensearch-client')
        assert opensearch.local_app_data['index'] == 'wazuh-connector'
        environment = out.get_container(self.NAME).plan.services['connector'].environment
        assert {
            'OPENCTI_TOKEN': TOKEN,
            'CONNECTOR_SCOPE': 'wazuh',
            'OPENSEARCH_HOST': '10.0.0.1,10.0.0.2',
            'OPENSEARCH_PORT': '9200',
            'OPENSEARCH_USER': 'a-user',
            'OPENSEARCH_PASSWORD': 'a-password',
        }.items() <= environment.items()

    @pytest.mark.parametrize(
        ('answer', 'given', 'status'),
        [
            (None, {}, 'missing relation opensearch-client: integrate with OpenSearch'),
            ({'endpoints': '', 'secret-user': ''}, {}, 'waiting for OpenSearch'),
            ({'secret-user': ''}, {}, 'waiting for OpenSearch'),
            ({}, {'is_granted': False}, "waiting for access to OpenSearch's secret"),
            (
                {},
                {'config': {'connector-log-level': 'loud'}},
                'connector-log-level: must be one of debug, info, warn, error',
            ),
            (
                {},
                {'config': {'wazuh-min-severity': 16}},
                'wazuh-min-severity: must be from 0 to 15',
            ),
        ],
    )
    def test_it_does_not_run_without_either(
        self, answer: dict[str, str] | None, given: dict[str, Any], status: str
    ):
        out = self.run(answer, **given)
        assert out.unit_status.name == ('waiting' if status.startswith('waiting') else 'blocked')
        assert out.unit_status.message == status
        assert not out.get_container(self.NAME).service_statuses
