# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Unreadable input: exit code 2, and a message that names the file and the field."""

import json
import os
import pathlib
import re

import pytest
import yaml

from . import dumps

UUID = '88ec0c6a-13ce-4e39-b486-354fe4a7084f'
NO_DUMP = (
    'is not the output of `juju show-unit`; show it: '
    'juju show-unit CONNECTOR/0 OPENCTI/0 | opencti-connector check'
)
UNIT = {'charm': 'local:x-0', 'relation-info': []}


def refusal(text: object, *arguments: str) -> str:
    result = dumps.check(text, *arguments)
    assert result.exit_code == 2
    assert not result.stdout
    return result.stderr.strip()


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ('', 'is empty; look at the errors of `juju show-unit`'),
        (' \n\t', 'is empty; look at the errors of `juju show-unit`'),
        ('\ufeff', 'is empty; look at the errors of `juju show-unit`'),
        (b'\x7fELF\x02\x01\xff', 'is not text in UTF-8'),
        (json.dumps({'a/0': UNIT}).encode('utf-16'), 'is not text in UTF-8'),
        ('a: b: c', NO_DUMP),
        ('some text', NO_DUMP),
        ('[]', NO_DUMP),
        ('a\0b', NO_DUMP),
        ('\n\na/0:\n\tb: c\n  d: e\n', 'is not YAML: line 4, column 1'),
        ('a/0:\n  b: \x7f\n', 'is not YAML'),
        ('a/0:\n  b: &a c\n  d: *a', 'is not YAML from Juju: it has an alias'),
        ('\n{"a/0":\n x}', 'is not JSON: line 3, column 2'),
        ('{"a/0": ' + '1' * 5000 + '}', 'is not JSON from Juju: it has a number that is too long'),
        ('{"a/0":' + '[' * 100_000, 'is nested too deeply'),
        ('a' * (16 * 2**20 + 1), 'is larger than 16 MiB'),
        ('{}', 'shows no unit'),
        ('{}{}', 'shows no unit'),
    ],
)
def test_text(text: str | bytes, reason: str):
    assert refusal(text) == f'Error: standard input {reason}'


@pytest.mark.parametrize('nested', ['- ' * 100_000 + 'a', '[' * 100_000])
def test_deep_yaml(nested: str):
    assert re.search('is (nested|not YAML)|seems cut', refusal(f'a/0:\n  {nested}\n  b: c\n'))


@pytest.mark.parametrize(
    ('dump', 'field'),
    [
        ({'model': {}}, "model: must be a unit's name, such as opencti/0"),
        ({'a/x': UNIT}, "...: must be a unit's name, such as opencti/0"),
        ({f'{UUID}/0': UNIT}, "...: must be a unit's name, such as opencti/0"),
        ({f'a/{UUID}': UNIT}, "...: must be a unit's name, such as opencti/0"),
        ({'a/0': {}}, 'a/0.charm: Field required'),
        ({'a/0': 'x'}, 'a/0: Input should be a valid dictionary'),
        ({'a/0': UNIT | {'relation-info': 'x'}}, 'a/0.relation-info: Input should be a valid'),
        ({'a/0': UNIT | {'relation-info': [{}]}}, 'a/0.relation-info.0.relation-id: Field req'),
    ],
)
def test_shape(dump: object, field: str):
    expected = f'Error: standard input is not the output of `juju show-unit`: {field}'
    assert refusal(dump).startswith(expected)


@pytest.mark.parametrize(
    ('key', 'value', 'field'),
    [
        ('relation-id', UUID, 'relation-id'),
        ('relation-id', -1, 'relation-id'),
        ('relation-id', 2**31, 'relation-id'),
        ('endpoint', None, 'endpoint'),
        ('cross-model', 'maybe', 'cross-model'),
        ('application-data', {UUID: 1}, 'application-data....'),
        ('application-data', {'connector_type': 1}, 'application-data.connector_type'),
        ('application-data', {'1' * 9: 1}, 'application-data....'),
        ('application-data', [UUID], 'application-data'),
        ('local-unit', {'data': {'a': []}}, 'local-unit.data.a'),
        ('related-units', {UUID: {}}, 'related-units....'),
        ('related-units', {'a/1': {'data': 'x'}}, 'related-units.a/1.data'),
    ],
)
def test_shape_of_a_relation(key: str, value: object, field: str):
    dump = dumps.connector(dumps.relation(dumps.CONNECTION, {}) | {key: value})
    message = refusal(dump)
    assert f'`juju show-unit`: crowdstrike/0.relation-info.0.{field}: ' in message
    assert UUID not in message


@pytest.mark.parametrize('empty', [None, '', 'null', {}])
@pytest.mark.parametrize('key', ['application-data', 'related-units'])
def test_what_go_leaves_empty(key: str, empty: object):
    info = dumps.relation({}, {}) | {key: empty}
    assert dumps.report(dumps.connector(info))['relations']


@pytest.mark.parametrize('empty', [None, '', []])
def test_no_relations(empty: object):
    assert dumps.errors({'a/0': UNIT | {'relation-info': empty}})[0][0] == 'not-related'


def test_yaml_says_the_same_as_json():
    dump = dumps.in_juju_4()
    text = yaml.safe_dump(json.loads(json.dumps(dump)))
    assert dumps.report(text) == dumps.report(dump)


def test_no_such_file(tmp_path: pathlib.Path):
    assert refusal('', str(tmp_path / 'x')).endswith('No such file or directory')


def test_an_application_in_place_of_a_file(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert refusal('', 'crowdstrike').endswith('opencti-connector check --juju crowdstrike')


def test_a_directory(tmp_path: pathlib.Path):
    assert 'Is a directory' in refusal('', str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
def test_no_permission(tmp_path: pathlib.Path):
    file = tmp_path / 'x'
    file.touch(mode=0)
    assert 'Permission denied' in refusal('', str(file))


def test_a_file_that_fails_while_it_is_read():
    # The first page of a process's memory cannot be read.
    assert (
        refusal('', '/proc/self/mem') == 'Error: /proc/self/mem cannot be read: Input/output error'
    )


def test_the_file_is_named(tmp_path: pathlib.Path):
    good, bad = tmp_path / 'good', tmp_path / 'bad'
    good.write_text(json.dumps(dumps.in_juju_3()))
    bad.write_text('{"}')
    assert refusal('', str(good), str(bad)).startswith(f'Error: {bad} seems cut')


def test_a_terminal_is_not_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr('click.testing._NamedTextIOWrapper.isatty', lambda _: True, raising=False)
    assert 'name a file, or pipe in the output of `juju show-unit`' in refusal('')


def test_an_unknown_format():
    assert "'xml' is not one of" in refusal('', '--format', 'xml')
