# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A hook that is killed, and an agent that is restarted, recover by themselves."""

import pytest

from .pairs import Pair


@pytest.mark.parametrize('interruption', ['die', 'kill_agent', 'restart_agent'])
def test_interrupted_hook(pair: Pair, interruption: str):
    token = f'flgrn_octi_tkn_{interruption}'
    before = pair.databags(), pair.model.secrets(pair.opencti).keys()
    pair.run_in_hook(['publish', pair.relation_id, token], [interruption])
    pair.wait_until_connector_has(token)
    pair.model.wait_for_idle()
    assert (pair.databags(), pair.model.secrets(pair.opencti).keys()) == before
