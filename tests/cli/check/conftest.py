# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A `juju` that answers as a test wants."""

import pathlib

import pytest

from .fake_juju import FakeJuju


@pytest.fixture
def juju(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> FakeJuju:
    return FakeJuju(tmp_path, monkeypatch)
