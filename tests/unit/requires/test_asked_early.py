# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The status is asked in the middle of a hook that then removes an old revision.

So it is in the handler of a deferred event, which comes before the hook's own event. What was
queued for the secret is lost with a later removal.
"""

from typing import ClassVar

import ops
import pytest

from fakes import juju

from ..conftest import NEW_TOKEN, OpenctiCharm, TokenFactory, opencti_context
from ..requires_charm import endpoint_of, only_secret, token_in
from .test_old_revisions import rotated, secret_remove


class AsksEarly(OpenctiCharm):
    withdraws: ClassVar[bool] = False

    def observe_first(self) -> None:
        self.framework.observe(self.on.secret_remove, self._on_secret_remove)

    def _on_secret_remove(self, _: ops.EventBase) -> None:
        endpoint = self.opencti_connector
        for connector in endpoint.connectors:
            if self.withdraws:
                endpoint.withdraw_connection(connector.relation)
            else:
                endpoint.publish_connection(connector.relation, url=self.url, token=self.token)
        self.unit.status = endpoint.get_status()


@pytest.mark.parametrize('version', juju.Version)
def test_a_new_token_is_not_lost(version: juju.Version, monkeypatch: pytest.MonkeyPatch):
    context = opencti_context(AsksEarly, version=version)
    state = rotated(context)
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    state = secret_remove(context, state, 1)
    assert token_in(state) == NEW_TOKEN


@pytest.mark.parametrize('version', juju.Version)
def test_a_made_token_and_its_grant_are_not_lost(
    version: juju.Version, monkeypatch: pytest.MonkeyPatch
):
    context = opencti_context(AsksEarly, version=version)
    state = rotated(context)
    with context(context.on.start(), state) as manager:
        endpoint = endpoint_of(manager)
        endpoint.withdraw_connection(endpoint.connectors[0].relation)
        state = manager.run()
    tokens = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', tokens)
    state = secret_remove(context, state, 1)
    assert token_in(state) == tokens.made[-1]
    assert only_secret(state).remote_grants == {7: {'a-connector'}}


@pytest.mark.parametrize('version', juju.Version)
def test_a_withdrawal_is_not_lost(version: juju.Version, monkeypatch: pytest.MonkeyPatch):
    context = opencti_context(AsksEarly, version=version)
    state = rotated(context)
    monkeypatch.setattr(AsksEarly, 'withdraws', True)
    state = secret_remove(context, state, 1)
    state = context.run(context.on.start(), state)
    assert only_secret(state).remote_grants == {}
