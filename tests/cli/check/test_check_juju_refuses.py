# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`check --juju` where Juju does not answer: one clear line, and an exit code."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from opencti_connector.cli.check.juju import client

from . import dumps
from .fake_juju import FakeJuju, answers


def refusal(juju: FakeJuju, *arguments: str) -> str:
    result = juju.check(*arguments)
    assert result.exit_code == 2
    assert not result.stdout
    *asked, last = result.stderr.splitlines()
    assert all(line.startswith('[') for line in asked)
    return last


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        ('No controllers registered.\n\nPlease', 'this client knows no controller'),
        ('No selected controller.\n\nUse', 'no controller is selected: `juju switch`'),
        ('No model in focus.\n\nPlease', 'no model is selected: `juju switch`'),
        ('model admin/x not found', 'there is no such model'),
        ('permission denied (unauthorized access)', 'this user may not read that'),
        ('cannot log in: invalid entity name or password', 'not logged in: `juju login`'),
        ('unable to connect to API: dial tcp 10.0.0.1:17070: i/o timeout', 'does not answer'),
        ('flgrn_octi_tkn_x is odd', 'Juju refused it: `juju status` says more'),
    ],
)
def test_juju_refuses(juju: FakeJuju, words: str, said: str):
    juju.models[''] = {'status': f'ERROR {words}'}
    last = refusal(juju)
    assert last.startswith('Error: `juju status`: ')
    assert said in last
    assert 'flgrn' not in last


def test_there_is_no_juju(juju: FakeJuju, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path):
    (tmp_path / 'empty').mkdir()
    monkeypatch.setenv('PATH', str(tmp_path / 'empty'))
    assert refusal(juju) == (
        'Error: `juju` is not on the PATH: install it, or run this where it is'
    )


def test_no_such_model(juju: FakeJuju):
    assert 'there is no such model' in refusal(juju, '--model', 'x')


def test_no_such_application(juju: FakeJuju):
    juju.models['prod'] = answers(dumps.in_juju_3())
    last = refusal(juju, 'x', '--model', 'prod')
    assert 'no application of this name in the model: `juju status --model prod`' in last


def test_a_unit_that_is_gone_meanwhile(juju: FakeJuju):
    juju.models[''] = answers({})
    assert '`juju show-unit`: there is no unit of this name' in refusal(juju)


@pytest.mark.parametrize('answer', ['{', '[]', '{"model": 7}', '{}'])
def test_an_unknown_form_of_the_status(juju: FakeJuju, answer: str):
    juju.models[''] = {'status': answer}
    assert refusal(juju) == 'Error: `juju status` answers in an unknown form'


def test_an_unknown_form_of_units(juju: FakeJuju):
    units = dumps.in_juju_3()
    units['opencti/0'] = {}
    juju.models[''] = answers(units)
    assert 'what `juju show-unit` answers is not the output' in refusal(juju)


def test_an_unknown_form_of_a_secret(juju: FakeJuju):
    secret = {'d2mq7mrubg2s77p3nio0': {'access': 7}}
    juju.models[''] = answers(dumps.in_juju_3(), **{'show-secret': secret})
    assert '`juju show-secret` answers in an unknown form' in ' '.join(juju.check().stdout.split())


def test_what_is_not_text(juju: FakeJuju, monkeypatch: pytest.MonkeyPatch):
    (pathlib.Path(os.environ['PATH']) / 'juju').write_text('#!/bin/sh\nprintf "\\377"\n')
    assert refusal(juju) == 'Error: `juju status` answers what is not text in UTF-8'


@pytest.mark.parametrize(
    ('arguments', 'said'),
    [
        (['--juju', 'a', 'b'], 'with --juju, name one application'),
        (['--model', 'x'], '--model is for --juju'),
        (['--juju', '--endpoint', 'x'], '--endpoint is not for --juju'),
    ],
)
def test_usage(arguments: list[str], said: str):
    result = dumps.check('', *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_it_says_that_juju_is_slow(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, 'PATIENCE', 0.01)
    told: list[str] = []
    twice = threading.Event()

    def say(line: str) -> None:
        told.append(line)
        if len(told) == 3:
            twice.set()

    with client.Progress(say).of('juju status'):
        assert twice.wait(60)
    assert told[0] == '[1/3] juju status'
    assert 'no answer for' in told[1]
    assert 'Ctrl-C ends it' in told[2]


def test_ctrl_c_ends_it_quietly(juju: FakeJuju, tmp_path: pathlib.Path):
    pipe = tmp_path / 'pipe'
    os.mkfifo(pipe)
    juju.models[''] = {'status': f'WAIT {pipe}'}
    juju.save()
    with (
        subprocess.Popen(
            [sys.executable, '-m', 'opencti_connector', 'check', '--juju'],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process,
        open(pipe, 'w'),
    ):  # Juju reads from it: it runs.
        os.killpg(process.pid, signal.SIGINT)  # As a terminal does.
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ''
    assert err == '[1/3] juju status --format json\n'


def test_ctrl_c_in_this_process(juju: FakeJuju, monkeypatch: pytest.MonkeyPatch):
    def interrupt(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr('jubilant.Juju.cli', interrupt)
    assert juju.check().exit_code == 130


def test_no_answer_is_repeated(juju: FakeJuju):
    """Whatever a charm or Juju says, a token in it is not shown."""
    token = '88ec0c6a-13ce-4e39-b486-354fe4a7084f'
    units: Any = dumps.in_juju_3()
    changed: Any = answers(units)
    for app in changed['status']['applications'].values():
        app['application-status']['message'] = f'token {token}'
        app['application-status']['current'] = 'blocked'
    changed['status']['model']['name'] = token
    changed['status']['model']['version'] = token
    changed['ssh'] = {'opencti-crowdstrike-connector': f'x\n{token} enabled {token} x\n'}
    juju.models[''] = changed
    assert token not in json.dumps(juju.report())
    assert token not in juju.check().output
