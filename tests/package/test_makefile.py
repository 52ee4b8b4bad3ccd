# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `make` says if it cannot make its environment, and that the next run recovers."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]

# Stands in for Python: makes an environment with itself in it, and writes down what it runs.
PYTHON = """#!/bin/sh
case "$*" in
    '-c '*) exit 0 ;;
    '-m venv '*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *) echo "$*" >> calls; case "$*" in *"$PIP_FAILS"*) exit 1 ;; esac ;;
esac
"""

pytestmark = pytest.mark.skipif(shutil.which('make') is None, reason='there is no make')


@pytest.fixture
def project(tmp_path: pathlib.Path) -> pathlib.Path:
    for name in ('Makefile', 'pyproject.toml'):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / 'python'
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path


def make(
    project: pathlib.Path, target: str, python: str = './python', **environment: str
) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(('MAKE', 'MFLAGS'))}
    return subprocess.run(
        ['make', f'PYTHON={python}', target],
        cwd=project,
        env={**inherited, 'PIP_FAILS': 'nothing fails', **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def calls(project: pathlib.Path) -> list[str]:
    return (project / 'calls').read_text().splitlines()


@pytest.mark.parametrize('python', ['false', 'no-such-python'])
def test_a_python_that_is_too_old_or_missing(project: pathlib.Path, python: str):
    result = make(project, 'test', python)
    assert result.returncode == 2
    assert 'Python 3.10 or newer is needed. Name one: make PYTHON=' in result.stderr
    assert not (project / '.venv').exists()
    assert make(project, 'test').returncode == 0


@pytest.mark.parametrize('fails', ['--upgrade pip>=25.1', '--editable . --group test'])
def test_the_run_after_one_without_an_index_recovers(project: pathlib.Path, fails: str):
    result = make(project, 'demo', PIP_FAILS=fails)
    assert result.returncode == 2
    assert 'Check that it reaches a package index, and run make again.' in result.stderr
    assert calls(project)[-1].endswith(fails)

    result = make(project, 'demo')
    assert result.returncode == 0, result.stderr
    assert calls(project)[-1] == '-m demo'
    assert any(call.endswith(fails) for call in calls(project)[-3:])


def test_the_token_of_an_opencti_is_not_shown(project: pathlib.Path):
    result = make(project, 'platform', OPENCTI_URL='https://a.b', OPENCTI_ADMIN_TOKEN='a-token')
    assert result.returncode == 0, result.stderr
    assert calls(project)[-1] == '-m tests.platform'
    assert 'a-token' not in result.stdout + result.stderr


def test_an_environment_is_made_once(project: pathlib.Path):
    assert make(project, 'demo').returncode == 0
    assert make(project, 'demo').returncode == 0
    installs = [call for call in calls(project) if call.startswith('-m pip install')]
    assert len(installs) == 2


def test_the_real_pip_without_an_index(project: pathlib.Path):
    shutil.rmtree(project / '.venv', ignore_errors=True)
    result = make(project, 'demo', sys.executable, PIP_NO_INDEX='1', PIP_CONFIG_FILE=os.devnull)
    assert result.returncode == 2
    assert 'run make again' in result.stderr
    assert not (project / '.venv' / '.test').exists()
