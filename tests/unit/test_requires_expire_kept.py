# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A token that is repeated keeps its expiry, whoever leads."""

import dataclasses
import datetime

import pytest
from ops import testing

from .conftest import NEW_TOKEN, Context, OpenctiCharm, opencti_context
from .requires_charm import only_secret, published, related, token_in

MONTH = datetime.timedelta(days=30)


@pytest.fixture(autouse=True)
def _a_month(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(OpenctiCharm, 'expire', MONTH)


def test_a_new_leader_that_repeats_the_token(monkeypatch: pytest.MonkeyPatch):
    state = published(testing.State(leader=True, relations={related()}))
    soon = datetime.datetime.now(tz=datetime.timezone.utc) + datetime.timedelta(days=1)
    secret = dataclasses.replace(only_secret(state), expire=soon)
    state = dataclasses.replace(state, secrets={secret}, stored_states=frozenset())
    state = published(published(state))
    assert only_secret(state).expire == soon


@pytest.mark.parametrize('knows', [True, False], ids=['runs a hook', 'runs no hook'])
def test_a_former_leader_that_repeats_another_leaders_token(
    opencti: Context, monkeypatch: pytest.MonkeyPatch, knows: bool
):
    state = published(testing.State(leader=True, relations={related()}), opencti)
    if knows:
        state = dataclasses.replace(state, leader=False)
        state = opencti.run(opencti.on.update_status(), state)
    soon = datetime.datetime.now(tz=datetime.timezone.utc) + datetime.timedelta(days=1)
    shown = dataclasses.replace(
        only_secret(state), latest_content={'token': NEW_TOKEN}, expire=soon
    )
    state = dataclasses.replace(state, secrets={shown}, leader=True)
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    state = opencti.run(opencti.on.leader_elected(), state)
    assert only_secret(state).expire == soon


def test_a_new_leader_with_a_new_token_sets_it(monkeypatch: pytest.MonkeyPatch):
    context = opencti_context()
    state = published(testing.State(leader=True, relations={related()}), context)
    state = dataclasses.replace(state, stored_states=frozenset())
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    state = published(published(state, context), context)
    assert token_in(state) == NEW_TOKEN
    assert only_secret(state).expire is not None
