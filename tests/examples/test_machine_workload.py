# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The machine example installs the connector, and systemd starts it again, however it ends."""

import configparser
import importlib.util
import os
import pathlib
import subprocess
import sys
from types import ModuleType

import pytest

from demo import EXAMPLES

CHARM = EXAMPLES / 'machine-connector'


@pytest.fixture
def workload(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, on a machine whose programs only say that they ran."""
    spec = importlib.util.spec_from_file_location('machine_workload', CHARM / 'src/workload.py')
    assert spec is not None
    assert spec.loader is not None
    workload = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(workload)
    for name in 'apt-get', 'systemctl':
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/ran\n')
        program.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path}{os.pathsep}{os.environ["PATH"]}')
    monkeypatch.setattr(workload, 'DIRECTORY', tmp_path / 'opt')
    monkeypatch.setattr(workload, 'UNIT_FILE', tmp_path / 'a.service')
    monkeypatch.setattr(workload, 'PYTHON', sys.executable)
    return workload


def service(workload: ModuleType) -> dict[str, str]:
    workload.install_service()
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read(workload.UNIT_FILE)
    return dict(unit['Service'])


def test_it_starts_again_whatever_ended_it(workload: ModuleType):
    unit = service(workload)
    # pycti ends itself with SIGTERM on an unhandled error: for systemd.service(5), a success.
    assert unit['Restart'] == 'always'
    # Five starts within ten seconds, and systemd starts it no more.
    assert int(unit['RestartSec']) * 5 > 10


def test_the_installed_connector_runs_by_the_command_of_the_service(
    workload: ModuleType, tmp_path: pathlib.Path
):
    source = tmp_path / 'connector'
    source.mkdir()
    (source / 'requirements.txt').write_text('')
    (source / 'main.py').write_text('import sys; print(sys.prefix)\n')
    for _ in range(2):  # A refresh of the charm installs it again.
        workload.install_connector(source)
    unit = service(workload)
    ran = (tmp_path / 'ran').read_text().splitlines()
    assert 'apt-get install --yes python3-venv git libmagic1' in ran
    assert ran[-1] == 'systemctl daemon-reload'
    said = subprocess.run(
        unit['ExecStart'].split(),
        cwd=unit['WorkingDirectory'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == str(tmp_path / 'opt' / 'venv')


def test_the_tests_of_the_charm_itself():
    result = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests'],
        cwd=CHARM,
        capture_output=True,
        text=True,
        check=False,
    )
    assert '4 passed' in result.stdout, result.stdout
