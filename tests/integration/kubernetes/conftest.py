# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A model on Kubernetes, for a connector with a workload."""

import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from .. import models
from ..models import Model, Pack
from .site import CROWDSTRIKE, Site

DeletePod = Callable[[str], None]
"""Deletes the pod of an application's leader, and waits until it is gone."""


@pytest.fixture(scope='session')
def model(controller: None, pytestconfig: pytest.Config) -> Iterator[Model]:
    """The model on Kubernetes."""
    name: str | None = pytestconfig.getoption('kubernetes')
    if not name:
        pytest.skip('needs a model on Kubernetes: --kubernetes MODEL')
    model = Model(name, machine=None)
    if model.juju.status().model.type != 'caas':
        pytest.skip(f'needs a model on Kubernetes, which {name} is not')
    with models.tidied(model) as model:
        yield model


@pytest.fixture(scope='session')
def image(pytestconfig: pytest.Config) -> str:
    """The image of the workload."""
    image: str | None = pytestconfig.getoption('image')
    if not image:
        pytest.skip('needs an image for the workload: --image NAME')
    return image


@pytest.fixture(scope='session')
def delete_pod(model: Model, pytestconfig: pytest.Config) -> DeletePod:
    namespace = model.juju.status().model.name
    command = shlex.split(pytestconfig.getoption('kubectl') or 'kubectl')
    if shutil.which(command[0]) is None:
        pytest.skip(f'needs {command[0]} to delete a pod: --kubectl COMMAND')
    if subprocess.run([*command, 'get', 'namespace', namespace], capture_output=True).returncode:
        pytest.skip(f'needs a kubectl that knows the namespace {namespace}: --kubectl COMMAND')

    def delete(app: str) -> None:
        leader = model.leader(app)
        assert leader
        pod = leader.replace('/', '-')
        subprocess.run([*command, 'delete', 'pod', '--namespace', namespace, pod], check=True)

    return delete


@pytest.fixture(scope='module')
def site(model: Model, pack: Pack, image: str) -> Site:
    """OpenCTI's charm, and the example of a connector on Kubernetes."""
    return Site(model, pack, image, 'k8s-connector', CROWDSTRIKE)
