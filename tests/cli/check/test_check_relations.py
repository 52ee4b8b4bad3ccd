# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is wrong with relations: silent sides, differences, too many, none."""

import json
from typing import Any

import pytest

from . import dumps

SHOW_BOTH = 'juju show-unit crowdstrike/0 opencti/0 | opencti-connector check'
OF_OTHER_MODEL = 'remote-305567e8e7fb49db842c2556ae3160af'


class TestASideIsSilent:
    @pytest.mark.parametrize(
        ('silent', 'side', 'apps'),
        [
            ({'connection': {}}, 'opencti', 'opencti'),
            ({'details': {}}, 'connector', 'crowdstrike'),
            ({'connection': {}, 'details': {}}, None, 'crowdstrike opencti'),
        ],
    )
    def test_with_both_ends(self, both_ends: Any, silent: Any, side: str | None, apps: str):
        dump = both_ends(**silent)
        assert dumps.errors(dump) == [('silent', side, None, f'juju status --relations {apps}')]
        assert ('what it wrote is not shown here' in dumps.told(dump)) is (side is None)

    def test_names_do_not_matter_with_both_ends(self, both_ends: Any):
        text = json.dumps(both_ends(connection={})).replace('opencti/0', 'platform/0')
        text = text.replace('opencti-12', 'platform-12').replace('crowdstrike/0', 'feed/0')
        text = text.replace('amd64/opencti-crowdstrike-connector', 'amd64/feed')
        assert dumps.errors(text) == [
            ('silent', 'opencti', None, 'juju status --relations feed platform')
        ]


class TestTheWholeInput:
    @pytest.mark.parametrize(
        ('dump', 'apps'),
        [
            (dumps.connector(), 'crowdstrike OTHER-APPLICATION'),
            (dumps.connector() | dumps.opencti(), 'crowdstrike opencti'),
        ],
    )
    def test_not_related(self, dump: Any, apps: str):
        assert dumps.errors(dump) == [('not-related', None, None, f'juju integrate {apps}')]

    def test_a_third_application_need_not_have_one(self, both_ends: Any):
        dump = both_ends() | {'postgresql/0': dumps.unit('postgresql')}
        assert dumps.notes(dump) == ['not-related', 'grant-not-shown']
        assert 'juju integrate' not in dumps.told(dump)
        dump |= dumps.connector(name='misp/0')
        assert [code for code, *_ in dumps.errors(dump)] == ['not-related']

    def test_a_relation_of_another_interface_is_ignored(self):
        relation = dumps.relation(
            {'host': 'x'}, {'db/0': {}}, endpoint='db', related_endpoint='db'
        )
        ((code, *_),) = dumps.errors(dumps.connector(relation))
        assert code == 'not-related'

    def test_an_endpoint_of_another_name_is_known_by_its_keys(self):
        relation = dumps.relation(
            dumps.CONNECTION, {'opencti/0': {}}, endpoint='octi', related_endpoint='feeds'
        )
        other = dumps.relation({'a': 'b'}, {'opencti/0': {}}, endpoint='x', related_endpoint='x')
        output = dumps.check(dumps.connector(other, relation)).output
        assert 'Relation 4: crowdstrike:octi and opencti:feeds' in output
        assert output.count('Relation ') == 1

    def test_two_endpoints_of_a_connector(self):
        dump = dumps.connector(
            dumps.relation(dumps.CONNECTION, {'opencti/0': {}}),
            dumps.relation(dumps.CONNECTION, {'octi/0': {}}, relation_id=7, endpoint='second'),
        )
        assert dumps.errors(dump) == []

    def test_many_relations_of_opencti(self):
        dump = dumps.opencti(
            dumps.relation(dumps.DETAILS, {'crowdstrike/0': {}}),
            dumps.relation(dumps.DETAILS, {'crowdstrike-eu/0': {}}, relation_id=7),
        )
        assert dumps.errors(dump) == []

    def test_both_ends_in_two_files(self, tmp_path: Any):
        both = dumps.in_juju_4()
        paths = [str(tmp_path / name) for name in ('a.json', 'b.json')]
        for path, (name, unit) in zip(paths, both.items(), strict=True):
            with open(path, 'w') as file:
                json.dump({name: unit}, file)
        (relation,) = dumps.report('', *paths)['relations']
        assert relation['units'] == ['crowdstrike/0', 'opencti/0']


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


class TestRenamedEndpoints:
    def test_they_are_related_and_silent(self):
        dump = dumps.renamed()
        assert dumps.errors(dump) == [
            ('not-known', None, None, 'juju status --relations crowdstrike opencti')
        ]
        assert 'relation 4 (octi and feeds)' in dumps.told(dump)
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


class TestDifferences:
    def test_units_of_one_application_are_one_view(self):
        info = dumps.relation(dumps.CONNECTION, {'opencti/0': {}})
        dump = dumps.connector(info) | dumps.connector(info, name='crowdstrike/1')
        (relation,) = dumps.report(dump)['relations']
        assert relation['units'] == ['crowdstrike/0', 'crowdstrike/1']

    def test_they_show_different_data(self):
        newer = dumps.CONNECTION | {'opencti_url': 'http://new'}
        dump = dumps.connector(dumps.relation(dumps.CONNECTION, {'opencti/0': {}}))
        dump |= dumps.connector(dumps.relation(newer, {'opencti/0': {}}), name='crowdstrike/1')
        assert dumps.errors(dump) == [('differs', None, 'opencti_url', SHOW_BOTH)]

    def test_one_unit_is_shown_twice_with_different_data(self):
        older = dumps.connector(dumps.relation({}, {'opencti/0': {}}))
        text = json.dumps(older) + '\n' + json.dumps(dumps.in_juju_3())
        assert [code for code, *_ in dumps.errors(text)] == ['differs']
        assert 'differs between two outputs of crowdstrike/0 (opencti_url,' in dumps.told(text)
        assert dumps.report(text)['relations'][0]['units'] == ['crowdstrike/0', 'opencti/0']

    def test_both_ends_show_the_same_side(self):
        both = dumps.in_juju_3(details=dumps.CONNECTION)
        assert dumps.errors(both) == [('same-side', 'opencti', None, SHOW_BOTH)]

    def test_one_application_writes_the_keys_of_both(self):
        both = dumps.in_juju_3(details=dumps.DETAILS | dumps.CONNECTION)
        assert [code for code, *_ in dumps.errors(both)] == ['both-sides']

    def test_relations_of_two_models_with_one_id(self):
        offered = dumps.relation(dumps.DETAILS, {f'{OF_OTHER_MODEL}/0': {}})
        dump = dumps.connector(dumps.relation(dumps.CONNECTION, {'opencti/0': {}}))
        found = dumps.report(dump | dumps.opencti(offered))
        assert [relation['cross-model'] for relation in found['relations']] == [False, True]

    @pytest.mark.parametrize(
        'changes',
        [{'relation_id': 5}, {'endpoint': 'x'}, {'related_endpoint': 'x'}],
    )
    def test_relations_that_do_not_match(self, changes: dict[str, Any]):
        dump = dumps.with_changes(dumps.in_juju_3(), 'opencti/0', **changes)
        assert len(dumps.report(dump)['relations']) == 2

    def test_two_relations_of_one_unit_with_one_id(self):
        # Juju makes none, but a dump edited by hand must not confuse.
        info = dumps.relation(dumps.DETAILS, {}, endpoint='a')
        assert len(dumps.report(dumps.opencti(info, info | {'endpoint': 'b'}))['relations']) == 2
