# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`python -m opencti_connector` is the command."""

import importlib
import os
import pathlib
import runpy
import signal
import subprocess
import sys

import pytest

from opencti_connector.cli.main import main


def run() -> None:
    sys.modules.pop('opencti_connector.__main__', None)
    runpy.run_module('opencti_connector', run_name='__main__', alter_sys=True)


def test_it_is_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, 'argv', ['opencti_connector', '--help'])
    with pytest.raises(SystemExit) as exit_:
        run()
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith('Usage: opencti-connector ')


def test_it_names_the_extra_that_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, 'click', None)
    with pytest.raises(SystemExit, match=r"install 'opencti-connector\[cli\]'"):
        run()


def test_the_installed_command_names_it_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, 'opencti_connector.__main__', raising=False)
    monkeypatch.setitem(sys.modules, 'click', None)
    with pytest.raises(SystemExit, match=r"install 'opencti-connector\[cli\]'"):
        importlib.import_module('opencti_connector.__main__')


def test_the_installed_command_is_the_same():
    sys.modules.pop('opencti_connector.__main__', None)
    assert importlib.import_module('opencti_connector.__main__').main is main


@pytest.mark.parametrize('is_ignored', [False, True])
def test_an_interrupt_while_it_is_imported(tmp_path: pathlib.Path, is_ignored: bool):
    """A `click` that is interrupted stands for the first half second."""
    interrupt = 'import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n'
    (tmp_path / 'click.py').write_text(interrupt + 'raise ImportError\n')
    result = subprocess.run(
        [sys.executable, '-m', 'opencti_connector'],
        env={**os.environ, 'PYTHONPATH': os.pathsep.join([str(tmp_path), *sys.path])},
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_IGN if is_ignored else signal.SIG_DFL
        ),
        capture_output=True,
        text=True,
    )
    assert 'Traceback' not in result.stderr
    assert result.returncode == (1 if is_ignored else -signal.SIGINT)


def test_an_interrupt_while_it_runs():
    code = (
        'import os, signal\n'
        'import opencti_connector.__main__ as m, opencti_connector.cli.charm.connector as c\n'
        'c.read_manifest = lambda file: os.kill(os.getpid(), signal.SIGINT)\n'
        'm.main(["new", "no-such-directory", "--manifest", "none.json"])'
    )
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (130, '')
