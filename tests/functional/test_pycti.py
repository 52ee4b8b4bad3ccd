# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""OpenCTI's own client library runs as the workload of the Kubernetes example."""

import json
import pathlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import urllib3
from ops import testing

from demo import EXAMPLES
from fakes import juju
from fakes.opencti import Platform, connectors
from opencti_connector.testing import CONNECTOR_ID, relation_for_provider

from . import scripts
from .conftest import ACTIVE, Daemon

CHARM = juju.load_charm(EXAMPLES / 'k8s-connector')
NAME = 'opencti-crowdstrike-connector'
ENVIRONMENT = pathlib.Path(__file__).parents[2] / 'build' / 'pycti'
PATIENCE = 120  # Seconds: pycti imports a lot, and the machine may be busy.


@pytest.fixture(scope='session')
def python(binary: str) -> str:
    """A Python with pycti, in an environment that is kept for the next run."""
    program = ENVIRONMENT / 'bin' / 'python'
    if not _has_pycti(program):
        subprocess.run([sys.executable, '-m', 'venv', '--clear', ENVIRONMENT], check=True)
        install = [program, '-m', 'pip', 'install', '--quiet', 'pycti']
        result = subprocess.run(install, check=False, capture_output=True, text=True)
        if result.returncode != 0:
            pytest.skip(f'pycti cannot be installed: {result.stderr.strip()[-500:]}')
    return str(program)


def _has_pycti(program: pathlib.Path) -> bool:
    if not program.exists():
        return False
    return subprocess.run([program, '-c', 'import pycti'], check=False).returncode == 0


class Opencti:
    """The platform, an account on it, and a way to wait for what a connector does there."""

    def __init__(self, platform: Platform):
        self.platform = platform
        self._happened = threading.Condition()
        platform.after_each = self._notify
        self.user = platform.state.add_user(
            {
                'name': 'charm-connector-feed-1',
                'user_service_account': True,
                'groups': [platform.state.group_named('Connectors').id],
            }
        )

    def new_token(self) -> str:
        _, value = self.platform.state.add_token(self.user, 'a token', None)
        return value

    def _notify(self) -> None:
        with self._happened:
            self._happened.notify_all()

    def wait_for(self, condition: Callable[[], Any]) -> None:
        with self._happened:
            assert self._happened.wait_for(condition, PATIENCE), self.platform.operations

    def bearers(self, operation: str) -> list[str | None]:
        """The tokens that came with an operation, in order."""
        calls = [call for call in self.platform.calls if call.operation == operation]
        return [(call.authorization or '').removeprefix('Bearer ') for call in calls]

    @property
    def states(self) -> list[str]:
        """What the connector has told the platform so far."""
        return [s for c in self.platform.state.connectors.values() for s in c.get('states', [])]

    @property
    def connector(self) -> dict[str, Any]:
        """What the platform knows of the only connector."""
        (connector,) = self.platform.state.connectors.values()
        return connector


@pytest.fixture
def opencti(python: str) -> Iterator[Opencti]:
    # A connector's client and the platform have to be of one version.
    show = [python, '-c', 'import pycti; print(pycti.__version__)']
    version = subprocess.run(show, check=True, capture_output=True, text=True).stdout.strip()
    with Platform(version, base_path='/a/path') as platform:
        yield Opencti(platform)


class Unit:
    """A unit of the example charm whose workload is a connector with pycti."""

    def __init__(self, opencti: Opencti, daemon: Daemon, script: pathlib.Path):
        self.opencti = opencti
        self.script = script
        self.daemon = daemon
        self.token = opencti.new_token()
        self.relation, secrets = relation_for_provider(
            url=opencti.platform.url, token=self.token, connector_id=CONNECTOR_ID
        )
        (self.secret,) = secrets
        self.client_secret = testing.Secret({'value': 'the secret of the API client'})
        self.config: dict[str, Any] = {
            'crowdstrike-client-id': 'an id',
            'crowdstrike-client-secret': self.client_secret.id,
        }

    def run(self, event: str = 'update_status', of: Any = None) -> testing.State:
        """Run a hook, and check that nothing shows the token."""
        context = testing.Context(CHARM, app_name='feed')
        container = testing.Container(NAME, can_connect=True)
        state = testing.State(
            leader=True,
            config=self.config,
            relations={self.relation},
            secrets={self.secret, self.client_secret},
            containers={container},
        )
        make = getattr(context.on, event)
        out = context.run(make() if of is None else make(of), state)
        assert 'flgrn_octi_tkn_' not in str(out.unit_status) + str(context.juju_log)
        return out

    def publish(self, token: str) -> testing.State:
        """Let OpenCTI publish another token, and run the hook about it."""
        self.token = token
        # The charm reads the newest revision, and the test keeps no other.
        self.secret = testing.Secret({'token': token}, id=self.secret.id)
        return self.run('secret_changed', self.secret)


@pytest.fixture
def unit(
    opencti: Opencti,
    daemon: Daemon,
    python: str,
    directory: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Unit]:
    script = directory / 'connector.py'
    script.write_text(scripts.CONNECTOR)
    monkeypatch.setattr(CHARM, 'connector_command', f'{python} {script}')
    yield Unit(opencti, daemon, script)
    daemon.client.stop_services(['connector'])


def log_of(daemon: Daemon, binary: str) -> str:
    """What the workload has written."""
    return subprocess.run(
        [binary, 'logs', 'connector', '-n', 'all'],
        env={'PEBBLE_SOCKET': daemon.socket},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize('style', ['json', 'python'])
@pytest.mark.parametrize('value', [True, False])
def test_it_registers_with_the_environment_that_the_library_gives(
    unit: Unit, style: str, value: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(CHARM, 'boolean_style', style)
    unit.config['crowdstrike-create-indicators'] = value
    assert unit.run().unit_status == ACTIVE
    opencti = unit.opencti
    expected = json.dumps({'create_indicators': value})
    opencti.wait_for(lambda: expected in opencti.states)
    registered = opencti.connector['input']
    assert {key: registered[key] for key in ('id', 'name', 'type', 'scope')} == {
        'id': CONNECTOR_ID,
        'name': 'feed',
        'type': 'EXTERNAL_IMPORT',
        'scope': ['crowdstrike'],
    }
    assert opencti.connector['connector_user_id'] == opencti.user.id
    assert {call.path for call in opencti.platform.calls} == {'/a/path/graphql'}
    assert {call.authorization for call in opencti.platform.calls} == {f'Bearer {unit.token}'}


def test_quiet_hooks_leave_it_alone(unit: Unit):
    unit.run()
    unit.opencti.wait_for(lambda: unit.opencti.bearers('RegisterConnector'))
    for _ in range(3):
        assert unit.run().unit_status == ACTIVE
    (service,) = unit.daemon.client.get_services(['connector'])
    assert service.is_running()
    assert len(unit.opencti.bearers('RegisterConnector')) == 1


def test_after_a_rotation_it_comes_back_with_the_new_token(unit: Unit):
    opencti = unit.opencti
    first = unit.token
    unit.run()
    opencti.wait_for(lambda: opencti.bearers('RegisterConnector'))
    assert unit.publish(opencti.new_token()).unit_status == ACTIVE
    opencti.wait_for(lambda: len(opencti.bearers('RegisterConnector')) == 2)
    assert opencti.bearers('RegisterConnector') == [first, unit.token]
    assert list(opencti.platform.state.connectors) == [CONNECTOR_ID]


def test_a_wrong_token_is_in_the_log_of_the_workload(unit: Unit, binary: str):
    # The library only knows whether the process runs for the second that Pebble watches a start.
    # Pebble starts it again and again; OpenCTI's refusal is in the workload's own log.
    opencti = unit.opencti
    right = unit.token
    out = unit.publish('flgrn_octi_tkn_wrong')
    has_ended_at_once = 'failed to start connector, will retry' in out.unit_status.message
    assert out.unit_status == ACTIVE or has_ended_at_once
    opencti.wait_for(lambda: opencti.bearers('healthCheck').count(unit.token) > 1)
    log = log_of(unit.daemon, binary)
    assert 'You must be logged in to do this.' in log
    assert unit.token not in log
    assert opencti.platform.state.connectors == {}

    assert unit.publish(right).unit_status == ACTIVE
    opencti.wait_for(lambda: opencti.bearers('RegisterConnector') == [right])


def _free_port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as free:
        return free.getsockname()[1]


def test_it_listens_to_what_opencti_sends(unit: Unit, python: str):
    state, port = unit.opencti.platform.state, _free_port()
    unit.script.write_text(scripts.LISTENER.replace('HERE', str(port)))
    assert unit.run().unit_status == ACTIVE
    state.works['a-work'] = {'id': 'a-work', 'reports': []}
    seed, kid = connectors.SIGNING_SEED.hex(), connectors.JWK['kid']
    sign = [python, '-c', scripts.SIGN, seed, kid]
    signed = subprocess.run(sign, check=True, capture_output=True, text=True).stdout.strip()
    message = {
        'event': {'what': 'a message'},
        'internal': {'work_id': 'a-work', 'applicant_id': None},
    }
    with requests.Session() as session:
        retry = urllib3.Retry(PATIENCE, backoff_factor=0.1, backoff_max=1)
        session.mount('http://', requests.adapters.HTTPAdapter(max_retries=retry))
        answers = [
            session.post(
                f'http://127.0.0.1:{port}/api/callback',
                json=message,
                headers={'Authorization': f'Bearer {token}'},
                timeout=PATIENCE,
            ).status_code
            for token in (signed, f'{signed[:-4]}AAAA', unit.token)
        ]
    assert answers == [202, 401, 401]
    received = ('received', 'Connector ready to process the operation')
    assert state.works.pop('a-work')['reports'] == [received, ('processed', 'done')]
    assert [work['name'] for work in state.works.values()] == ['feed got a message']
    assert unit.opencti.bearers('GetConnector') == [unit.token]


def test_it_listens_where_opencti_says_that_rabbitmq_is(unit: Unit):
    unit.script.write_text(scripts.LISTENER.replace('HERE', '0'))
    with socket.create_server(('127.0.0.1', 0)) as broker:
        broker.settimeout(PATIENCE)
        unit.opencti.platform.state.broker_port = broker.getsockname()[1]
        assert unit.run().unit_status == ACTIVE
        connection, _ = broker.accept()
        with connection:
            assert connection.recv(4) == b'AMQP'
