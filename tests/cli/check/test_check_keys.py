# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Keys that nobody reads: misspelt, unknown, or in the wrong databag."""

from typing import Any

import pytest

from . import dumps


class TestMisspeltKeys:
    @pytest.mark.parametrize('spelling', ['opencti-url', 'OPENCTI_URL', 'Opencti-Url'])
    def test_hyphens_or_capitals(self, both_ends: Any, spelling: str):
        connection = {spelling: 'http://x', 'opencti_token': dumps.SECRET_ID}
        dump = both_ends(connection=connection)
        assert dumps.errors(dump) == [
            ('misspelt-key', 'opencti', 'opencti_url', 'juju refresh opencti')
        ]
        assert f'opencti_url is written as {spelling}' in dumps.told(dump)

    def test_all_keys(self, both_ends: Any):
        details = {key.replace('_', '-'): value for key, value in dumps.DETAILS.items()}
        connection = {key.replace('_', '-'): value for key, value in dumps.CONNECTION.items()}
        dump = both_ends(details, connection)
        keys = [*dumps.DETAILS, *dumps.CONNECTION]
        assert [(code, key) for code, _, key, _ in dumps.errors(dump)] == [
            ('misspelt-key', key) for key in keys
        ]
        assert 'OpenCTI (opencti) wrote no key of the interface' in dumps.told(dump)
        assert dumps.notes(dump) == []

    def test_a_slip_is_not_repeated(self, both_ends: Any):
        dump = both_ends(connection={'opencti_ur1': 'x', 'opencti_token': dumps.SECRET_ID})
        assert [code for code, *_ in dumps.errors(dump)] == ['misspelt-key']
        assert 'opencti_ur1' not in dumps.told(dump)


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


def in_scope(data: dict[str, str]) -> dict[str, Any]:
    return {'in-scope': True, 'data': data}


class TestUnitDatabags:
    @pytest.mark.parametrize(
        ('key', 'side'), [('connector_type', 'connector'), ('opencti_token', 'opencti')]
    )
    def test_a_key_of_the_interface(self, key: str, side: str):
        unit = 'crowdstrike/0' if side == 'connector' else 'opencti/0'
        dump = dumps.in_juju_3()
        for name in dump:
            if name != unit:
                dumps.with_changes(dump, name, related_units={unit: in_scope({key: 'x'})})
        command = f'juju refresh {unit.partition("/")[0]}'
        assert dumps.errors(dump) == [('unit-databag', side, key, command)]
        told = 'If it is the token itself, revoke it in OpenCTI'
        assert (told in dumps.told(dump)) is (side == 'opencti')

    def test_that_alone_makes_it_a_relation_of_the_interface(self):
        info = dumps.relation({}, {'opencti/0': {'opencti_url': 'http://x'}}, endpoint='a')
        codes = [
            code for code, *_ in dumps.errors(dumps.connector(info | {'related-endpoint': 'b'}))
        ]
        assert codes == ['silent', 'unit-databag']

    def test_any_other_key(self):
        dump = dumps.with_changes(
            dumps.in_juju_3(), 'opencti/0', related_units={'crowdstrike/0': in_scope({'a': 'b'})}
        )
        assert dumps.notes(dump) == ['unit-databag', 'grant-not-shown']
