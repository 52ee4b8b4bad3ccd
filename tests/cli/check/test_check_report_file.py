# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`check --report FILE`: for a ticket, without a secret."""

import json
import pathlib
from typing import Any

from . import dumps
from .fake_juju import FakeJuju, answers


def test_it_is_written_without_a_secret(juju: FakeJuju, both_ends: Any, tmp_path: pathlib.Path):
    token = 'flgrn_octi_tkn_' + 'a1B2' * 16
    juju.models[''] = answers(
        both_ends(connection=dumps.CONNECTION | {'opencti_token': token}),
        **{'debug-log': f'unit-opencti-0: 03:02:01 ERROR opencti_token={token}\n'},
    )
    ticket = tmp_path / 'ticket'
    result = juju.check('crowdstrike', '--report', str(ticket))
    assert ticket.read_text() == result.stdout
    assert 'token-published' in json.dumps(juju.report())
    assert token not in result.output


def test_it_is_text_without_colour(
    juju: FakeJuju, both_ends: Any, tmp_path: pathlib.Path, monkeypatch: Any
):
    monkeypatch.setenv('FORCE_COLOR', '1')
    juju.models[''] = answers(both_ends())
    juju.check('--format', 'json', '--report', str(tmp_path / 'ticket'))
    text = (tmp_path / 'ticket').read_text()
    assert text.startswith('Model feeds')
    assert '\x1b' not in text


def test_it_cannot_be_written(juju: FakeJuju, both_ends: Any, tmp_path: pathlib.Path):
    juju.models[''] = answers(both_ends())
    result = juju.check('--report', str(tmp_path))
    assert result.exit_code == 2
    assert 'cannot be written: Is a directory' in result.stderr
