# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which unit gets which event about secrets.

`secret-changed` goes to each unit that is pinned to an old revision, once for each new one. That
can be a unit of the owner, which has read its own secret: `GetConsumedSecretURIsWithChanges` in
`domain/secret/state/state.go` of 4.0, and `newConsumedSecretsWatcher` in `state/secrets.go` of
3.6, ask only who reads.
`secret-remove` goes to the leader, once for each revision, and again to each new leader;
`secret-expired` to the leader until the revision is removed. A queued event is delivered, although
the secret may be gone by then, or the unit may no longer lead (juju/juju#19036, juju/juju#20794).
"""

import datetime
from collections.abc import Iterable
from typing import Any

from ops import testing
from scenario.state import _Event

from . import state_view
from .application import Unit
from .secrets import Ledger, Secret

LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)


class SecretEvents:
    """Queues the hooks about secrets."""

    def __init__(self, ledger: Ledger):
        self._ledger = ledger
        self._told: set[tuple[str, str, str, int]] = set()

    def tell(self, units: Iterable[Unit]) -> None:
        """Queue for each unit what it has not been told."""
        for unit in units:
            if unit.is_dying:
                continue
            for secret in list(self._ledger.secrets.values()):
                if secret.consumers.get(unit.name, secret.newest) < secret.newest:
                    self._wait(unit, 'secret_changed', secret, secret.newest)
            if unit.is_leader:
                for secret, number in self._ledger.obsolete(unit.application.name):
                    self._wait(unit, 'secret_remove', secret, number)

    def tell_again(self, unit: Unit) -> None:
        """Forget what a unit was told of its application's secrets, as when its agent starts."""
        self._told = {
            told for told in self._told if told[0] != unit.name or told[1] == 'secret_changed'
        }
        self.tell_expired(unit)

    def start_agent(self, unit: Unit) -> None:
        """Start a unit's agent anew, which takes each newest revision for one that it told of.

        Source: `init` in `internal/worker/uniter/secrets/secrets.go`, of 3.6, too. The agent also
        starts it when it loses the controller, so that a restart of the controller does the same.
        """
        unit.drop_kind('secret_changed ')
        self.tell_again(unit)

    def tell_expired(self, unit: Unit) -> None:
        """Queue a leader's hook about each expired revision, as Juju does every five minutes."""
        now = datetime.datetime.now(tz=datetime.timezone.utc)
        for secret, number in self._ledger.expired(unit.application.name, now):
            self._told.discard((unit.name, 'secret_expired', secret.id, number))
            self._wait(unit, 'secret_expired', secret, number)

    def _wait(self, unit: Unit, name: str, secret: Secret, revision: int) -> None:
        key = (unit.name, name, secret.id, revision)
        if key in self._told:
            return
        self._told.add(key)
        last_seen = state_view.show_secret(secret, unit.name)

        def event(on: testing.CharmEvents) -> Any:
            known = self._ledger.secrets.get(secret.id)
            shown = state_view.show_secret(known, unit.name) if known else last_seen
            if name != 'secret_changed':
                return getattr(on, name)(shown, revision=revision)
            if known is None or not (
                known.is_granted_to(unit.name) or known.is_owned_by(unit.name)
            ):
                return None
            # ops.testing gives none to an owner.
            label = known.consumer_labels.get(unit.name)
            return _Event('secret_changed', secret=state_view.with_label(shown, label))

        unit.wait(f'{name} {secret.id}', event)


def expire(secret: Secret) -> None:
    """Let the newest revision of a secret expire now, if it has an expiry."""
    newest = secret.revisions[secret.newest]
    if newest.expire is not None:
        newest.expire = LONG_AGO
