# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A `juju` that answers as a test wants, and both ends of a relation as it shows them."""

import pathlib
from typing import Any

import pytest

from . import dumps
from .fake_juju import FakeJuju


@pytest.fixture(params=[dumps.in_juju_3, dumps.in_juju_4], ids=['juju-3', 'juju-4'])
def both_ends(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def juju(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> FakeJuju:
    return FakeJuju(tmp_path, monkeypatch)
