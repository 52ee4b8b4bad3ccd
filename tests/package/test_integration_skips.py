# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The tests on a real Juju say what they lack, and skip."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
TESTS = (
    'tests/integration/test_across_models.py',
    'tests/integration/kubernetes/test_life.py::test_related',
    'tests/integration/kubernetes/test_life.py::test_the_connectors_pod_is_deleted',
)

# Stands in for juju: a model on Kubernetes, and one with machines.
JUJU = """#!{python}
import json, sys
if 'show-controller' in sys.argv:
    sys.exit({has_controller} is False)
name = next((word for word in sys.argv if word in ('pods', 'machines')), '')
kind = dict(pods='caas', machines='iaas').get(name, '')
if 'status' in sys.argv:
    model = dict(name=name, type=kind, controller='c', cloud='c', version='4.0.15')
    machine = {{'juju-status': {{'current': 'started'}}}}
    machines = {{'0': machine}} if name == 'machines' else {{}}
    print(json.dumps(dict(model=model, machines=machines, applications={{}})))
"""


@pytest.mark.parametrize(
    ('has_controller', 'arguments', 'reasons'),
    [
        (False, '--model machines --kubernetes pods', ['needs a controller of Juju']),
        (
            True,
            '',
            ['needs a model with a machine 0: --model', 'needs a model on Kubernetes: --kub'],
        ),
        (
            True,
            '--model machines --kubernetes machines',
            ['needs a second model: --model NAME', 'needs a model on Kubernetes, which machines'],
        ),
        (True, '--model pods', ['needs a machine 0 in the model pods: juju deploy ubuntu']),
        (True, '--kubernetes pods', ['needs an image for the workload: --image']),
        (True, '--kubernetes pods --image i', ['needs kubectl to delete a pod: --kubectl']),
        (
            True,
            '--kubernetes pods --image i --kubectl false',
            ['needs a kubectl that knows the namespace pods'],
        ),
    ],
)
def test_what_is_missing(
    tmp_path: pathlib.Path, has_controller: bool, arguments: str, reasons: list[str]
):
    juju = tmp_path / 'juju'
    juju.write_text(JUJU.format(python=sys.executable, has_controller=has_controller))
    juju.chmod(0o755)
    (tmp_path / 'false').symlink_to('/bin/false')
    # With an image, only what needs kubectl is not deployed.
    tests = TESTS[2:] if '--image' in arguments else TESTS
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-rs', *tests, *arguments.split()],
        cwd=ROOT,
        env={
            **os.environ,
            'PATH': str(tmp_path),
            'COLUMNS': '200',
            'PYTEST_DISABLE_PLUGIN_AUTOLOAD': '1',
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'skipped' in done.stdout
    assert 'passed' not in done.stdout
    for reason in reasons:
        assert reason in done.stdout
