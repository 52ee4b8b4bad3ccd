# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm is refreshed from the previous release while events are deferred."""

import io
import pathlib
import subprocess
import tarfile

import pytest

from .models import Model, Pack
from .packing import ROOT
from .pairs import Pair

# The last commit of the previous release.
BEFORE = 'c26d0bb'


@pytest.fixture(scope='module')
def before(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The source tree of the previous release."""
    archive = subprocess.run(['git', 'archive', BEFORE], cwd=ROOT, capture_output=True)
    if archive.returncode:
        pytest.skip(f'needs the commit {BEFORE}, which this clone does not have')
    tree = tmp_path_factory.mktemp('before')
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(tree, filter='data')
    return tree


def test_refresh_with_deferred_events(model: Model, pack: Pack, before: pathlib.Path):
    pair = Pair(model, pack, token='flgrn_octi_tkn_before', library=before)
    user = pair.told('connector_available')[-1]['user']
    for app in pair.opencti, pair.connector:
        model.juju.config(app, {'defer': True})
    deferred = 'connector_available', 'opencti_connection_available'
    for event in deferred:
        model.wait(lambda event=event: pair.told(event)[-1]['deferred'])
    wire = pair.databags(), model.secrets(pair.opencti), pair.token()

    for app in pair.opencti, pair.connector:
        model.juju.refresh(app, path=pack(app.rpartition('-')[0]))
    model.wait_for_idle()
    for app in pair.opencti, pair.connector:
        model.juju.config(app, {'defer': False})
    for event in deferred:
        model.wait(lambda event=event: not pair.told(event)[-1]['deferred'])

    assert (pair.databags(), model.secrets(pair.opencti), pair.token()) == wire
    assert {entry['user'] for entry in pair.told('connector_available')} == {user}
    assert pair.told('connector_removed') == []
    assert pair.told('opencti_connection_removed') == []
    pair.publish('flgrn_octi_tkn_after')
    pair.wait_until_connector_has('flgrn_octi_tkn_after')
    assert (pair.databags(), model.secrets(pair.opencti).keys()) == (wire[0], wire[1].keys())
