# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is wrong with relations: silent sides, differences, too many, none."""

import json
from typing import Any

import pytest

from . import dumps

SHOW_BOTH = 'juju show-unit crowdstrike/0 opencti/0 | opencti-connector check'
OF_OTHER_MODEL = 'remote-305567e8e7fb49db842c2556ae3160af'


def with_changes(dump: dict[str, Any], unit: str, **changes: Any) -> dict[str, Any]:
    """Change the only relation of a unit."""
    (relation,) = dump[unit]['relation-info']
    relation.update({key.replace('_', '-'): value for key, value in changes.items()})
    return dump


def in_scope(data: dict[str, str]) -> dict[str, Any]:
    return {'in-scope': True, 'data': data}


@pytest.mark.parametrize('both_ends', [dumps.in_juju_3, dumps.in_juju_4])
class TestASideIsSilent:
    def test_opencti(self, both_ends: Any):
        assert dumps.errors(both_ends(connection={})) == [
            ('silent', 'opencti', None, 'juju status --relations opencti')
        ]

    def test_connector(self, both_ends: Any):
        assert dumps.errors(both_ends(details={})) == [
            ('silent', 'connector', None, 'juju status --relations crowdstrike')
        ]

    def test_both(self, both_ends: Any):
        assert dumps.errors(both_ends({}, {})) == [
            ('silent', None, None, 'juju status --relations crowdstrike opencti')
        ]
        assert 'what it wrote is not shown here' in dumps.check(both_ends({}, {})).output

    def test_names_do_not_matter_with_both_ends(self, both_ends: Any):
        text = json.dumps(both_ends(connection={})).replace('opencti/0', 'platform/0')
        text = text.replace('opencti-12', 'platform-12').replace('crowdstrike/0', 'feed/0')
        text = text.replace('amd64/opencti-crowdstrike-connector', 'amd64/feed')
        assert dumps.errors(text) == [
            ('silent', 'opencti', None, 'juju status --relations feed platform')
        ]


class TestOneEnd:
    def test_opencti_sees_the_connector_in_juju_3(self):
        dump = dumps.opencti(dumps.relation(dumps.DETAILS, {'crowdstrike/0': {}}))
        (note,) = dumps.findings(dumps.report(dump))
        assert (note['code'], note['side'], note['level']) == ('not-shown', 'opencti', 'note')
        assert note['next'] == 'juju show-unit opencti/0 crowdstrike/0 | opencti-connector check'

    def test_opencti_sees_itself_in_juju_4(self):
        dump = dumps.opencti(dumps.relation(dumps.CONNECTION, {'crowdstrike/0': {}}))
        assert dumps.notes(dump) == ['not-shown', 'grant-not-shown']
        assert dumps.errors(dump) == []

    @pytest.mark.parametrize('data', [dumps.CONNECTION, dumps.DETAILS])
    def test_nothing_is_written_and_the_version_shows(self, data: dict[str, str]):
        # The first relation tells which side is silent in the second.
        dump = dumps.opencti(
            dumps.relation(data, {'crowdstrike/0': {}}),
            dumps.relation({}, {'misp-connector/0': {}}, relation_id=5),
        )
        ((code, side, _, _),) = dumps.errors(dump)
        assert code == 'silent'
        assert side == ('opencti' if data is dumps.CONNECTION else 'connector')

    def test_nothing_is_written_across_models_in_juju_3(self):
        relation = dumps.relation({}, {'opencti/0': {}}, **{'cross-model': True})
        assert dumps.errors(dumps.connector(relation)) == [
            (
                'silent',
                'opencti',
                None,
                'juju status --model OTHER-MODEL --relations OPENCTI',
            )
        ]

    def test_nothing_is_written_and_the_version_does_not_show(self):
        dump = dumps.connector(dumps.relation({}, {'opencti/0': {}}))
        assert dumps.errors(dump) == [('silent', None, None, SHOW_BOTH)]

    def test_names_do_not_tell_which_side_it_is(self):
        dump = {'feed/0': dumps.unit('feed', dumps.relation({'connector_type': 'X'}, {}))}
        command = 'juju debug-log --replay --include feed'
        assert dumps.errors(dump) == [
            ('unusable', 'connector', 'connector_type', 'juju refresh feed'),
            ('half-written', 'connector', 'connector_charm_name', command),
        ]
        assert 'The connector wrote' in dumps.check(dump).output

    def test_the_name_of_the_other_end_tells(self):
        info = dumps.relation({'connector_type': 'X'}, {'misp-connector/0': {}})
        assert dumps.errors({'platform/0': dumps.unit('platform', info)})[0][3] == (
            'juju refresh misp-connector'
        )

    def test_names_of_both_ends_do_not_tell(self):
        info = dumps.relation(dumps.CONNECTION | {'opencti_url': 'x'}, {'b/0': {}})
        assert dumps.errors({'a/0': dumps.unit('a', info)}) == [
            (
                'unusable',
                'opencti',
                'opencti_url',
                'juju debug-log --replay --include a --include b',
            )
        ]


class TestTheWholeInput:
    def test_not_related(self):
        assert dumps.errors(dumps.connector()) == [
            ('not-related', None, None, 'juju integrate crowdstrike OTHER-APPLICATION')
        ]

    def test_two_that_are_not_related(self):
        assert dumps.errors({**dumps.connector(), **dumps.opencti()}) == [
            ('not-related', None, None, 'juju integrate crowdstrike opencti')
        ]

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

    def test_a_silent_endpoint_of_another_name_is_known_if_named(self):
        relation = dumps.relation({}, {'opencti/0': {}}, endpoint='octi', related_endpoint='x')
        dump = dumps.connector(relation)
        assert dumps.errors(dump) == [
            ('not-known', None, None, 'juju status --relations crowdstrike')
        ]
        assert 'relation 4 (octi and x)' in ' '.join(dumps.check(dump).output.split())
        assert dumps.errors(dump, '--endpoint', 'octi')[0][0] == 'silent'

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

    def test_documents_in_a_row(self):
        texts = [json.dumps({name: unit}) for name, unit in dumps.in_juju_3().items()]
        assert len(dumps.report('\n'.join(texts) + '\n')['relations']) == 1


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
        dump = with_changes(dumps.in_juju_3(), 'opencti/0', **changes)
        assert len(dumps.report(dump)['relations']) == 2

    def test_two_relations_of_one_unit_with_one_id(self):
        # Juju makes none, but a dump edited by hand must not confuse.
        info = dumps.relation(dumps.DETAILS, {}, endpoint='a')
        assert len(dumps.report(dumps.opencti(info, info | {'endpoint': 'b'}))['relations']) == 2


class TestAcrossModels:
    def test_the_offering_side(self):
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

    def test_an_unusable_value_from_there(self):
        info = dumps.relation({'connector_type': 'X'}, {f'{OF_OTHER_MODEL}/0': {}})
        commands = {command for *_, command in dumps.errors(dumps.opencti(info))}
        assert commands == {
            'juju refresh --model OTHER-MODEL CONNECTOR',
            'juju debug-log --model OTHER-MODEL --replay --include CONNECTOR',
        }

    def test_a_unit_databag_there(self):
        info = dumps.relation(
            dumps.DETAILS, {f'{OF_OTHER_MODEL}/0': {'connector_type': 'STREAM', 'more': 'x'}}
        )
        dump = dumps.opencti(info)
        assert dumps.errors(dump) == [
            (
                'unit-databag',
                'connector',
                'connector_type',
                'juju refresh --model OTHER-MODEL APPLICATION',
            )
        ]
        assert OF_OTHER_MODEL not in dumps.check(dump).output

    def test_the_consuming_side_in_juju_4(self):
        output = dumps.check(dumps.connector(dumps.relation(dumps.DETAILS, {}))).output
        assert 'crowdstrike:opencti-connector and (no unit):opencti-connector' in output


class TestUnitDatabags:
    @pytest.mark.parametrize(
        ('key', 'side'), [('connector_type', 'connector'), ('opencti_token', 'opencti')]
    )
    def test_a_key_of_the_interface(self, key: str, side: str):
        unit = 'crowdstrike/0' if side == 'connector' else 'opencti/0'
        dump = dumps.in_juju_3()
        for name in dump:
            if name != unit:
                with_changes(dump, name, related_units={unit: in_scope({key: 'x'})})
        command = f'juju refresh {unit.partition("/")[0]}'
        assert dumps.errors(dump) == [('unit-databag', side, key, command)]
        told = 'If it is the token itself, revoke it in OpenCTI'
        assert (told in ' '.join(dumps.check(dump).output.split())) is (side == 'opencti')

    def test_that_alone_makes_it_a_relation_of_the_interface(self):
        info = dumps.relation({}, {'opencti/0': {'opencti_url': 'http://x'}}, endpoint='a')
        codes = [
            code for code, *_ in dumps.errors(dumps.connector(info | {'related-endpoint': 'b'}))
        ]
        assert codes == ['silent', 'unit-databag']

    def test_any_other_key(self):
        dump = with_changes(
            dumps.in_juju_3(), 'opencti/0', related_units={'crowdstrike/0': in_scope({'a': 'b'})}
        )
        assert dumps.notes(dump) == ['unit-databag', 'grant-not-shown']
