# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From the configuration of differently made connectors to the exact Pebble plan."""

import dataclasses
from typing import Any, ClassVar

import pytest
from ops import testing

from opencti_connector import ConnectorType

from ..values import CONNECTOR_ID, MARK, TOKEN, URL
from .charms import MixinCharm, mixin_context, run
from .looks import container, environment, is_running, planned
from .states import ready_state


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
        'crowdstrike',
        {'crowdstrike-client-id': 'string', 'crowdstrike-score': 'int', 'not-set': 'string'},
        {'crowdstrike-client-id': 'x y', 'crowdstrike-score': 0},
        {'CROWDSTRIKE_CLIENT_ID': 'x y', 'CROWDSTRIKE_SCORE': '0'},
    ),
    Case(
        'virustotal',
        {'create-alert': 'boolean', 'delete-notification': 'boolean', 'interval-sec': 'int'},
        {'create-alert': True, 'delete-notification': False, 'interval-sec': 300},
        {'CREATE_ALERT': 'True', 'DELETE_NOTIFICATION': 'False', 'INTERVAL_SEC': '300'},
        boolean_style='python',
    ),
    Case(
        'export-file-csv',
        {'export-file-csv-delimiter': 'string', 'connector-scope': 'string'},
        {'export-file-csv-delimiter': ';', 'connector-scope': 'text/csv'},
        {'EXPORT_FILE_CSV_DELIMITER': ';', 'CONNECTOR_SCOPE': 'text/csv'},
        connector_type=ConnectorType.INTERNAL_EXPORT_FILE,
    ),
    Case(
        'ipinfo',
        {'ipinfo-max-tlp': 'string', 'ipinfo-use-asn': 'boolean', 'connector-auto': 'boolean'},
        {'ipinfo-max-tlp': '', 'ipinfo-use-asn': False, 'connector-auto': True},
        {'IPINFO_MAX_TLP': '', 'IPINFO_USE_ASN': 'false', 'CONNECTOR_AUTO': 'true'},
        connector_type='internal-enrichment',
    ),
    Case('cisa-kev', {}, {}, {}),
    Case(
        'nti',
        {'nti-threshold': 'float', 'nti-ratio': 'float'},
        {'nti-threshold': 0.5, 'nti-ratio': 0.0},
        {'NTI_THRESHOLD': '0.5', 'NTI_RATIO': '0.0'},
        connector_type='STREAM',
    ),
    Case(
        'sekoia',
        {'sekoia-collection': 'string', 'sekoia-query': 'string'},
        {'sekoia-collection': 'größer ✓', 'sekoia-query': 'a "b" $C\n\td=\\e\''},
        {'SEKOIA_COLLECTION': 'größer ✓', 'SEKOIA_QUERY': 'a "b" $C\n\td=\\e\''},
        connector_type='INTERNAL_ANALYSIS',
    ),
    Case(
        'override',
        {'connector-name': 'string', 'opencti-url': 'string'},
        {'connector-name': 'a name', 'opencti-url': 'http://elsewhere.example'},
        {'CONNECTOR_NAME': 'a name', 'OPENCTI_URL': 'http://elsewhere.example'},
    ),
)


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.name)
def test_the_plan(case: Case):
    attributes = {'connector_type': case.connector_type, 'boolean_style': case.boolean_style}
    out = run(
        ready_state([case.name], config=case.config),
        type('Charm', (MixinCharm,), attributes),
        event='config_changed',
        options={name: {'type': kind} for name, kind in case.options.items()},
        name=case.name,
        app_name='an-application',
    )
    assert out.unit_status == testing.ActiveStatus()
    assert is_running(out)
    (layer,) = container(out).layers.values()
    assert container(out).layers.keys() == {'connector'}
    assert (layer.summary, layer.description) == (case.name, case.name)
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


def test_behind_a_proxy(monkeypatch: pytest.MonkeyPatch):
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


class TestSecretOptions:
    OPTIONS: ClassVar[dict[str, Any]] = {'api-key': {'type': 'secret', 'optional': False}}

    def run(self, content: dict[str, str], **kwargs: Any) -> testing.State:
        state = ready_state()
        secret = testing.Secret(content, **kwargs)
        state = dataclasses.replace(
            state, config={'api-key': secret.id}, secrets={*state.secrets, secret}
        )
        context = mixin_context(options=self.OPTIONS)
        return context.run(context.on.secret_changed(secret), state)

    @pytest.mark.parametrize(
        'content',
        [
            {'anything': f'{MARK}-of-mine'},
            {'value': f'{MARK}-of-mine'},
            {'value': f'{MARK}-of-mine', 'comment': 'for production'},
        ],
    )
    def test_the_value_is_in_the_environment(self, content: dict[str, str]):
        assert environment(self.run(content))['API_KEY'] == f'{MARK}-of-mine'

    def test_a_rotation_is_picked_up(self):
        out = self.run({'value': 'old'}, latest_content={'value': 'new'})
        assert environment(out)['API_KEY'] == 'new'

    def test_one_that_is_not_granted(self):
        state = ready_state(config={'api-key': 'secret:cjqub6vubg2s77p3nio0'})
        out = run(state, options=self.OPTIONS)
        assert out.unit_status == testing.BlockedStatus(
            'no access to the secret of option api-key (juju grant-secret)'
        )
        assert not is_running(out)

    def test_one_with_several_keys_and_no_value(self):
        out = self.run({'first': MARK, 'second': MARK})
        assert out.unit_status == testing.BlockedStatus(
            "the secret of option api-key must have a single key, or a key 'value'"
        )

    def test_one_that_is_unset(self):
        out = run(ready_state(config={}), options=self.OPTIONS)
        assert out.unit_status.message.startswith('missing configuration: api-key')

    def test_an_empty_value(self):
        options = {'api-key': {'type': 'secret', 'default': ''}}
        out = run(ready_state(config={}), options=options)
        assert environment(out)['API_KEY'] == ''

    def test_a_plain_option_that_looks_like_a_secret(self):
        out = run(ready_state(config={'api-key': 'secret:cjqub6vubg2s77p3nio0'}))
        assert out.unit_status == testing.BlockedStatus(
            'invalid configuration: api-key: holds the id of a secret, which only an option of '
            'type secret can'
        )
        assert not is_running(out)
