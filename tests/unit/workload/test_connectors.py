# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From the configuration of differently made connectors to the exact Pebble plan."""

import dataclasses
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorType, OpenctiConnectorMixin

from ..conftest import (
    CONNECTOR_ID,
    MARK,
    TOKEN,
    URL,
    relation,
)
from ..mixin_charm import (
    container,
    environment,
    is_running,
    mixin_context,
    planned,
    ready_state,
    run,
)


class TestConnectors:
    """The exact plan of connectors with different configurations."""

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
        assert out.unit_status == testing.BlockedStatus(
            'no access to the secret of option api-key (juju grant-secret)'
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


def test_the_relation_is_new_and_nothing_is_published_yet():
    state = ready_state(relations={relation(remote_app_name='opencti')})
    out = run(state, event='start')
    assert out.unit_status.name == 'waiting'
    assert not is_running(out)
