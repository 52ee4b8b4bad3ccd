# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""An owner that reads would pin a revision, so it reads nothing where Juju compares by itself."""

import pytest
from ops import testing

from .conftest import NEW_TOKEN, TOKEN, Context, OpenctiCharm
from .requires_charm import connector_reads, only_secret, published, related


def test_a_former_leader_keeps_no_old_token(opencti: Context, monkeypatch: pytest.MonkeyPatch):
    state = published(testing.State(leader=True, relations={related()}), opencti)
    state = published(state, opencti)
    secret = opencti.ledger.find(only_secret(state).id)
    connector_reads(opencti, only_secret(state))
    # This unit no longer leads; another one writes a new token, which the connector reads.
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    state = published(state, opencti)
    connector_reads(opencti, only_secret(state))
    assert secret.consumers.keys() == {'a-connector/0'}
    assert [number for _, number in opencti.ledger.obsolete('opencti')] == [1]


def test_nothing_is_read_where_juju_compares_by_itself(opencti: Context):
    state = published(testing.State(leader=True, relations={related()}), opencti)
    published(state, opencti)
    assert opencti.ledger.find(only_secret(state).id).consumers == {}
    assert only_secret(state).latest_content == {'token': TOKEN}
