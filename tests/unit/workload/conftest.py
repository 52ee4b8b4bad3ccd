# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Each test that asks for `make` runs with the mixin and with composition."""

from typing import Any

import pytest

from .charms import composed, mixed_in


@pytest.fixture(params=[mixed_in, composed])
def make(request: pytest.FixtureRequest) -> Any:
    """Makes a charm."""
    return request.param
