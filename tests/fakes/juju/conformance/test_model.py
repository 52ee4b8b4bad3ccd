# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The model of Juju answers as Juju did; `make conformance` asks one anew."""

import pathlib

import pytest

from . import on_model, recorded, scripts

SCRIPTS = scripts.scripts()
VERSIONS = recorded.versions()


def test_a_juju_is_recorded():
    assert '4.0.15' in VERSIONS


@pytest.mark.parametrize('version', VERSIONS)
class TestVersion:
    def test_all_scripts_are_recorded(self, version: str):
        assert [script['name'] for script in SCRIPTS] == list(recorded.read(version))

    @pytest.mark.parametrize('part', range(10))
    def test_it_answers_as_juju_did(self, version: str, part: int):
        answers = recorded.read(version)
        for script in SCRIPTS[part::10]:
            assert on_model.run(script, version) == answers[script['name']], script


def test_what_is_recorded_is_replayed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recorded, '_FOLDER', tmp_path)
    answers = {script['name']: on_model.run(script, '3.6.28') for script in SCRIPTS[:3]}
    recorded.write('3.6.28', answers)
    assert recorded.versions() == ['3.6.28']
    assert recorded.read('3.6.28') == answers
