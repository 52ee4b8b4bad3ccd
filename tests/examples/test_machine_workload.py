# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The systemd service of the machine example starts again, however the connector ends."""

import configparser
import importlib.util
import pathlib

import pytest

from demo import EXAMPLES


def test_it_starts_again_whatever_ended_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
):
    source = EXAMPLES / 'machine-connector' / 'src' / 'workload.py'
    spec = importlib.util.spec_from_file_location('machine_workload', source)
    assert spec is not None
    assert spec.loader is not None
    workload = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(workload)
    monkeypatch.setattr(workload, 'UNIT_FILE', tmp_path / 'a.service')
    monkeypatch.setattr(workload.subprocess, 'run', lambda *_, **__: None)
    workload.install()
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read(tmp_path / 'a.service')
    # pycti ends itself with SIGTERM on an unhandled error: for systemd.service(5), a success.
    assert unit['Service']['Restart'] == 'always'
    # Five starts within ten seconds, and systemd starts it no more.
    assert int(unit['Service']['RestartSec']) * 5 > 10
