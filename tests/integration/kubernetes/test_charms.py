# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A composed charm and one from `opencti-connector new` do as the example with the mixin does."""

import pytest

from .. import packing
from ..models import Model, Pack
from .site import CROWDSTRIKE, SECRET, Site


@pytest.mark.parametrize(
    ('charm', 'config'),
    [
        ('k8s-connector-composed', CROWDSTRIKE),
        (packing.GENERATED, {'shapes-key': SECRET}),
    ],
)
def test_related_rotated_and_removed(
    model: Model, pack: Pack, image: str, charm: str, config: dict[str, str]
):
    site = Site(model, pack, image, charm, config)
    before = site.workload.environment()
    assert before['CONNECTOR_ID'] == site.connector_id()
    assert SECRET in before.values()
    site.rotate('flgrn_octi_tkn_rotated')
    assert site.workload.environment() == {**before, 'OPENCTI_TOKEN': site.token()}
    site.model.remove(site.connector)
    site.model.wait(lambda: not site.revisions())
