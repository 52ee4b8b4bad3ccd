# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The error names the cause, not what follows from it."""

from typing import Any

import pytest

from . import dumps

BOTH = pytest.mark.parametrize('both_ends', [dumps.in_juju_3, dumps.in_juju_4])


def told(dump: Any) -> str:
    return ' '.join(dumps.check(dump).output.split())


@BOTH
class TestMisspeltKeys:
    @pytest.mark.parametrize('spelling', ['opencti-url', 'OPENCTI_URL', 'Opencti-Url'])
    def test_hyphens_or_capitals(self, both_ends: Any, spelling: str):
        connection = {spelling: 'http://x', 'opencti_token': dumps.SECRET_ID}
        dump = both_ends(connection=connection)
        assert dumps.errors(dump) == [
            ('misspelt-key', 'opencti', 'opencti_url', 'juju refresh opencti')
        ]
        assert f'opencti_url is written as {spelling}' in told(dump)

    def test_all_keys(self, both_ends: Any):
        details = {key.replace('_', '-'): value for key, value in dumps.DETAILS.items()}
        connection = {key.replace('_', '-'): value for key, value in dumps.CONNECTION.items()}
        dump = both_ends(details, connection)
        keys = [*dumps.DETAILS, *dumps.CONNECTION]
        assert [(code, key) for code, _, key, _ in dumps.errors(dump)] == [
            ('misspelt-key', key) for key in keys
        ]
        assert 'OpenCTI (opencti) wrote no key of the interface' in told(dump)
        assert dumps.notes(dump) == []

    def test_a_slip_is_not_repeated(self, both_ends: Any):
        dump = both_ends(connection={'opencti_ur1': 'x', 'opencti_token': dumps.SECRET_ID})
        assert [code for code, *_ in dumps.errors(dump)] == ['misspelt-key']
        assert 'opencti_ur1' not in told(dump)


class TestTwoOpenctis:
    @pytest.mark.parametrize('silent', [4, 7])
    def test_both_are_listed_with_their_health(self, silent: int):
        dump = dumps.connector(
            dumps.relation({} if silent == 4 else dumps.CONNECTION, {'opencti/0': {}}),
            dumps.relation({} if silent == 7 else dumps.CONNECTION, {'octi/0': {}}, relation_id=7),
        )
        dump |= dumps.opencti(dumps.relation(dumps.DETAILS, {'crowdstrike/0': {}}))
        dump |= dumps.opencti(
            dumps.relation(dumps.DETAILS, {'crowdstrike/0': {}}, relation_id=7), name='octi/0'
        )
        assert [code for code, *_ in dumps.errors(dump)] == ['too-many-relations', 'silent']
        (error,) = (f for f in dumps.report(dump)['findings'])
        assert error['next'] == 'juju remove-relation ID'
        healthy = 'in order'
        assert f'4 with opencti: {"silent" if silent == 4 else healthy}' in error['problem']
        assert f'7 with octi: {"silent" if silent == 7 else healthy}' in error['problem']

    def test_with_one_end_shown(self):
        dump = dumps.connector(
            dumps.relation(dumps.CONNECTION, {'opencti/0': {}}),
            dumps.relation(dumps.CONNECTION, {}, relation_id=7, **{'cross-model': True}),
        )
        (error,) = dumps.report(dump)['findings']
        assert '4 with opencti: nothing is wrong in what is shown' in error['problem']
        assert '7 with another model: nothing is wrong' in error['problem']


class TestUnits:
    @BOTH
    @pytest.mark.parametrize('life', ['dying', 'dead'])
    def test_a_unit_that_is_removed(self, both_ends: Any, life: str):
        dump = both_ends()
        dump['crowdstrike/0']['life'] = life
        assert dumps.errors(dump) == [
            ('dying', 'connector', None, 'juju status --relations crowdstrike')
        ]
        assert f'crowdstrike/0 is {life}' in told(dump)

    @BOTH
    def test_one_that_is_removed_while_another_stays(self, both_ends: Any):
        dump = both_ends()
        dump['crowdstrike/1'] = dump['crowdstrike/0'] | {'life': 'dying'}
        assert dumps.notes(dump) == ['dying', 'grant-not-shown']
        assert 'show another unit' not in told(dump)

    @BOTH
    def test_no_unit_takes_part(self, both_ends: Any):
        dump = both_ends()
        for related in dump['crowdstrike/0']['relation-info'][0]['related-units'].values():
            related['in-scope'] = False
        assert dumps.errors(dump) == [
            ('out-of-scope', None, None, 'juju status --relations opencti')
        ]
        assert 'no other unit of it is shown' in told(dump)

    @BOTH
    def test_one_of_two_takes_part(self, both_ends: Any):
        dump = both_ends()
        related = dump['crowdstrike/0']['relation-info'][0]['related-units']
        related['opencti/1'] = {'in-scope': False, 'data': None}
        assert dumps.notes(dump) == ['out-of-scope', 'grant-not-shown']
        assert 'opencti/1 takes no part' in told(dump)

    def test_a_unit_of_another_model(self):
        other = f'remote-{"ab" * 16}/0'
        info = dumps.relation(dumps.DETAILS, {other: {}})
        info['related-units'][other]['in-scope'] = False
        dump = dumps.opencti(info)
        assert [code for code, *_ in dumps.errors(dump)] == ['out-of-scope']
        assert 'a unit of the other model takes no part' in told(dump)
        assert 'juju status --model OTHER-MODEL --relations' in told(dump)

    def test_a_unit_that_leaves_is_the_cause_of_silence(self):
        dump = dumps.in_juju_4(connection={})
        dump['opencti/0']['life'] = 'dying'
        assert dumps.report(dump)['verdict']['code'] == 'dying'


class TestRenamedEndpoints:
    def test_they_are_related_and_silent(self):
        both = [
            dumps.relation({}, {other: {}}, endpoint=own, related_endpoint=related)
            for other, own, related in (
                ('opencti/0', 'octi', 'feeds'),
                ('crowdstrike/0', 'feeds', 'octi'),
            )
        ]
        dump = dumps.connector(both[0]) | dumps.opencti(both[1])
        assert dumps.errors(dump) == [
            ('not-known', None, None, 'juju status --relations crowdstrike opencti')
        ]
        assert 'relation 4 (octi and feeds)' in told(dump)
        assert dumps.errors(dump, '--endpoint', 'octi')[0][0] == 'silent'

    def test_they_may_have_the_same_name(self):
        info = dumps.relation({}, {'opencti/0': {}}, endpoint='octi', related_endpoint='octi')
        assert [code for code, *_ in dumps.errors(dumps.connector(info))] == ['not-known']

    @pytest.mark.parametrize('data', [{}, dumps.CONNECTION])
    @pytest.mark.parametrize('units', [{}, {'crowdstrike/1': {}}])
    def test_a_relation_of_peers_is_no_candidate(self, data: Any, units: Any):
        peers = dumps.relation(data, units, endpoint='peers', related_endpoint='peers')
        # Juju shows a unit its own data in a relation of peers only.
        peers['local-unit'] = {'in-scope': True, 'data': {}}
        assert [code for code, *_ in dumps.errors(dumps.connector(peers))] == ['not-related']


@BOTH
class TestLocalCharms:
    def test_juju_refreshes_one_only_from_a_file(self, both_ends: Any):
        dump = both_ends(details=dumps.DETAILS | {'connector_type': 'X'})
        dump['crowdstrike/0']['charm'] = 'local:opencti-crowdstrike-connector-0'
        ((*_, command),) = dumps.errors(dump)
        assert command == 'juju refresh crowdstrike --path CHARM-FILE'


class TestAcrossModels:
    def test_a_unit_that_only_this_model_calls_so(self):
        info = dumps.relation(
            dumps.CONNECTION, {'octi/0': {'connector_type': 'X'}}, **{'cross-model': True}
        )
        info['related-units']['octi/1'] = info['related-units']['octi/0'] | {'in-scope': False}
        found = dumps.findings(dumps.report(dumps.connector(info)))
        commands = {f['code']: f['next'] for f in found}
        assert commands['unit-databag'] == 'juju refresh --model OTHER-MODEL APPLICATION'
        assert commands['out-of-scope'] == (
            'juju status --model OTHER-MODEL --relations APPLICATION'
        )

    def test_the_secret_is_looked_for_in_openctis_model(self):
        connection = dumps.CONNECTION | {
            'opencti_token': f'secret://{dumps.CONNECTOR_ID}/d2mq7mrubg2s77p3nio0'
        }
        info = dumps.relation(connection, {'opencti/0': {}}, **{'cross-model': True})
        shown = told(dumps.connector(info))
        assert 'secret://<model-uuid>/d2mq7mrubg2s77p3nio0' in shown
        assert 'juju show-secret --model OTHER-MODEL d2mq7mrubg2s77p3nio0' in shown
        assert dumps.CONNECTOR_ID not in shown

    def test_the_url_is_set_in_openctis_model(self):
        info = dumps.relation({'opencti_url': 'x'}, {'opencti/0': {}}, **{'cross-model': True})
        commands = [command for *_, command in dumps.errors(dumps.connector(info))]
        assert commands == [
            'juju config --model OTHER-MODEL OPENCTI',
            'juju debug-log --model OTHER-MODEL --replay --include OPENCTI',
        ]


class TestOneEnd:
    DUMP = dumps.connector(dumps.relation(dumps.CONNECTION, {'opencti/0': {}}))

    def test_it_is_incomplete(self):
        shown = told(self.DUMP)
        assert 'Incomplete: nothing is wrong in what is shown, but one end is not' in shown
        assert 'juju show-unit crowdstrike/0 opencti/0 | opencti-connector check' in shown
        assert dumps.report(self.DUMP)['complete'] is False

    @pytest.mark.parametrize(
        ('dump', 'arguments', 'code'),
        [
            (DUMP, [], 0),
            (DUMP, ['--strict'], 1),
            (dumps.in_juju_3(), ['--strict'], 0),
            (dumps.in_juju_4(connection={}), ['--strict'], 1),
        ],
    )
    def test_exit_codes(self, dump: Any, arguments: list[str], code: int):
        assert dumps.check(dump, *arguments).exit_code == code


class TestUnknownKeys:
    def test_one_that_is_like_a_known_one(self):
        dump = dumps.in_juju_3(details={**dumps.DETAILS, 'connector-type': 'STREAM'})
        assert 'is connector_type meant?' in dumps.check(dump).output
        assert dumps.notes(dump) == ['unknown-key', 'grant-not-shown']

    def test_one_that_is_not(self):
        dump = dumps.in_juju_3(details={**dumps.DETAILS, 'something': 'else'})
        output = dumps.check(dump).output
        assert 'a key is unknown' in output
        assert 'something' not in output
