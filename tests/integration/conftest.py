# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Models of a real Juju, and charms deployed to them."""

import functools
import os
import pathlib
import shutil
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from . import models, packing
from .by_hand import ByHand
from .models import Model, Pack
from .pairs import Pair

_OPTIONS = {
    'kubernetes': ('MODEL', 'a Juju model on Kubernetes'),
    'image': ('NAME', "the workload's image on Kubernetes, see docs/how-to/run-on-juju.md"),
    'kubectl': ('COMMAND', 'what deletes pods, such as "sudo k8s kubectl"'),
    'charm-python': ('VERSION', "the Python that runs the charms, if not that of their base's"),
    'platform-host': ('ADDRESS', 'where the fake of OpenCTI listens; the machines reach it'),
    'packed': ('DIRECTORY', 'charms that charmcraft packed; the others are packed by hand'),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        '--model',
        action='append',
        dest='models',
        default=[],
        metavar='NAME',
        help='a Juju model whose machine 0 takes the charms, and a second one for the tests '
        'across models',
    )
    for name, (metavar, text) in _OPTIONS.items():
        parser.addoption(f'--{name}', metavar=metavar, help=text)


@pytest.fixture(scope='session')
def controller() -> None:
    """A controller of Juju."""
    if shutil.which('juju') is None:
        pytest.skip('needs juju, which is not on the PATH')
    if subprocess.run(['juju', 'show-controller'], capture_output=True).returncode:
        pytest.skip('needs a controller of Juju: juju bootstrap')
    # An interrupted run cleans up; let a terminated one do the same.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope='session')
def model_names(controller: None, pytestconfig: pytest.Config) -> list[str]:
    """The names of the models, a worker's own first."""
    named: list[str] = pytestconfig.getoption('models', [])
    if not named:
        pytest.skip('needs a model with a machine 0: --model NAME')
    # Each worker of pytest-xdist has a first model of its own.
    first = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
    return [named[(first + number) % len(named)] for number in range(len(named))]


@pytest.fixture(scope='session', name='pack')
def pack_fixture(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Pack a charm of these tests or of the examples, once."""
    by_charmcraft: str | None = pytestconfig.getoption('packed')
    python: str | None = pytestconfig.getoption('charm_python')

    @functools.cache
    def pack(name: str, **options: Any) -> pathlib.Path:
        if by_charmcraft and not options:
            packed = pathlib.Path(by_charmcraft, f'{name}.charm').resolve()
            if packed.exists():
                return packed
        return packing.pack(name, tmp_path_factory.mktemp('charm'), python=python, **options)

    return pack


@pytest.fixture(scope='session')
def model(model_names: list[str]) -> Iterator[Model]:
    """The first model."""
    with models.tidied(with_machine(model_names[0])) as model:
        yield model


@pytest.fixture(autouse=True)
def no_hook_fails(model: Model) -> Iterator[None]:
    before = model.failed_hooks()
    yield
    assert model.failed_hooks() == before


@pytest.fixture(scope='session')
def other_model(model_names: list[str]) -> Iterator[Model]:
    """The second model."""
    if len(model_names) < 2:
        pytest.skip('needs a second model: --model NAME')
    with models.tidied(with_machine(model_names[1])) as model:
        yield model


def with_machine(name: str) -> Model:
    """Return a model whose machine 0 has started."""
    model = Model(name)
    if '0' not in model.juju.status().machines:
        pytest.skip(f'needs a machine 0 in the model {name}: juju deploy ubuntu')
    model.juju.wait(
        lambda status: status.machines['0'].juju_status.current == 'started', timeout=900
    )
    return model


@pytest.fixture(scope='session')
def pair(model: Model, pack: Pack) -> Pair:
    """An OpenCTI that makes tokens, and a connector, related."""
    return Pair(model, pack)


@pytest.fixture(scope='session')
def by_hand(model: Model, pack: Pack) -> ByHand:
    """A charm without the library."""
    return ByHand(model, pack)
