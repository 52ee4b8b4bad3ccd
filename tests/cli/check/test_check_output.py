# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How a report looks: plain and aligned, 80 columns, colour on a terminal only."""

import os
import pathlib
import pty
import re
import subprocess
import sys

import pytest

from . import dumps
from .fake_juju import FakeJuju, answers, app, of

ESCAPE = '\x1b['
EVERYTHING_WRONG = {
    **dumps.in_juju_4(
        {'connector_charm_name': '-', 'connector_type': 'X', 'connector_id': 'x', 'more': 'x'},
        {'opencti_url': 'x', 'opencti_token': 'x'},
    ),
    **dumps.opencti(name='unrelated/0'),
}


def test_the_whole_report():
    assert dumps.check(dumps.in_juju_4(connection={})).output == (
        """\
Relation 4: crowdstrike:opencti-connector and opencti:opencti-connector
  The connector (crowdstrike) wrote
    connector_charm_name  opencti-crowdstrike-connector
    connector_type        EXTERNAL_IMPORT
    connector_id          (usable, not shown)
  OpenCTI (opencti) wrote nothing
  error  OpenCTI has written nothing: it has no leader, it waits, or its hook
         failed
  next   juju status --relations opencti

Something is wrong: see each error.
"""
    )


def test_general_findings_come_last():
    lines = dumps.check(EVERYTHING_WRONG).output.splitlines()
    (last,) = (n for n, line in enumerate(lines) if line.startswith('Something is wrong'))
    assert lines[last - 3 : last] == [
        '  error  unrelated: there is no relation with this interface',
        '  next   juju integrate unrelated OTHER-APPLICATION',
        '',
    ]


def test_of_several_errors_the_one_to_act_on_first_is_named():
    lines = dumps.check(EVERYTHING_WRONG).output.splitlines()
    first = lines.index('Something is wrong: 6 errors. First:')
    assert lines[first + 1].startswith('  error  opencti_token must be the id of a Juju secret')
    assert lines[-1] == '  next   juju refresh opencti'
    assert dumps.report(EVERYTHING_WRONG)['verdict']['code'] == 'token-published'


def test_eighty_columns_without_blanks_at_the_end():
    for line in dumps.check(EVERYTHING_WRONG).output.splitlines():
        assert line == line.rstrip()
        assert len(line) <= 80 or line.startswith('  next')


def test_no_colour_without_a_terminal():
    assert ESCAPE not in dumps.check(EVERYTHING_WRONG).output


def _on_a_terminal(**environment: str) -> str:
    """Run the command on a terminal of its own, and return what it shows."""
    inherited = {
        key: value
        for key, value in os.environ.items()
        if key not in ('NO_COLOR', 'FORCE_COLOR', 'COLORTERM')
    }
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, '-m', 'opencti_connector', 'check'],
        stdin=subprocess.PIPE,
        stdout=theirs,
        env={**inherited, 'TERM': 'xterm', **environment},
    ) as process:
        os.close(theirs)
        assert process.stdin is not None
        process.stdin.write(b'{"opencti/0": {"charm": "local:opencti-0"}}')
        process.stdin.close()
        shown = b''
        while True:
            try:
                some = os.read(ours, 4096)
            except OSError:  # On Linux, the other end is closed.
                break
            if not some:
                break
            shown += some
    os.close(ours)
    assert process.returncode == 1
    return shown.decode()


def test_colour_on_a_terminal():
    shown = _on_a_terminal()
    assert f'{ESCAPE}31merror' in shown
    plain = re.sub(r'\x1b\[[0-9;]*m', '', shown).replace('\r\n', '\n')
    assert plain == dumps.check({'opencti/0': {'charm': 'local:opencti-0'}}).output


@pytest.mark.parametrize('setting', [{'NO_COLOR': '1'}, {'TERM': 'dumb'}])
def test_no_colour_where_it_is_not_wanted(setting: dict[str, str]):
    assert not re.search(r'\x1b\[[0-9;]*3[0-9]m', _on_a_terminal(**setting))


@pytest.mark.parametrize('encoding', ['ascii', 'latin-1', 'utf-8'])
def test_letters_that_a_terminal_does_not_have(
    encoding: str, juju: FakeJuju, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
):
    status = ('blocked', 'l\u00f6sche \u2192 x')
    juju.models[''] = answers(
        dumps.in_juju_4(),
        status=of(app('opencti', 'crowdstrike', unit='opencti/0', status=status)),
    )
    juju.save()
    monkeypatch.setenv('PYTHONIOENCODING', encoding)
    ticket = tmp_path / 'ticket'
    ended = subprocess.run(
        [sys.executable, '-m', 'opencti_connector', 'check', '--juju', '--report', str(ticket)],
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 1
    assert b'sche ' in ended.stdout
    assert status[1] in ticket.read_text(encoding='utf-8')


def test_help_says_all():
    result = dumps.check('', '--help')
    assert result.exit_code == 0
    for word in ('juju show-unit connector/0 opencti/0 |', '--endpoint', '--format', 'FILE'):
        assert word in result.output
