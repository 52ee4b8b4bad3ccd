# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`python -m opencti_connector` is the command."""

import importlib
import runpy
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
