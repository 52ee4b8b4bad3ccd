# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What people paste: more than the dump, less than the dump, or something else."""

import json
import pathlib

import pytest

from . import dumps

DUMPS = pathlib.Path(__file__).parents[3] / 'docs' / 'how-to' / 'dumps'
YAML = (DUMPS / 'in-order.yaml').read_text()
# On machines nothing follows a unit's relations.
ON_MACHINES = ''.join(
    line for line in YAML.splitlines(True) if not line.startswith(('  provider-id', '  address'))
)
JSON = json.dumps(dumps.in_juju_4())
RIGHT_COMMAND = 'juju show-unit CONNECTOR/0 OPENCTI/0 | opencti-connector check'


@pytest.mark.parametrize('dump', [YAML, JSON + '\n'], ids=['yaml', 'json'])
@pytest.mark.parametrize(
    ('before', 'after'),
    [
        ('$ juju show-unit crowdstrike/0 opencti/0\n', ''),
        ('ubuntu@host:~$ juju show-unit a/0\n', 'ubuntu@host:~$ \n'),
        ('juju show-unit crowdstrike/0 opencti/0\n', ''),
        ('```yaml\n', '```\n'),
        ('~~~\n', '~~~\n'),
        ('WARNING this client is older than the controller\n', ''),
        ('03:02:01 WARNING juju.cmd a plugin is missing\n', ''),
        ('\r\n```\r\n', '```\r\n'),
        ('# juju show-unit a/0\n\n', '\n\n'),
    ],
)
def test_what_is_around_a_dump_is_left_out(dump: str, before: str, after: str):
    assert dumps.report(before + dump + after) == dumps.report(dump)


def test_a_warning_between_two_dumps():
    first, _, second = YAML.partition('opencti/0:\n  opened')
    text = f'{first}WARNING x\nopencti/0:\n  opened{second}'
    assert dumps.report(text) == dumps.report(YAML)


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        (
            'Model  Controller  Cloud/Region  Version\nfeeds  k8s  k8s  3.6.1\n',
            f'is the output of `juju status`; this reads another one: {RIGHT_COMMAND}',
        ),
        ('Unit            Workload  Agent\nopencti/0*  active  idle\n', 'output of `juju status`'),
        ('{"model": {}, "machines": {}, "applications": {}}', 'output of `juju status`'),
        ('model:\n  name: x\napplications:\n  a: b\n', 'output of `juju status`'),
        ('unit-opencti-0: 03:02:01 ERROR unit.opencti/0 x\n', 'output of `juju debug-log`'),
        ('ERROR unit "opencti/9" not found\n', 'there is no unit of this name'),
        ('ERROR unit opencti/9 not found (not found)\n', 'there is no unit of this name'),
        ('$ juju show-unit x/0\nERROR permission denied (unauthorized access)', 'may not read'),
        ('ERROR No controllers registered.\n\nPlease either', 'knows no controller'),
        ('ERROR No selected controller.\n', 'no controller is selected'),
        ('ERROR No model in focus.\n', 'no model is selected'),
        ('ERROR model admin/x not found\n', 'there is no such model'),
        ('ERROR not logged in\n', '`juju login`'),
        ('ERROR unable to connect to API: dial tcp\n', 'does not answer'),
        ('ERROR something new\n', '`juju status` says more'),
    ],
)
def test_something_else(text: str, said: str):
    result = dumps.check(text)
    assert result.exit_code == 2
    assert said in result.stderr
    assert 'opencti/9' not in result.stderr


@pytest.mark.parametrize('dump', [YAML, ON_MACHINES], ids=['kubernetes', 'machines'])
def test_yaml_that_is_cut_at_a_lines_end_gives_no_wrong_cause(dump: str):
    lines = dump.splitlines(True)
    for length in range(1, len(lines)):
        for end in ('\n', ''):
            result = dumps.check(''.join(lines[:length]).rstrip('\n') + end, '--format', 'json')
            if result.exit_code == 2:
                assert f'seems cut at its end: show it again, whole: {RIGHT_COMMAND}' in (
                    result.stderr
                )
            else:
                found = json.loads(result.stdout)
                codes = {f['code'] for f in dumps.findings(found) if f['level'] == 'error'}
                assert codes <= {'cut'}
                assert codes or not found['complete'] or length > len(lines) - 9


@pytest.mark.parametrize('length', range(1, len(JSON), 7))
def test_json_that_is_cut(length: int):
    result = dumps.check(JSON[:length])
    assert result.exit_code == 2
    assert 'seems cut at its end' in result.stderr


def test_yaml_that_is_cut_within_a_word():
    cut = YAML[: YAML.rindex('related-units') + 5]
    assert 'seems cut at its end' in dumps.check(cut).stderr


def test_a_unit_without_relations_may_be_cut():
    unit = YAML[: YAML.index('  relation-info')]
    assert dumps.errors(unit) == [('cut', None, None, 'juju status --relations crowdstrike')]
    assert dumps.errors('{"a/0": {"charm": "local:a-0", "life": "alive"}}')[0][0] == 'not-related'
