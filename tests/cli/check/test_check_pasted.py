# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What people paste: more than the dump, less than the dump, or something else."""

import json
import pathlib
import re

import pytest
import yaml

from . import dumps

DUMPS = pathlib.Path(__file__).parents[3] / 'docs' / 'how-to' / 'dumps'
YAML = (DUMPS / 'in-order.yaml').read_text()
# On machines nothing follows a unit's relations.
ON_MACHINES = ''.join(
    line for line in YAML.splitlines(True) if not line.startswith(('  provider-id', '  address'))
)
JSON = json.dumps(dumps.in_juju_4(), indent=2) + '\n'
RIGHT_COMMAND = 'juju show-unit CONNECTOR/0 OPENCTI/0 | opencti-connector check'
CUT = f'seems cut: show it again, whole: {RIGHT_COMMAND}'
IN_ORDER = dumps.in_juju_4()
BOTH_FORMATS = pytest.mark.parametrize('dump', [YAML, JSON], ids=['yaml', 'json'])


@BOTH_FORMATS
@pytest.mark.parametrize(
    ('before', 'after'),
    [
        ('$ juju show-unit crowdstrike/0 opencti/0\n', ''),
        ('ubuntu@host:~$ juju show-unit a/0\n', 'ubuntu@host:~$ \n'),
        ('(venv) u@h:~/x (main)$ sudo juju show-unit a/0\n', '(venv) u@h:~$ exit\n'),
        ('PS C:\\Users\\x> juju show-unit a/0\n', 'PS C:\\Users\\x> \n'),
        ('\u279c  ~ juju show-unit a/0 \\\n> b/0\n', '\u279c  ~ \n'),
        ('$ time cat dump\n', '\nreal\t0m1.234s\nuser\t0m0.3s\n'),
        ('Every 2.0s: juju show-unit a/0      host: Fri Nov 27\n\n', ''),
        ('juju show-unit crowdstrike/0 opencti/0\n', ''),
        ('Hi all,\nhere it is:\n\n```yaml\n', '```\n\nThanks, Bob\n'),
        ('{code}\n', '{code}\n'),
        ('~~~\n', '~~~\n'),
        ('---\n', '...\n'),
        ('WARNING this client is older than the controller\n', ''),
        ('  03:02:01 WARNING juju.cmd a plugin is missing\n', ''),
        ('\r\n```\r\n', '```\r\n'),
        ('# juju show-unit a/0\n\n', '\n\n'),
        (
            '\x1b]0;u@h: ~\x07\x1b[?2004h\x1b[01;32mu@h\x1b[00m:~$ juju show-unit a/0\n',
            '\x1b[?2004l\r',
        ),
        ('```\n\ufeff', '```\n'),
        ('Model  Controller  Cloud/Region  Version\nfeeds  k8s  k8s  3.6.1\n\n', '\n\f\0'),
        ('unit-opencti-0: 03:02:01 ERROR unit.opencti/0 x\n', ''),
    ],
)
def test_what_is_around_a_dump_is_left_out(dump: str, before: str, after: str):
    assert dumps.report(before + dump + after) == dumps.report(dump)


@BOTH_FORMATS
@pytest.mark.parametrize(
    'line',
    [
        '{}\r',
        '> {}',
        '>{}',
        '> > {}',
        '    {}',
        '\t{}',
        '+{}',
        '\x1b[32m{}\x1b[0m',
        '{}   ',
        '\n{}',
    ],
)
def test_what_is_added_to_each_line_is_left_out(dump: str, line: str):
    text = ''.join(line.format(each) + '\n' for each in dump.splitlines())
    assert dumps.report(text) == dumps.report(dump)
    assert dumps.report(f'On Friday, Bob wrote:\n{text}\nBob\n') == dumps.report(dump)


def test_a_blank_line_of_a_mail():
    text = ''.join(f'> {line}\n' for line in YAML.splitlines()).replace(
        '> opencti/0', '>\n> opencti/0'
    )
    assert dumps.report(text) == dumps.report(YAML)


def test_indented_with_blanks_that_do_not_break():
    text = re.sub(
        '^ +', lambda blanks: blanks[0].replace('  ', '\u00a0 '), YAML, flags=re.MULTILINE
    )
    assert dumps.report(text) == dumps.report(YAML)


def test_such_blanks_in_a_value_stay():
    dump = dumps.in_juju_4(connection=dumps.CONNECTION | {'opencti_url': '\u00a0http://opencti'})
    text = json.dumps(dump, ensure_ascii=False)
    assert [code for code, *_ in dumps.errors(text)] == ['unusable']


@pytest.mark.parametrize('between', ['', 'WARNING x\n', '$ juju show-unit opencti/0\n', '\n'])
@pytest.mark.parametrize('are_yaml', [(True, False), (False, True), (True, True), (False, False)])
def test_two_dumps_in_one(between: str, are_yaml: tuple[bool, bool]):
    texts = [
        yaml.safe_dump({name: unit}) if is_yaml else json.dumps({name: unit}) + '\n'
        for is_yaml, (name, unit) in zip(are_yaml, IN_ORDER.items(), strict=True)
    ]
    assert dumps.report(between.join(texts)) == dumps.report(IN_ORDER)


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


def causes_in(text: str) -> tuple[set[str], bool]:
    """The causes that are told, and whether it was all that there is; none if it is refused."""
    result = dumps.check(text, '--format', 'json')
    if result.exit_code == 2:
        assert CUT in result.stderr
        return set(), False
    found = json.loads(result.stdout)
    errors = {f['code'] for f in dumps.findings(found) if f['level'] == 'error'}
    return errors - {'cut'}, found['complete'] and not errors


@pytest.mark.parametrize(
    ('dump', 'first'),
    [(YAML, len('crowdstrike/0:')), (ON_MACHINES, len('crowdstrike/0:')), (JSON, 1)],
    ids=['kubernetes', 'machines', 'json'],
)
def test_a_dump_that_is_cut_anywhere_gives_no_wrong_cause(dump: str, first: int):
    for length in range(first, len(dump)):
        causes, is_all = causes_in(dump[:length])
        assert not causes, dump[:length][-40:]
        # What comes last says nothing of the relation.
        assert not is_all or length > dump.rindex('egress-subnets'), dump[:length][-40:]


@BOTH_FORMATS
def test_a_dump_whose_beginning_is_cut(dump: str):
    for start in range(dump.index('0') + 1, dump.index('related-units'), 5):
        result = dumps.check(dump[start:])
        assert result.exit_code == 2
        assert CUT in result.stderr or 'is not the output of `juju show-unit`' in result.stderr


@pytest.mark.parametrize(
    'left_out', [r' +application-data:\n( {6}.*\n)+', r'(?<=-data:\n)( {6}.*\n)+']
)
@pytest.mark.parametrize('snip', ['[...]\n', '...\n', '    # left out\n', ''])
def test_a_dump_in_which_something_is_left_out(left_out: str, snip: str):
    assert dumps.check(re.sub(left_out, snip, YAML, count=1)).exit_code == 2


def test_another_relation_before_the_cut():
    db = dumps.relation({'host': 'x'}, {'db/0': {}}, endpoint='db', related_endpoint='db')
    text = yaml.safe_dump(json.loads(json.dumps(dumps.connector(db))), sort_keys=False)
    assert dumps.errors(text) == [('cut', None, None, 'juju status --relations crowdstrike')]
    assert dumps.errors(f'{text}  address: 10.1.1.1\n')[0][0] == 'not-related'


def test_a_unit_without_relations_may_be_cut():
    unit = YAML[: YAML.index('  relation-info')]
    assert dumps.errors(unit) == [('cut', None, None, 'juju status --relations crowdstrike')]
    assert dumps.errors('{"a/0": {"charm": "local:a-0", "life": "alive"}}')[0][0] == 'not-related'
