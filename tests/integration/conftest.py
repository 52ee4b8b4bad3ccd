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

import jubilant
import pytest

from . import models, packing
from .by_hand import ByHand
from .models import Model, Pack
from .pairs import Pair

CHARMS = pathlib.Path(__file__).parent / 'charms'
EXAMPLES = packing.ROOT / 'docs' / 'examples'


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


@pytest.fixture(scope='session')
def model_names(pytestconfig: pytest.Config) -> list[str]:
    """The names of the models, a worker's own first."""
    if shutil.which('juju') is None:
        pytest.skip('needs juju, which is not on the PATH')
    if subprocess.run(['juju', 'show-controller'], capture_output=True).returncode:
        pytest.skip('needs a controller of Juju: juju bootstrap')
    named: list[str] = pytestconfig.getoption('models', [])
    if not named:
        pytest.skip('needs a model with a machine 0: --model NAME')
    # An interrupted run cleans up; let a terminated one do the same.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Each worker of pytest-xdist has a first model of its own.
    first = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
    return [named[(first + number) % len(named)] for number in range(len(named))]


@pytest.fixture(scope='session', name='pack')
def pack_fixture(model_names: list[str], tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Pack a charm of these tests or of the examples, once."""
    juju = jubilant.Juju(model=model_names[0])
    juju.wait(lambda status: status.machines['0'].juju_status.current == 'started')
    show_version = 'import sys; print("%d.%d" % sys.version_info[:2])'
    task = models.run(juju, f"/usr/bin/python3 -c '{show_version}'", machine='0')
    python = task.stdout.strip()

    @functools.cache
    def pack(name: str, **options: Any) -> pathlib.Path:
        charm = CHARMS / name if (CHARMS / name).exists() else EXAMPLES / name
        return packing.pack(charm, tmp_path_factory.mktemp('charm'), python, **options)

    return pack


@pytest.fixture(scope='session')
def model(model_names: list[str]) -> Iterator[Model]:
    """The first model."""
    with models.tidied(model_names[0]) as model:
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
    with models.tidied(model_names[1]) as model:
        yield model


@pytest.fixture(scope='session')
def pair(model: Model, pack: Pack) -> Pair:
    """An OpenCTI that makes tokens, and a connector, related."""
    return Pair(model, pack)


@pytest.fixture(scope='session')
def by_hand(model: Model, pack: Pack) -> ByHand:
    """A charm without the library."""
    return ByHand(model, pack)
