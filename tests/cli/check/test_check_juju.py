# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`check --juju`: it asks Juju itself, changes nothing, and names the cause."""

import json
import pathlib
from typing import Any

import pytest

from opencti_connector.cli.check.juju import client

from . import dumps, fake_juju
from .fake_juju import CONNECTOR, FakeJuju, answers, app, of, status

LOST = app('opencti', 'crowdstrike', unit='opencti/0')
LOST['units']['opencti/0']['juju-status'] = {'current': 'lost', 'message': 'not communicating'}


def connector_says(*words: str) -> dict[str, Any]:
    current, message = words
    connector = app(CONNECTOR, 'opencti', unit='crowdstrike/0', status=(current, message))
    return {'status': of(connector)}


@pytest.mark.parametrize('arguments', [['crowdstrike'], ['opencti'], ['opencti/0'], []])
def test_all_is_in_order(juju: FakeJuju, both_ends: Any, arguments: list[str]):
    juju.models[''] = answers(both_ends())
    result = juju.check(*arguments)
    assert result.exit_code == 0
    assert result.stdout == (
        """\
Model feeds, Juju 3.6.1 (caas)
crowdstrike: 1 unit, crowdstrike/0 leads; active
opencti: 1 unit, opencti/0 leads; active

Relation 4: crowdstrike:opencti-connector and opencti:opencti-connector
  The connector (crowdstrike) wrote
    connector_charm_name  opencti-crowdstrike-connector
    connector_type        EXTERNAL_IMPORT
    connector_id          (usable, not shown)
  OpenCTI (opencti) wrote
    opencti_url           http://opencti:8080
    opencti_token         secret:d2mq7mrubg2s77p3nio0
  The service connector of crowdstrike/0 is active
  The secret is there and granted to the connector
  log    unit-crowdstrike-0: 2026-11-27 03:02:02 INFO unit.crowdstrike/0.juju-log """
        """opencti-connector:4: hello
  log    unit-opencti-0: 2026-11-27 03:02:03 ERROR unit.opencti/0.juju-log no token (not shown)

Nothing is wrong in what is shown.
"""
    )
    assert result.stderr.splitlines() == [
        '[1/3] juju status --format json',
        '[2/3] juju show-unit --format json crowdstrike/0 opencti/0',
        '[3/5] juju debug-log --date --limit 1000 --include crowdstrike --include opencti',
        f'[4/5] juju ssh --container {CONNECTOR} --pty=false crowdstrike/0 '
        '/charm/bin/pebble services',
        '[5/5] juju show-secret --format json d2mq7mrubg2s77p3nio0',
    ]


def test_what_was_recorded_on_juju_4(juju: FakeJuju):
    samples = pathlib.Path(__file__).parents[2] / 'integration' / 'samples'
    units = {}
    for name in ('connector-unit', 'opencti-unit'):
        units |= json.loads((samples / f'{name}.json').read_text())
    secret = fake_juju.secret('application-urlhaus').popitem()[1]
    whole = status(
        kind='iaas',
        version='4.0.15',
        urlhaus=app('opencti-urlhaus-connector', 'opencti', unit='urlhaus/0'),
        opencti=app('opencti', 'urlhaus', unit='opencti/0'),
    )
    juju.models[''] = answers(
        units, status=whole, **{'show-secret': {'07si1jad5gai2ve0ej3g': secret}}
    )
    found = juju.report('urlhaus')
    assert (found['ok'], found['complete']) == (True, True)
    assert found['relations'][0]['seen'] == ['The secret is there and granted to the connector']


@pytest.mark.parametrize(
    'changes',
    [
        {'status': of(opencti={'units': {}})},
        {'status': of(opencti=LOST)},
        {'status': of(app(CONNECTOR, '', unit='crowdstrike/0'), {'relations': {}})},
        {'show-secret': {}},
        {'show-secret': fake_juju.secret()},
        {'ssh': {CONNECTOR: fake_juju.SERVICES.replace('active  ', 'backoff ')}},
        {'show-unit': dumps.in_juju_4(connection={})},
        {'show-unit': dumps.in_juju_4({}, {})},
        {'show-unit': dumps.in_juju_4(connection={'opencti_url': 'x', 'opencti-token': 'x'})},
        {
            'show-unit': dumps.connector(
                dumps.relation(dumps.DETAILS, {'opencti/0': {'opencti_url': 'x', 'a': 'b'}})
            )
            | dumps.opencti(dumps.relation({}, {'crowdstrike/0': {}}))
        },
        {'debug-log': 'ERROR something new'},
    ],
)
@pytest.mark.parametrize('arguments', [['crowdstrike'], []])
def test_each_command_is_for_the_model(juju: FakeJuju, changes: Any, arguments: list[str]):
    juju.models['prod'] = answers(dumps.in_juju_4()) | changes
    found = juju.report('--model', 'prod', *arguments)
    commands = [f['next'] for f in dumps.findings(found)]
    assert commands
    assert all(' --model prod' in command for command in commands)
    told = ' '.join(f['problem'] for f in dumps.findings(found))
    assert '`juju status`' not in told


def test_a_subordinate(juju: FakeJuju, both_ends: Any):
    """Juju shows its units in those of its principal."""
    whole = of()
    sub = whole['applications']['crowdstrike']
    whole['applications']['ubuntu'] = app('ubuntu', '', unit='ubuntu/0')
    whole['applications']['ubuntu']['units']['ubuntu/0']['subordinates'] = sub.pop('units')
    sub['subordinate-to'] = ['ubuntu']
    juju.models[''] = answers(both_ends(), status=whole)
    found = juju.report('crowdstrike')
    assert (found['ok'], found['complete']) == (True, True)
    assert 'crowdstrike: 1 unit, crowdstrike/0 leads; active' in found['seen']


def test_it_only_looks(juju: FakeJuju, both_ends: Any):
    juju.models['k8s:admin/feeds'] = answers(both_ends())
    assert juju.check('--model', 'k8s:admin/feeds', 'crowdstrike').exit_code == 0
    assert {call.split()[0] for call in juju.calls} <= client.COMMANDS
    assert all(call.split()[1:3] == ['--model', 'k8s:admin/feeds'] for call in juju.calls)
    assert '--reveal' not in ' '.join(juju.calls)


@pytest.mark.parametrize(
    'words',
    [
        ['remove-relation', '4'],
        ['config', 'opencti', 'a=b'],
        ['exec', '--unit', 'opencti/0', 'true'],
        ['show-secret', '--reveal', 'x'],
        ['ssh', 'opencti/0', 'rm', '-r', '/'],
    ],
)
def test_it_can_only_look(juju: FakeJuju, words: list[str]):
    with pytest.raises(ValueError, match='only look'):
        client.Client('', client.Progress(print)).cli(*words)


@pytest.mark.parametrize(
    ('changes', 'error'),
    [
        ({'status': of(opencti={'units': {}})}, ('no-unit', 'juju status opencti')),
        (
            {'status': of(opencti=app('opencti', 'crowdstrike', unit='opencti/0', leader=False))},
            ('no-leader', 'juju status opencti'),
        ),
        (
            connector_says('error', 'hook failed: "opencti-connector-relation-changed"'),
            ('hook-failed', 'juju debug-log --replay --include crowdstrike'),
        ),
        (
            connector_says('blocked', 'missing configuration: api-key'),
            ('blocked', 'juju config crowdstrike'),
        ),
        (
            connector_says('blocked', 'connector charm cannot have multiple units'),
            ('blocked', 'juju status --relations crowdstrike'),
        ),
        ({'status': of(opencti=LOST)}, ('agent-lost', 'juju show-status-log opencti/0')),
        ({'show-secret': '{}'}, ('no-secret', 'juju debug-log --replay --include opencti')),
        ({'show-secret': {}}, ('no-secret', 'juju debug-log --replay --include opencti')),
        (
            {'show-secret': fake_juju.secret('application-other')},
            (
                'not-granted',
                "juju exec --unit opencti/0 'JUJU_DISPATCH_PATH=hooks/update-status ./dispatch'",
            ),
        ),
        (
            {'ssh': {CONNECTOR: fake_juju.SERVICES.replace('active  ', 'backoff ')}},
            (
                'service-down',
                f'juju ssh --container {CONNECTOR} crowdstrike/0 /charm/bin/pebble logs',
            ),
        ),
    ],
)
def test_the_cause(juju: FakeJuju, both_ends: Any, changes: Any, error: tuple[str, str]):
    juju.models[''] = answers(both_ends(), **changes)
    assert juju.errors('crowdstrike') == [error]
    assert juju.check('crowdstrike').exit_code == 1


@pytest.mark.parametrize(
    ('target', 'codes'),
    [
        ('unit-crowdstrike-0', []),
        ('unit-crowdstrike-eu-0', ['not-granted']),
        ('application-crowdstrike-eu', ['not-granted']),
    ],
)
def test_a_secret_may_be_granted_to_a_unit(
    juju: FakeJuju, both_ends: Any, target: str, codes: list[str]
):
    juju.models[''] = answers(both_ends(), **{'show-secret': fake_juju.secret(target)})
    assert [code for code, _ in juju.errors()] == codes


def test_a_cause_comes_before_what_follows_from_it(juju: FakeJuju, both_ends: Any):
    error = ('error', 'hook failed: "config-changed"')
    juju.models[''] = answers(
        both_ends(connection={}),
        status=of(opencti=app('opencti', 'crowdstrike', unit='opencti/0', status=error)),
    )
    found = juju.report()
    assert found['verdict']['code'] == 'hook-failed'
    assert [code for code, _ in juju.errors()] == ['hook-failed', 'silent']
    assert juju.check().stdout.splitlines()[-3:] == [
        'Something is wrong: 2 errors. First:',
        '  error  opencti/0 has the status error: hook failed: "config-changed"',
        '  next   juju debug-log --replay --include opencti',
    ]


def test_a_unit_that_waits_is_noted(juju: FakeJuju, both_ends: Any):
    waits = app('opencti', 'crowdstrike', unit='opencti/0', status=('waiting', 'for x'))
    juju.models[''] = answers(both_ends(), status=of(opencti=waits))
    (note,) = juju.report()['findings']
    assert (note['code'], note['level']) == ('waiting', 'note')


def test_the_interface_decides_not_the_endpoints_name(juju: FakeJuju):
    units = dumps.renamed()
    logging = dumps.relation(dumps.DETAILS, {}, endpoint='opencti-connector', relation_id=9)
    units['crowdstrike/0']['relation-info'].append(logging)
    juju.models[''] = answers(
        units,
        status=of(
            app(CONNECTOR, 'opencti', unit='crowdstrike/0', endpoint='octi'),
            app('opencti', 'crowdstrike', unit='opencti/0', endpoint='feeds'),
        ),
    )
    assert [code for code, _ in juju.errors()] == ['silent']


def test_a_relation_of_which_juju_shows_nothing(juju: FakeJuju):
    """It leaves out one without data and without units at the other end (`showunit.go`)."""
    juju.models[''] = answers(dumps.connector() | dumps.opencti())
    assert juju.errors('crowdstrike') == [
        ('silent', 'juju status --relations crowdstrike'),
        ('silent', 'juju status --relations opencti'),
    ]
    assert 'crowdstrike:opencti-connector: Juju shows nothing of' in juju.check().stdout


def test_no_relation(juju: FakeJuju):
    juju.models[''] = {
        'status': status(
            crowdstrike=app(CONNECTOR, 'db', unit='crowdstrike/0', interface='postgresql_client')
        )
    }
    assert juju.errors('crowdstrike') == [
        ('not-related', 'juju integrate crowdstrike OTHER-APPLICATION')
    ]
    assert juju.errors() == [('not-related', 'juju integrate CONNECTOR OPENCTI')]


def test_a_connector_of_openctis_with_a_second_one(juju: FakeJuju):
    relations = [
        dumps.relation(dumps.DETAILS, {'opencti/0': {}}),
        dumps.relation(dumps.DETAILS, {'octi/0': {}}, relation_id=7),
    ]
    juju.models[''] = answers(
        dumps.connector(*relations)
        | dumps.opencti(dumps.relation(dumps.CONNECTION, {'crowdstrike/0': {}})),
        status=status(
            crowdstrike=app(CONNECTOR, 'opencti octi', unit='crowdstrike/0'),
            opencti=app('opencti', 'crowdstrike', unit='opencti/0'),
            octi=app('opencti', 'crowdstrike', unit='octi/0'),
        ),
    )
    (error,) = (f for f in juju.report('opencti')['findings'] if f['level'] == 'error')
    assert error['code'] == 'too-many-relations'
    assert '4 with opencti: in order; 7 with octi: nothing is wrong in' in error['problem']


@pytest.mark.parametrize('command', ['debug-log', 'ssh', 'show-secret'])
def test_what_this_client_may_not_see_is_said(juju: FakeJuju, both_ends: Any, command: str):
    denied = 'ERROR permission denied (unauthorized access)'
    juju.models[''] = answers(both_ends(), **{command: denied})
    result = juju.check()
    assert result.exit_code == 0
    told = ' '.join(result.stdout.split())
    assert f'could not be looked at: `juju {command}`: this user may not' in told
    assert ('  log ' in result.stdout) is (command != 'debug-log')


def test_many_relations_are_looked_at_from_afar(juju: FakeJuju):
    names = [f'c{number}' for number in range(60)]
    units = dumps.opencti(
        *(
            dumps.relation(dumps.CONNECTION, {f'{name}/0': {}}, relation_id=number)
            for number, name in enumerate(names)
        )
    )
    for number, name in enumerate(names):
        info = dumps.relation(dumps.DETAILS, {'opencti/0': {}}, relation_id=number)
        units |= dumps.connector(info, name=f'{name}/0')
    apps = {name: app(CONNECTOR, 'opencti', unit=f'{name}/0') for name in names}
    juju.models[''] = answers(
        units,
        status=status(opencti=app('opencti', ' '.join(names), unit='opencti/0'), **apps),
    )
    result = juju.check()
    assert '60 relations: 0 wrong, 0 incomplete, 60 in order' in result.stdout
    assert 'opencti-connector check --juju APPLICATION' in result.stdout
    assert [call.split()[0] for call in juju.calls] == ['status', 'show-unit', 'show-unit']
    juju.check('c7')
    assert juju.calls[-1].startswith('show-secret')
