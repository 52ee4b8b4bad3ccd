# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The other end is in another model, and what it must do is done there."""

from . import dumps

OF_OTHER_MODEL = 'remote-305567e8e7fb49db842c2556ae3160af'


def test_a_unit_that_only_this_model_calls_so():
    info = dumps.relation(
        dumps.CONNECTION, {'octi/0': {'connector_type': 'X'}}, **{'cross-model': True}
    )
    info['related-units']['octi/1'] = info['related-units']['octi/0'] | {'in-scope': False}
    found = dumps.findings(dumps.report(dumps.connector(info)))
    commands = {f['code']: f['next'] for f in found}
    assert commands['unit-databag'] == 'juju refresh --model OTHER-MODEL OPENCTI'
    assert commands['out-of-scope'] == 'juju status --model OTHER-MODEL --relations OPENCTI'


def test_an_application_whose_side_no_name_tells():
    info = dumps.relation({}, {f'{OF_OTHER_MODEL}/0': {'connector_type': 'X'}})
    ((*_, command),) = [e for e in dumps.errors({'a/0': dumps.unit('a', info)}) if e[1]]
    assert command == 'juju refresh --model OTHER-MODEL APPLICATION'


def test_the_secret_is_looked_for_in_openctis_model():
    connection = dumps.CONNECTION | {
        'opencti_token': f'secret://{dumps.CONNECTOR_ID}/d2mq7mrubg2s77p3nio0'
    }
    info = dumps.relation(connection, {'opencti/0': {}}, **{'cross-model': True})
    shown = dumps.told(dumps.connector(info))
    assert 'secret://<model-uuid>/d2mq7mrubg2s77p3nio0' in shown
    assert 'juju show-secret --model OTHER-MODEL d2mq7mrubg2s77p3nio0' in shown
    assert dumps.CONNECTOR_ID not in shown


def test_the_url_is_set_in_openctis_model():
    info = dumps.relation({'opencti_url': 'x'}, {'opencti/0': {}}, **{'cross-model': True})
    commands = [command for *_, command in dumps.errors(dumps.connector(info))]
    assert commands == [
        'juju config --model OTHER-MODEL OPENCTI',
        'juju debug-log --model OTHER-MODEL --replay --include OPENCTI',
    ]


def test_the_offering_side():
    info = dumps.relation(dumps.DETAILS, {f'{OF_OTHER_MODEL}/0': {}})
    dump = dumps.opencti(info)
    (relation,) = dumps.report(dump)['relations']
    assert relation['cross-model']
    assert relation['connector']['application'] is None
    (note,) = relation['findings']
    assert note['code'] == 'not-shown'
    assert note['next'] == 'opencti-connector check --juju opencti'
    output = dumps.check(dump).output
    assert 'Relation 4: opencti:opencti-connector and (another model):' in output
    assert OF_OTHER_MODEL not in output


def test_an_unusable_value_from_there():
    info = dumps.relation({'connector_type': 'X'}, {f'{OF_OTHER_MODEL}/0': {}})
    commands = {command for *_, command in dumps.errors(dumps.opencti(info))}
    assert commands == {
        'juju refresh --model OTHER-MODEL CONNECTOR',
        'juju debug-log --model OTHER-MODEL --replay --include CONNECTOR',
    }


def test_a_unit_databag_there():
    info = dumps.relation(
        dumps.DETAILS, {f'{OF_OTHER_MODEL}/0': {'connector_type': 'STREAM', 'more': 'x'}}
    )
    dump = dumps.opencti(info)
    assert dumps.errors(dump) == [
        (
            'unit-databag',
            'connector',
            'connector_type',
            'juju refresh --model OTHER-MODEL CONNECTOR',
        )
    ]
    assert OF_OTHER_MODEL not in dumps.check(dump).output


def test_the_consuming_side_in_juju_4():
    output = dumps.check(dumps.connector(dumps.relation(dumps.DETAILS, {}))).output
    assert 'crowdstrike:opencti-connector and (no unit):opencti-connector' in output
