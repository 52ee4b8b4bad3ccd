# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The mixin: from a connector's configuration and connection to its Pebble service."""

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from opencti_connector import Blocked, ConnectorType, NotReady, OpenctiConnectorMixin
from tests.round_trips import WRITES, counted

from .conftest import (
    CONNECTOR_ID,
    MARK,
    NEW_TOKEN,
    TOKEN,
    URL,
    Context,
    connected,
    only_relation,
    relation,
    replace_relation,
)

NAME = 'opencti-test-connector'
OPTIONS = {
    'api-key': {'type': 'string', 'optional': False},
    'log-level': {'type': 'string', 'optional': False, 'default': 'info'},
    'interval': {'type': 'int'},
    'verify': {'type': 'boolean', 'optional': True},
}
CONFIG = {'api-key': 'a-key'}


class MixinCharm(OpenctiConnectorMixin, ops.CharmBase):
    connector_type = 'EXTERNAL_IMPORT'


def mixin_context(
    charm_type: type[ops.CharmBase] = MixinCharm,
    options: dict[str, Any] = OPTIONS,
    name: str = NAME,
    app_name: str = 'test-connector',
) -> Context:
    return Context(
        charm_type,
        {
            'name': name,
            'containers': {name: {}},
            'provides': {
                'opencti-connector': {'interface': 'opencti_connector', 'limit': 1},
            },
        },
        config={'options': options},
        app_name=app_name,
    )


def ready_state(**changes: Any) -> testing.State:
    """All that a workload needs to run, before it has been started."""
    related, secret = connected(connector_id=CONNECTOR_ID)
    state = testing.State(
        leader=True,
        planned_units=1,
        config=CONFIG,
        relations={related},
        secrets={secret},
        containers={testing.Container(NAME, can_connect=True)},
    )
    return dataclasses.replace(state, **changes)


def run(
    state: testing.State,
    charm_type: type[ops.CharmBase] = MixinCharm,
    event: str = 'update_status',
    **kwargs: Any,
) -> testing.State:
    context = mixin_context(charm_type, **kwargs)
    if event.startswith('relation'):
        return context.run(getattr(context.on, event)(only_relation(state)), state)
    if event == 'pebble_ready':
        return context.run(context.on.pebble_ready(state.get_container(NAME)), state)
    return context.run(getattr(context.on, event)(), state)


def running(**changes: Any) -> testing.State:
    """The state in which the workload runs."""
    state = run(ready_state())
    assert is_running(state)
    return dataclasses.replace(state, **changes)


def container(state: testing.State) -> testing.Container:
    (found,) = state.containers
    return found


def planned(state: testing.State) -> dict[str, Any]:
    service = container(state).plan.services.get('connector')
    return {} if service is None else dict(service.to_dict())


def environment(state: testing.State) -> dict[str, str]:
    return planned(state)['environment']


def is_running(state: testing.State) -> bool:
    return container(state).service_statuses.get('connector') == ops.pebble.ServiceStatus.ACTIVE


@pytest.fixture
def pebble_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that change something in Pebble, as they come."""
    calls: list[str] = []

    def spy(name: str) -> None:
        original = getattr(ops.Container, name)

        def wrapper(self: ops.Container, *args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(ops.Container, name, wrapper)

    for name in ('add_layer', 'start', 'stop', 'restart', 'replan'):
        spy(name)
    return calls


class TestConnectors:
    """What differently configured connectors get; each exactly."""

    @dataclasses.dataclass(frozen=True)
    class Case:
        name: str
        options: dict[str, str]
        config: dict[str, Any]
        expected: dict[str, str]
        connector_type: ConnectorType | str = 'EXTERNAL_IMPORT'
        boolean_style: str = 'json'

    CASES = (
        Case(
            'opencti-crowdstrike-connector',
            {
                'crowdstrike-client-id': 'string',
                'crowdstrike-indicator-low-score': 'int',
                'crowdstrike-tlp': 'string',
            },
            {'crowdstrike-client-id': 'x y', 'crowdstrike-indicator-low-score': 0},
            {'CROWDSTRIKE_CLIENT_ID': 'x y', 'CROWDSTRIKE_INDICATOR_LOW_SCORE': '0'},
        ),
        Case(
            'opencti-virustotal-livehunt-connector',
            {
                'virustotal-create-alert': 'boolean',
                'virustotal-delete-notification': 'boolean',
                'virustotal-interval-sec': 'int',
            },
            {
                'virustotal-create-alert': True,
                'virustotal-delete-notification': False,
                'virustotal-interval-sec': 300,
            },
            {
                'VIRUSTOTAL_CREATE_ALERT': 'True',
                'VIRUSTOTAL_DELETE_NOTIFICATION': 'False',
                'VIRUSTOTAL_INTERVAL_SEC': '300',
            },
            boolean_style='python',
        ),
        Case(
            'opencti-misp-feed-connector',
            {'misp-feed-create-reports': 'boolean', 'misp-feed-ssl-verify': 'boolean'},
            {'misp-feed-create-reports': True, 'misp-feed-ssl-verify': False},
            {'MISP_FEED_CREATE_REPORTS': 'true', 'MISP_FEED_SSL_VERIFY': 'false'},
        ),
        Case(
            'opencti-export-file-csv-connector',
            {'export-file-csv-delimiter': 'string', 'connector-scope': 'string'},
            {'export-file-csv-delimiter': ';', 'connector-scope': 'text/csv'},
            {'EXPORT_FILE_CSV_DELIMITER': ';', 'CONNECTOR_SCOPE': 'text/csv'},
            connector_type=ConnectorType.INTERNAL_EXPORT_FILE,
        ),
        Case(
            'opencti-import-document-connector',
            {'connector-auto': 'boolean', 'connector-confidence-level': 'int'},
            {'connector-auto': False, 'connector-confidence-level': 100},
            {'CONNECTOR_AUTO': 'false', 'CONNECTOR_CONFIDENCE_LEVEL': '100'},
            connector_type='INTERNAL_IMPORT_FILE',
        ),
        Case(
            'opencti-ipinfo-connector',
            {'ipinfo-max-tlp': 'string', 'ipinfo-use-asn-name': 'boolean'},
            {'ipinfo-max-tlp': '', 'ipinfo-use-asn-name': False},
            {'IPINFO_MAX_TLP': '', 'IPINFO_USE_ASN_NAME': 'false'},
            connector_type='internal-enrichment',
        ),
        Case('opencti-mitre-connector', {'mitre-interval': 'int'}, {}, {}),
        Case('opencti-cisa-kev-connector', {}, {}, {}),
        Case(
            'opencti-nti-connector',
            {'nti-threshold': 'float', 'nti-ratio': 'float'},
            {'nti-threshold': 0.5, 'nti-ratio': 0.0},
            {'NTI_THRESHOLD': '0.5', 'NTI_RATIO': '0.0'},
            connector_type='STREAM',
        ),
        Case(
            'opencti-sekoia-connector',
            {'sekoia-collection': 'string', 'sekoia-query': 'string'},
            {'sekoia-collection': 'größer ✓', 'sekoia-query': 'a "b" $C\n\td=\\e\''},
            {'SEKOIA_COLLECTION': 'größer ✓', 'SEKOIA_QUERY': 'a "b" $C\n\td=\\e\''},
            connector_type='INTERNAL_ANALYSIS',
        ),
        Case(
            'opencti-override-connector',
            {'connector-name': 'string', 'opencti-url': 'string'},
            {'connector-name': 'a name', 'opencti-url': 'http://elsewhere.example'},
            {'CONNECTOR_NAME': 'a name', 'OPENCTI_URL': 'http://elsewhere.example'},
        ),
    )

    @pytest.mark.parametrize('case', CASES, ids=lambda case: case.name)
    def test_the_plan(self, case: Case):
        charm_type = type(
            'Charm',
            (OpenctiConnectorMixin, ops.CharmBase),
            {'connector_type': case.connector_type, 'boolean_style': case.boolean_style},
        )
        context = mixin_context(
            charm_type,
            {name: {'type': kind} for name, kind in case.options.items()},
            case.name,
            app_name='an-application',
        )
        state = ready_state(
            config=case.config, containers={testing.Container(case.name, can_connect=True)}
        )
        out = context.run(context.on.config_changed(), state)
        assert out.unit_status == testing.ActiveStatus()
        assert is_running(out)
        assert container(out).layers.keys() == {'connector'}
        assert planned(out) == {
            'startup': 'enabled',
            'on-failure': 'restart',
            'override': 'replace',
            'command': 'bash /entrypoint.sh',
            'environment': {
                'OPENCTI_URL': URL,
                'OPENCTI_TOKEN': TOKEN,
                'CONNECTOR_ID': CONNECTOR_ID,
                'CONNECTOR_NAME': 'an-application',
                'CONNECTOR_TYPE': str(case.connector_type).replace('-', '_').upper(),
                **case.expected,
            },
        }

    def test_behind_a_proxy(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv('JUJU_CHARM_HTTP_PROXY', 'http://proxy.example:3128')
        options = {'http-proxy': {'type': 'string'}, 'opencti-url': {'type': 'string'}}
        config = {'http-proxy': 'not-this-one', 'opencti-url': 'http://elsewhere.example'}
        out = run(ready_state(config=config), options=options)
        assert environment(out)['HTTP_PROXY'] == 'http://proxy.example:3128'
        assert environment(out)['no_proxy'] == 'opencti-endpoints.stg-opencti.svc'
        assert environment(out)['OPENCTI_URL'] == 'http://elsewhere.example'


@pytest.mark.parametrize(
    'event',
    [
        'config_changed',
        'leader_elected',
        'update_status',
        'upgrade_charm',
        'pebble_ready',
        'relation_created',
        'relation_joined',
        'relation_changed',
        'start',
    ],
)
def test_each_hook_starts_what_can_run(event: str):
    out = run(ready_state(), event=event)
    assert is_running(out)
    assert out.unit_status == testing.ActiveStatus()


class TestWorkload:
    def test_nothing_changed(self, pebble_calls: list[str]):
        state = running()
        pebble_calls.clear()
        with counted() as calls:
            again = run(state, event='config_changed')
        assert pebble_calls == []
        assert not any(calls[write] for write in WRITES)
        assert (calls['relation_get'], calls['secret_get'], calls['leader_questions']) == (2, 1, 1)
        assert again == dataclasses.replace(state, stored_states=again.stored_states)

    def test_a_rotated_token_restarts_it_once(self, pebble_calls: list[str]):
        state = running()
        (secret,) = state.secrets
        rotated = testing.Secret(
            {'token': TOKEN}, latest_content={'token': NEW_TOKEN}, id=secret.id
        )
        state = dataclasses.replace(state, secrets={rotated})
        pebble_calls.clear()
        context = mixin_context()
        state = context.run(context.on.secret_changed(rotated), state)
        assert pebble_calls == ['stop', 'add_layer', 'start']
        assert environment(state)['OPENCTI_TOKEN'] == NEW_TOKEN
        pebble_calls.clear()
        run(state)
        assert pebble_calls == []

    def test_one_that_stopped_by_itself_is_started(self, pebble_calls: list[str]):
        state = running()
        stopped = dataclasses.replace(
            container(state), service_statuses={'connector': ops.pebble.ServiceStatus.ERROR}
        )
        pebble_calls.clear()
        assert is_running(run(dataclasses.replace(state, containers={stopped})))
        assert pebble_calls == ['start']

    @pytest.mark.parametrize('config', [CONFIG, {}])
    def test_one_that_pebble_is_about_to_restart_is_stopped_before_it_changes(
        self, config: dict[str, Any], pebble_calls: list[str]
    ):
        state = running(config=config)
        failed = dataclasses.replace(
            container(state), service_statuses={'connector': ops.pebble.ServiceStatus.ERROR}
        )
        state = dataclasses.replace(state, containers={failed})
        (secret,) = state.secrets
        rotated = testing.Secret({'token': NEW_TOKEN}, id=secret.id)
        pebble_calls.clear()
        out = run(dataclasses.replace(state, secrets={rotated}))
        assert pebble_calls == ['stop', 'add_layer', *(['start'] if config else [])]
        assert is_running(out) == bool(config)

    def test_an_option_that_is_unset_leaves_the_environment(self):
        state = run(ready_state(config={**CONFIG, 'interval': 5}))
        assert environment(state)['INTERVAL'] == '5'
        state = run(dataclasses.replace(state, config=CONFIG), event='config_changed')
        assert 'INTERVAL' not in environment(state)

    def test_other_layers_and_services_are_left_alone(self, pebble_calls: list[str]):
        services = {
            name: {'override': 'replace', 'command': 'x', 'startup': 'enabled'}
            for name in ('stopped-on-purpose', 'going')
        }
        layer = ops.pebble.Layer({'services': services})
        active = ops.pebble.ServiceStatus.ACTIVE
        other = testing.Container(
            NAME, can_connect=True, layers={'other': layer}, service_statuses={'going': active}
        )
        out = run(ready_state(containers={other}))
        assert container(out).layers['other'] == layer
        assert container(out).service_statuses == {'going': active, 'connector': active}
        out = run(dataclasses.replace(out, relations=set()))
        assert container(out).layers['other'] == layer
        assert container(out).service_statuses['going'] == active
        assert 'stopped-on-purpose' not in container(out).service_statuses

    def test_what_the_old_base_class_left_goes_on(self, pebble_calls: list[str]):
        state = ready_state()
        layer = ops.pebble.Layer(
            {
                'summary': NAME,
                'description': NAME,
                'services': {
                    'connector': {
                        'startup': 'enabled',
                        'on-failure': 'restart',
                        'override': 'replace',
                        'command': 'bash /entrypoint.sh',
                        'environment': {
                            'OPENCTI_URL': URL,
                            'OPENCTI_TOKEN': TOKEN,
                            'CONNECTOR_ID': CONNECTOR_ID,
                            'CONNECTOR_NAME': 'test-connector',
                            'CONNECTOR_TYPE': 'EXTERNAL_IMPORT',
                            'API_KEY': 'a-key',
                            'LOG_LEVEL': 'info',
                        },
                    }
                },
            }
        )
        deployed = testing.Container(
            NAME,
            can_connect=True,
            layers={'connector': layer},
            service_statuses={'connector': ops.pebble.ServiceStatus.ACTIVE},
        )
        published = {
            'connector_charm_name': NAME,
            'connector_type': 'EXTERNAL_IMPORT',
            'connector_id': CONNECTOR_ID,
        }
        state = replace_relation(
            dataclasses.replace(state, containers={deployed}), local_app_data=published
        )
        with counted() as calls:
            out = run(state, event='upgrade_charm')
        assert pebble_calls == []
        assert not any(calls[write] for write in WRITES)
        assert only_relation(out).local_app_data == published
        assert container(out).plan.to_dict() == container(state).plan.to_dict()
        assert out.unit_status == testing.ActiveStatus()


Change = Callable[[testing.State], testing.State]


def without_relation(state: testing.State) -> testing.State:
    return dataclasses.replace(state, relations=set(), secrets=set())


def without_data(state: testing.State) -> testing.State:
    return replace_relation(state, remote_app_data={})


def with_garbage(state: testing.State) -> testing.State:
    return replace_relation(state, remote_app_data={'opencti_url': URL, 'opencti_token': TOKEN})


def without_secret(state: testing.State) -> testing.State:
    return dataclasses.replace(state, secrets=set())


def without_config(state: testing.State) -> testing.State:
    return dataclasses.replace(state, config={})


class TestStopped:
    @pytest.mark.parametrize(
        ('change', 'status', 'message'),
        [
            (without_relation, 'blocked', 'missing relation opencti-connector'),
            (without_data, 'waiting', 'waiting for opencti_url and opencti_token'),
            (with_garbage, 'blocked', 'opencti_token: must be the id of a Juju secret'),
            (without_secret, 'waiting', 'waiting for access to the secret with the token'),
            (without_config, 'blocked', 'missing configuration: api-key'),
        ],
    )
    def test_it_stops_and_comes_back(
        self, change: Change, status: str, message: str, pebble_calls: list[str]
    ):
        before = running()
        stopped = run(change(before))
        assert not is_running(stopped)
        assert MARK not in str(container(stopped).plan.to_dict())
        assert stopped.unit_status.name == status
        assert stopped.unit_status.message.startswith(message)

        # Somebody else's replan must not start it.
        assert planned(stopped)['startup'] == 'disabled'
        pebble_calls.clear()
        again = run(stopped)
        assert pebble_calls == []

        mended = dataclasses.replace(
            again, relations=before.relations, secrets=before.secrets, config=before.config
        )
        back = run(mended)
        assert is_running(back)
        assert planned(back) == planned(before)
        assert back.unit_status == testing.ActiveStatus()

    def test_in_the_hook_in_which_the_relation_breaks(self):
        out = run(running(), event='relation_broken')
        assert not is_running(out)
        assert MARK not in str(container(out).plan.to_dict())
        assert out.unit_status == testing.BlockedStatus(
            'missing relation opencti-connector: integrate with OpenCTI'
        )

    def test_what_never_ran_is_not_stopped(self, pebble_calls: list[str]):
        out = run(without_relation(ready_state()))
        assert pebble_calls == []
        assert planned(out) == {}

    def test_each_missing_option_is_named(self):
        options = {
            name: {'type': 'string', 'optional': False} for name in ('first', 'second', 'third')
        }
        out = run(ready_state(config={'second': ''}), options=options)
        assert out.unit_status == testing.BlockedStatus(
            'missing configuration: first, third (set with juju config)'
        )


class TestLeftAlone:
    def test_not_leader(self, pebble_calls: list[str]):
        state = running(leader=False)
        pebble_calls.clear()
        out = run(state)
        assert pebble_calls == []
        assert is_running(out)
        assert out.unit_status == testing.WaitingStatus(
            'waiting for this unit to become the leader'
        )

        (secret,) = out.secrets
        rotated = testing.Secret({'token': NEW_TOKEN}, id=secret.id)
        out = dataclasses.replace(out, leader=True, secrets={rotated})
        out = run(out, event='leader_elected')
        assert environment(out)['OPENCTI_TOKEN'] == NEW_TOKEN
        assert out.unit_status == testing.ActiveStatus()

    def test_a_unit_that_never_led_starts_nothing(self, pebble_calls: list[str]):
        out = run(ready_state(leader=False))
        assert pebble_calls == []
        assert out.unit_status.name == 'waiting'

    def test_the_relation_is_gone_while_another_unit_leads(self):
        assert not is_running(run(running(leader=False), event='relation_broken'))

    def test_two_units(self, pebble_calls: list[str]):
        state = running(planned_units=2)
        pebble_calls.clear()
        out = run(state, event='config_changed')
        assert pebble_calls == []
        assert is_running(out)
        assert out.unit_status == testing.BlockedStatus(
            'connector charm cannot have multiple units, '
            'scale down using the `juju scale-application` command'
        )
        out = run(dataclasses.replace(out, planned_units=1))
        assert out.unit_status == testing.ActiveStatus()

    def test_the_container_is_not_ready_and_then_it_is(self):
        away = testing.Container(NAME, can_connect=False)
        out = run(ready_state(containers={away}))
        assert out.unit_status == testing.WaitingStatus('waiting for the container')
        back = testing.Container(NAME, can_connect=True)
        out = run(dataclasses.replace(out, containers={back}), event='pebble_ready')
        assert is_running(out)

    def test_a_person_must_act_though_the_container_is_not_ready(self):
        away = testing.Container(NAME, can_connect=False)
        out = run(ready_state(containers={away}, config={}))
        assert out.unit_status.name == 'blocked'
        assert out.unit_status.message.startswith('missing configuration: api-key')


def change_error() -> ops.pebble.ChangeError:
    task = ops.pebble.Task(
        id=ops.pebble.TaskID('1'),
        kind='start',
        summary='Start service "connector"',
        status='Error',
        log=[f'Most recent service output:\n    my token is {TOKEN}'],
        progress=ops.pebble.TaskProgress(label='', done=1, total=1),
        spawn_time=None,  # type: ignore[arg-type]
        ready_time=None,
    )
    change = ops.pebble.Change(
        id=ops.pebble.ChangeID('1'),
        kind='start',
        summary='Start service "connector"',
        status='Error',
        tasks=[task],
        ready=True,
        err=None,
        spawn_time=None,  # type: ignore[arg-type]
        ready_time=None,
    )
    error = (
        'cannot perform the following tasks:\n'
        f'- Start service "connector" (exited quickly with code 1, {TOKEN})'
    )
    return ops.pebble.ChangeError(error, change)


class TestPebbleFails:
    ERRORS = (
        change_error(),
        ops.pebble.APIError({}, 400, 'Bad Request', f'cannot parse layer: {TOKEN}'),
        ops.pebble.ConnectionError(f'cannot connect: {TOKEN}'),
        ops.pebble.PathError('not-found', f'no such path: {TOKEN}'),
        ops.pebble.TimeoutError(f'timed out: {TOKEN}'),
        ConnectionResetError(f'reset: {TOKEN}'),
    )

    def status(self, error: Exception) -> str:
        gone = (ops.pebble.ConnectionError, ConnectionResetError)
        return 'waiting' if isinstance(error, gone) else 'blocked'

    @pytest.mark.parametrize('error', ERRORS, ids=lambda error: type(error).__name__)
    @pytest.mark.parametrize('call', ['get_plan', 'get_services', 'stop', 'add_layer', 'start'])
    def test_it_does_not_start(self, call: str, error: Exception, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise error

        state = running(config={'api-key': 'another'})
        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, call, fail)
            failed = run(state)
        assert failed.unit_status.name == self.status(error)
        if self.status(error) == 'blocked':
            assert failed.unit_status.message.startswith('failed to start connector, will retry: ')
        # A service that runs does so with what is planned.
        assert not is_running(failed) or environment(failed)['API_KEY'] == 'a-key'

        mended = run(failed)
        assert is_running(mended)
        assert environment(mended)['API_KEY'] == 'another'
        assert mended.unit_status == testing.ActiveStatus()

    @pytest.mark.parametrize('error', ERRORS, ids=lambda error: type(error).__name__)
    @pytest.mark.parametrize('call', ['get_services', 'stop', 'add_layer'])
    def test_it_does_not_stop(self, call: str, error: Exception, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise error

        state = without_data(running())
        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, call, fail)
            failed = run(state)
        if self.status(error) == 'blocked':
            assert failed.unit_status.message.startswith('failed to stop connector, will retry: ')
        else:
            assert failed.unit_status == testing.WaitingStatus(
                'waiting for opencti_url and opencti_token'
            )
        mended = run(failed)
        assert not is_running(mended)
        assert MARK not in str(container(mended).plan.to_dict())

    def test_it_cannot_be_asked_what_there_is_to_stop(self, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise ops.pebble.APIError({}, 500, 'Internal Server Error', 'out of memory')

        state = without_relation(running())
        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, 'get_plan', fail)
            failed = run(state)
        # Both call for a person; what came first is shown.
        assert failed.unit_status.message.startswith('missing relation opencti-connector')
        assert not is_running(run(failed))

    def test_the_cause_is_shown(self, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise change_error()

        monkeypatch.setattr(ops.Container, 'start', fail)
        assert run(ready_state()).unit_status == testing.BlockedStatus(
            'failed to start connector, will retry: '
            'Start service "connector" (exited quickly with code 1, ********)'
        )


class TestSecretOptions:
    OPTIONS: ClassVar[dict[str, Any]] = {'api-key': {'type': 'secret', 'optional': False}}

    def state(self, content: dict[str, str] | None, **kwargs: Any) -> testing.State:
        state = ready_state()
        secret = testing.Secret(content or {'x': 'y'}, **kwargs)
        secrets = {*state.secrets, secret} if content is not None else state.secrets
        return dataclasses.replace(state, config={'api-key': secret.id}, secrets=secrets)

    @pytest.mark.parametrize(
        'content',
        [
            {'anything': f'{MARK}-of-mine'},
            {'value': f'{MARK}-of-mine'},
            {'value': f'{MARK}-of-mine', 'comment': 'for production'},
        ],
    )
    def test_the_value_is_in_the_environment(self, content: dict[str, str]):
        out = run(self.state(content), options=self.OPTIONS)
        assert environment(out)['API_KEY'] == f'{MARK}-of-mine'

    def test_a_rotation_is_picked_up(self):
        state = self.state({'value': 'old'}, latest_content={'value': 'new'})
        (rotated,) = (s for s in state.secrets if s.id == state.config['api-key'])
        context = mixin_context(options=self.OPTIONS)
        out = context.run(context.on.secret_changed(rotated), state)
        assert environment(out)['API_KEY'] == 'new'

    def test_one_that_is_not_granted(self):
        out = run(self.state(None), options=self.OPTIONS)
        assert out.unit_status == testing.WaitingStatus(
            'waiting for access to the secret of option api-key (juju grant-secret)'
        )
        assert not is_running(out)

    def test_one_with_several_keys_and_no_value(self):
        out = run(self.state({'first': MARK, 'second': MARK}), options=self.OPTIONS)
        assert out.unit_status == testing.BlockedStatus(
            "the secret of option api-key must have a single key, or a key 'value'"
        )

    def test_one_that_is_unset(self):
        out = run(ready_state(config={}), options=self.OPTIONS)
        assert out.unit_status.message.startswith('missing configuration: api-key')

    def test_an_empty_value(self):
        options = {'api-key': {**self.OPTIONS['api-key'], 'default': ''}}
        out = run(ready_state(config={}), options=options)
        assert environment(out)['API_KEY'] == ''

    def test_a_plain_option_that_looks_like_a_secret(self):
        out = run(ready_state(config={'api-key': 'secret:cjqub6vubg2s77p3nio0'}))
        assert environment(out)['API_KEY'] == 'secret:cjqub6vubg2s77p3nio0'


class TestOverrides:
    def test_environment_and_checks(self):
        class Charm(OpenctiConnectorMixin, ops.CharmBase):
            connector_type = ConnectorType.STREAM
            connector_command = 'python3 main.py'

            def check_config(self) -> None:
                super().check_config()
                if self.config['log-level'] == 'bad':
                    raise Blocked('log-level: must be good')

            def connector_environment(self) -> dict[str, str]:
                return {**super().connector_environment(), 'CONNECTOR_SCOPE': 'a-scope'}

        out = run(ready_state(), Charm)
        assert environment(out)['CONNECTOR_SCOPE'] == 'a-scope'
        assert environment(out)['CONNECTOR_TYPE'] == 'STREAM'
        assert planned(out)['command'] == 'python3 main.py'

        out = run(dataclasses.replace(out, config={**CONFIG, 'log-level': 'bad'}), Charm)
        assert out.unit_status == testing.BlockedStatus('log-level: must be good')
        assert not is_running(out)

        # The base class's own check comes first here, as the override says.
        out = run(dataclasses.replace(out, config={'log-level': 'bad'}), Charm)
        assert out.unit_status.message.startswith('missing configuration: api-key')

    def test_reconcile(self):
        class Charm(OpenctiConnectorMixin, ops.CharmBase):
            connector_type = 'STREAM'
            is_ready = True

            def reconcile(self) -> None:
                if not self.is_ready:
                    raise NotReady('waiting for the weather')
                super().reconcile()

        state = run(ready_state(), Charm)
        assert is_running(state)
        Charm.is_ready = False
        state = run(state, Charm)
        assert not is_running(state)
        assert state.unit_status == testing.WaitingStatus('waiting for the weather')

    def test_the_style_as_a_property(self):
        class Charm(OpenctiConnectorMixin, ops.CharmBase):
            connector_type = 'STREAM'

            @property
            def boolean_style(self) -> str:  # type: ignore[override]
                return 'python'

        out = run(ready_state(config={**CONFIG, 'verify': True}), Charm)
        assert environment(out)['VERIFY'] == 'True'

    @pytest.mark.parametrize('file', ['config.yaml', 'charmcraft.yaml'])
    def test_the_charm_dir(self, file: str, tmp_path: pathlib.Path):
        class Charm(OpenctiConnectorMixin, ops.CharmBase):
            connector_type = 'STREAM'

            @property
            def charm_dir(self) -> pathlib.Path:
                return tmp_path

        options = '{options: {interval: {type: int, optional: false}}}'
        content = options if file == 'config.yaml' else f'{{name: x, config: {options}}}'
        (tmp_path / file).write_text(content)
        out = run(ready_state(), Charm)
        assert out.unit_status.message.startswith('missing configuration: interval')
        out = run(ready_state(config={'interval': 7}), Charm)
        assert environment(out)['INTERVAL'] == '7'
        assert 'LOG_LEVEL' not in environment(out)

    @pytest.mark.parametrize(
        ('content', 'problem'),
        [(None, 'neither a config.yaml nor a charmcraft.yaml'), ('options: {', 'is not YAML')],
    )
    def test_an_unusable_charm_dir(
        self, content: str | None, problem: str, tmp_path: pathlib.Path
    ):
        class Charm(OpenctiConnectorMixin, ops.CharmBase):
            connector_type = 'STREAM'

            @property
            def charm_dir(self) -> pathlib.Path:
                return tmp_path

        if content is not None:
            (tmp_path / 'config.yaml').write_text(content)
        with pytest.raises(testing.errors.UncaughtCharmError, match=problem):
            run(ready_state(), Charm)

    def test_a_further_mixin_and_a_charm_of_its_own(self):
        log: list[str] = []

        class Other(ops.CharmBase):
            def __init__(self, framework: ops.Framework):
                super().__init__(framework)
                log.append('other')

        class Charm(Other, OpenctiConnectorMixin, ops.CharmBase):
            connector_type = 'STREAM'
            _workload = _options = _config = 'names that a charm may want'

            def __init__(self, *args: Any):
                super().__init__(*args)
                log.append('own')
                self.framework.observe(self.on.config_changed, self._on_config_changed)
                self.framework.observe(self.on.collect_unit_status, self._on_collect_status)
                self.framework.observe(
                    self.opencti.on.opencti_connection_available, self._on_available
                )

            def _on_config_changed(self, event: ops.EventBase) -> None:
                log.append('config-changed')

            def _on_available(self, event: ops.EventBase) -> None:
                log.append('available')

            def _on_collect_status(self, event: ops.CollectStatusEvent) -> None:
                event.add_status(ops.MaintenanceStatus('one of its own'))

        out = run(ready_state(), Charm, event='config_changed')
        assert log == ['other', 'own', 'available', 'config-changed']
        assert is_running(out)
        assert out.unit_status == testing.MaintenanceStatus('one of its own')


class TestConstruction:
    def reason(self, charm_type: type[ops.CharmBase], **kwargs: Any) -> BaseException:
        with pytest.raises(testing.errors.UncaughtCharmError) as info:
            run(ready_state(), charm_type, **kwargs)
        assert info.value.__cause__ is not None
        return info.value.__cause__

    def test_without_a_type(self):
        class Charm(OpenctiConnectorMixin, ops.CharmBase):
            pass

        error = self.reason(Charm)
        assert isinstance(error, TypeError)
        assert str(error).startswith('Charm must set connector_type to one of EXTERNAL_IMPORT, ')

    def test_with_an_unknown_type(self):
        class Charm(OpenctiConnectorMixin, ops.CharmBase):
            connector_type = 'EXTERNAL'

        assert str(self.reason(Charm)).startswith('connector_type: must be one of')

    def test_without_the_container(self):
        endpoint = {'interface': 'opencti_connector'}
        context = Context(MixinCharm, {'name': NAME, 'provides': {'opencti-connector': endpoint}})
        with pytest.raises(testing.errors.UncaughtCharmError, match=f'named {NAME!r}'):
            context.run(context.on.start(), testing.State())


def test_the_relation_is_new_and_nothing_is_published_yet():
    state = ready_state(relations={relation(remote_app_name='opencti')})
    out = run(state, event='start')
    assert out.unit_status.name == 'waiting'
    assert not is_running(out)
