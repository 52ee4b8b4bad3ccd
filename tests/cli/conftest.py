# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Charms that the command updates."""

import pathlib

import pytest

from tests.cli import metadata
from tests.cli.generated import new
from tests.cli.update.kept import Kept
from tests.cli.update.updates import HANDWRITTEN


@pytest.fixture
def generated(tmp_path: pathlib.Path) -> pathlib.Path:
    manifest = metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)
    schema = metadata.write(tmp_path / 'schema.json', metadata.all_shapes())
    new(tmp_path / 'charm', manifest, '--schema', schema)
    return tmp_path / 'charm'


@pytest.fixture
def handwritten(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / 'charm').mkdir()
    (tmp_path / 'charm' / 'charmcraft.yaml').write_text(HANDWRITTEN)
    return tmp_path / 'charm'


@pytest.fixture
def kept(tmp_path: pathlib.Path) -> Kept:
    return Kept(tmp_path)
