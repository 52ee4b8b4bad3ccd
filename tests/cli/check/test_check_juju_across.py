# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`check --juju` on relations across models: both ends, where this client may look."""

from typing import Any

import pytest

from . import dumps, fake_juju
from .fake_juju import CONNECTOR, FakeJuju, app, status

UUIDS = {'feeds': '11111111-2222-4333-8444-555555555555', 'platform': '6' * 8 + '-7777' * 3}
REMOTE = f'remote-{"ab" * 16}'


def offer(app: str, *connections: tuple[str, int]) -> dict[str, Any]:
    return {
        'application': app,
        'offer-url': f'k8s:admin/x.{app}',
        'endpoints': {'opencti-connector': {'interface': 'opencti_connector', 'role': 'requirer'}},
        'connections': [
            {
                'source-model-uuid': UUIDS[model],
                'username': 'admin',
                'relation-id': relation_id,
                'endpoint': 'opencti-connector',
                'status': {'current': 'joined'},
            }
            for model, relation_id in connections
        ],
    }


def offer_status(app: str) -> dict[str, Any]:
    """An offer in what `juju status` shows."""
    return {
        'application': app,
        'charm': f'ch:amd64/{app}-7',
        'total-connected-count': 1,
        'active-connected-count': 1,
        'endpoints': {'opencti-connector': {'interface': 'opencti_connector', 'role': 'requirer'}},
    }


def model_info(name: str) -> dict[str, Any]:
    return {
        name: {
            'name': f'admin/{name}',
            'short-name': name,
            'model-uuid': UUIDS[name],
            'controller-name': 'k8s',
        }
    }


class Across:
    """Feeds has the connector and consumes the OpenCTI that the model platform offers."""

    def __init__(self, juju: FakeJuju, shows_own: bool):
        flag = {} if shows_own else {'cross-model': True}
        consuming, offering = dumps.DETAILS, dumps.CONNECTION
        if not shows_own:
            consuming, offering = offering, consuming
        feeds = status(crowdstrike=app(CONNECTOR, 'octi', unit='crowdstrike/0'))
        feeds['application-endpoints'] = {
            'octi': {
                'url': 'k8s:admin/platform.opencti',
                'endpoints': {
                    'opencti-connector': {'interface': 'opencti_connector', 'role': 'requirer'}
                },
                'application-status': {'current': 'active'},
            }
        }
        self.feeds: dict[str, Any] = {
            'status': feeds,
            'show-unit': dumps.connector(dumps.relation(consuming, {'octi/0': {}}, **flag)),
            'show-model': model_info('feeds'),
            'debug-log': fake_juju.LOG,
            'ssh': {CONNECTOR: fake_juju.SERVICES},
        }
        self.platform: dict[str, Any] = {
            # Juju 4.0 does not show relations of offers there, only how many there are
            # (`getAllNonSyntheticRelationsWithDetails` in domain/relation/state/relation.go).
            'status': status(
                name='platform',
                opencti=app('opencti', '' if shows_own else REMOTE, unit='opencti/0'),
            )
            | {'offers': {'opencti': offer_status('opencti')}},
            'show-unit': dumps.opencti(
                dumps.relation(offering, {f'{REMOTE}/0': {}}, relation_id=9, **flag)
            ),
            'show-model': model_info('platform'),
            'offers': {'opencti': offer('opencti', ('feeds', 9))},
            'show-secret': fake_juju.secret(f'application-{REMOTE}'),
        }
        self.juju = juju

    def from_feeds(self) -> FakeJuju:
        self.juju.models |= {'': self.feeds, 'k8s:admin/platform': self.platform}
        return self.juju

    def from_platform(self) -> FakeJuju:
        names = dict.fromkeys((f'k8s:{UUIDS["feeds"]}', 'k8s:admin/feeds'), self.feeds)
        self.juju.models |= {'': self.platform, **names}
        return self.juju


@pytest.fixture(params=[False, True], ids=['juju-3', 'juju-4'])
def across(request: pytest.FixtureRequest, juju: FakeJuju) -> Across:
    return Across(juju, request.param)


def test_from_the_connectors_model(across: Across):
    found = across.from_feeds().report('crowdstrike')
    assert (found['ok'], found['complete']) == (True, True)
    (relation,) = found['relations']
    assert (relation['id'], relation['cross-model']) == (4, True)
    assert relation['connector']['application'] == 'crowdstrike'
    assert relation['opencti']['application'] == 'opencti'
    assert relation['seen'] == [
        'opencti: 1 unit, opencti/0 leads; active',
        'The service connector of crowdstrike/0 is active',
        'The secret is there and granted to the connector',
    ]


def test_an_opencti_that_no_name_tells(across: Across):
    unit = across.platform['show-unit']['opencti/0'] | {'charm': 'local:platform-0'}
    across.platform['show-unit'] = {'main/0': unit}
    across.platform['status'] = status(name='platform', main=app('main', '', unit='main/0'))
    across.platform['status']['offers'] = {'opencti': offer_status('main')}
    across.platform['offers'] = {'opencti': offer('main', ('feeds', 9))}
    (relation,) = across.from_feeds().report()['relations']
    assert relation['opencti']['application'] == 'main'
    assert relation['seen'][-1] == 'The secret is there and granted to the connector'


def test_by_the_name_that_the_connectors_model_has_for_opencti(across: Across):
    assert across.from_feeds().report('octi')['complete']


def test_from_openctis_model(across: Across):
    found = across.from_platform().report('opencti')
    assert (found['ok'], found['complete']) == (True, True)
    (relation,) = found['relations']
    assert relation['id'] == 9
    assert relation['connector']['application'] == 'crowdstrike'


def test_commands_are_for_the_model_of_each_end(across: Across):
    across.platform['show-secret'] = fake_juju.secret()
    hook = "'JUJU_DISPATCH_PATH=hooks/update-status ./dispatch'"
    command = f'juju exec --model k8s:admin/platform --unit opencti/0 {hook}'
    assert across.from_feeds().errors() == [('not-granted', command)]
    across.platform['status']['applications']['opencti']['units'] = {}
    found = dumps.findings(across.from_feeds().report())
    assert 'it cannot be told which relation it is there' in ' '.join(f['problem'] for f in found)


def test_errors_of_the_connector_seen_from_opencti(across: Across):
    waiting = across.feeds['status']['applications']['crowdstrike']['application-status']
    waiting |= {'current': 'blocked', 'message': 'missing configuration: api-key'}
    assert across.from_platform().errors('opencti') == [
        ('blocked', 'juju config --model k8s:admin/feeds crowdstrike')
    ]


@pytest.mark.parametrize('command', ['status', 'offers'])
def test_without_access_to_the_other_model(across: Across, command: str):
    across.platform[command] = 'ERROR permission denied'
    found = across.from_feeds().report()
    (relation,) = found['relations']
    assert (found['ok'], found['complete']) == (True, False)
    notes = {f['code']: f['problem'] for f in relation['findings']}
    assert 'not-shown' not in notes  # To look with `--juju` is what was tried.
    assert 'this user may not read that' in notes['not-looked-at']
    assert across.juju.check('--strict').exit_code == 1


def test_on_a_controller_that_this_client_does_not_know(across: Across):
    juju = across.from_feeds()
    del juju.models['k8s:admin/platform']
    (relation,) = juju.report()['relations']
    assert 'there is no such model' in ' '.join(f['problem'] for f in relation['findings'])


@pytest.mark.parametrize('connections', [[], [('feeds', 9), ('feeds', 10)], [('platform', 9)]])
def test_it_does_not_guess_which_relation_it_is(across: Across, connections: Any):
    across.platform['offers'] = {'opencti': offer('opencti', *connections)}
    (relation,) = across.from_feeds().report()['relations']
    assert 'it cannot be told which relation it is there' in ' '.join(
        f['problem'] for f in relation['findings']
    )


def test_it_does_not_guess_where_the_other_model_does_not_have_one_of_two_yet(across: Across):
    across.feeds['status']['applications']['misp'] = app(CONNECTOR, 'octi', unit='misp/0')
    unit = across.feeds['show-unit']['crowdstrike/0']
    info = unit['relation-info'][0] | {'relation-id': 5}
    across.feeds['show-unit']['misp/0'] = unit | {'relation-info': [info]}
    for relation in across.from_feeds().report()['relations']:
        assert relation['opencti']['application'] != 'opencti'


def test_it_does_not_guess_where_the_other_model_lost_one_of_two(across: Across):
    across.platform['offers'] = {'opencti': offer('opencti', ('feeds', 9), ('feeds', 10))}
    (relation,) = across.from_platform().report()['relations']
    assert relation['connector']['application'] is None


@pytest.mark.parametrize('url', ['platform.opencti', 'admin/platform.opencti', 'odd', ''])
def test_forms_of_an_offers_url(across: Across, url: str):
    across.feeds['status']['application-endpoints']['octi']['url'] = url
    juju = across.from_feeds()
    juju.models['k8s:platform'] = across.platform
    assert juju.report()['complete'] is url.endswith('opencti')


def test_no_unit_of_the_other_end_is_shown(across: Across):
    across.feeds['show-unit']['crowdstrike/0']['relation-info'][0]['related-units'] = {}
    assert across.from_feeds().report()['complete']


def test_a_relation_that_is_within_the_model_is_not_looked_for(across: Across):
    """OpenCTI has one of each."""
    inner = dumps.relation(dumps.CONNECTION, {'misp/0': {}}, relation_id=5)
    across.platform['show-unit']['opencti/0']['relation-info'].append(inner)
    across.platform['show-unit'] |= dumps.connector(
        dumps.relation(dumps.DETAILS, {'opencti/0': {}}, relation_id=5), name='misp/0'
    )
    apps = across.platform['status']['applications']
    apps['misp'] = app(CONNECTOR, 'opencti', unit='misp/0')
    apps['opencti'] = app('opencti', f'{REMOTE} misp', unit='opencti/0')
    across.platform['ssh'] = {CONNECTOR: fake_juju.SERVICES}
    found = across.from_platform().report()
    assert [relation['cross-model'] for relation in found['relations']] == [True, False]
    assert found['complete']
