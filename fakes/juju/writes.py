# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The queued writes of a hook: one entry for each secret.

Source: `internal/worker/uniter/runner/context/secrets.go` (`secretsChangeRecorder`), the same in
Juju 3.6 and 4.0.
"""

import dataclasses
import datetime

from .secrets import Content, Refused


@dataclasses.dataclass
class Changes:
    """What to change in a secret; `None` leaves a part as it is."""

    content: Content | None = None
    label: str | None = None
    description: str | None = None
    expire: datetime.datetime | None = None
    rotate: str | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in vars(self).values())

    def merge(self, later: 'Changes') -> None:
        """Merge a later call."""
        for name, value in vars(later).items():
            if value is not None:
                setattr(self, name, value)


@dataclasses.dataclass
class Creation(Changes):
    """A secret to create."""

    owner: str = ''


class Writes:
    """The writes of one hook."""

    def __init__(self) -> None:
        self.creations: dict[str, Creation] = {}
        self.updates: dict[str, Changes] = {}
        self.removals: dict[str, tuple[int, ...]] = {}
        """For each secret to remove, which revisions; all if none is named."""
        self.grants: dict[str, dict[int, str]] = {}
        """For each secret and relation, to whom."""
        self.revocations: dict[str, list[str]] = {}
        self.refreshes: set[str] = set()
        """The secrets whose content the unit both wrote and read in this hook."""

    def create(self, secret_id: str, creation: Creation) -> None:
        """Queue a creation."""
        labels = [queued.label for queued in self.creations.values() if queued.label]
        if creation.label in labels:
            raise Refused(f'secret with label "{creation.label}" already exists')
        self.creations[secret_id] = creation

    def update(self, secret_id: str, changes: Changes) -> None:
        """Queue an update, which takes a queued removal back."""
        self.removals.pop(secret_id, None)
        queued = self.creations.get(secret_id) or self.updates.setdefault(secret_id, Changes())
        queued.merge(changes)

    def remove(self, secret_id: str, revision: int | None) -> None:
        """Queue a removal. All else that was queued for this secret is lost."""
        for queue in (self.creations, self.updates, self.grants, self.revocations):
            queue.pop(secret_id, None)
        self.refreshes.discard(secret_id)
        queued = self.removals.get(secret_id)
        if revision is None or queued == ():
            self.removals[secret_id] = ()
        else:
            self.removals[secret_id] = (*(queued or ()), revision)

    def grant(self, secret_id: str, relation_id: int, subject: str) -> None:
        """Queue a grant."""
        self.grants.setdefault(secret_id, {})[relation_id] = subject

    def revoke(self, secret_id: str, subject: str) -> None:
        """Queue a revocation."""
        queued = self.revocations.setdefault(secret_id, [])
        if subject not in queued:
            queued.append(subject)
