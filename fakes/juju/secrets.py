# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The controller's ledger of secrets.

Who owns a secret, its label, its revisions, who was granted it, who read which revision, which
revisions are obsolete because of that, and which removals are still to be done.

Sources, in Juju's branch 4.0: `domain/secret/service/consume.go` (`GetConsumedRevision`),
`domain/secret/service/access.go` (`canRead`), `domain/secret/service/service.go`
(`ProcessCharmSecretConsumerLabel`), `domain/unitstate/state/commithook.go`
(`markSecretRevisionsObsolete`), `domain/removal/state/model/secret.go` (`deleteSecretRevisions`);
in 3.6: `apiserver/facades/agent/secretsmanager/secrets.go` and `state/secrets.go`.
"""

import dataclasses
import datetime
from collections.abc import Iterable

from .version import Version

Content = dict[str, str]

# What 4.0 says about any secret, if another one or a relation goes while it lists the secrets
# (`GetSecretMetadata` in `apiserver/facades/agent/secretsmanager/secrets.go`).
SECRET_WENT = 'secret not found (secret not found)'
RELATION_WENT = 'relation "8864d145-6f91-469b-8223-95150cbdfe8b" not found'


class Refused(Exception):
    """Juju's message when it refuses a call."""


def bare_id(secret_id: str) -> str:
    """Return a secret's id without scheme and model: `secret://<model>/<id>` is `<id>`."""
    return secret_id.removeprefix('secret:').rpartition('/')[2]


def application_of(unit: str) -> str:
    """Return the application of a unit."""
    return unit.partition('/')[0]


@dataclasses.dataclass
class Revision:
    """One revision of a secret."""

    content: Content
    expire: datetime.datetime | None = None
    is_obsolete: bool = False


@dataclasses.dataclass
class Secret:
    """A secret as the controller knows it."""

    id: str
    owner: str
    """An application, a unit, or something in another model."""
    revisions: dict[int, Revision]
    newest_content: Content
    """What was written last; its checksum stays when that revision is removed."""
    last_number: int = 1
    uri: str = ''
    """Its URI: `secret:<id>`, or with the model's id in it."""
    label: str = ''
    description: str = ''
    rotate: str | None = None
    consumers: dict[str, int] = dataclasses.field(default_factory=dict[str, int])
    """For each unit that read it, the revision that it is pinned to."""
    consumer_labels: dict[str, str] = dataclasses.field(default_factory=dict[str, str])
    grants: dict[str, int] = dataclasses.field(default_factory=dict[str, int])
    """For each application or unit that may read it, the relation of the grant."""

    def __post_init__(self) -> None:
        self.uri = self.uri or f'secret:{self.id}'

    @property
    def newest(self) -> int:
        """The number of the newest revision."""
        return max(self.revisions)

    def add_revision(self, content: Content, version: Version) -> None:
        """Write a new revision, which has no expiry."""
        # 4.0 counts from the highest number that is left, 3.6 from the highest that ever existed.
        last = self.newest if version is Version.V4_0 else self.last_number
        self.last_number = last + 1
        self.revisions[self.last_number] = Revision(dict(content))
        self.newest_content = dict(content)

    def judge(self) -> None:
        """Mark each revision as obsolete that nobody is pinned to; a mark stays."""
        in_use = {*self.consumers.values(), self.newest}
        for number, revision in self.revisions.items():
            revision.is_obsolete = revision.is_obsolete or number not in in_use

    def is_owned_by(self, unit: str) -> bool:
        """Whether it belongs to a unit or its application."""
        return self.owner in (unit, application_of(unit))

    def is_granted_to(self, unit: str) -> bool:
        """Whether a unit may read it, although another owns it."""
        return not {unit, application_of(unit)}.isdisjoint(self.grants)


@dataclasses.dataclass(frozen=True)
class Removal:
    """A removal that was asked for: of a whole secret, or of some of its revisions."""

    secret_id: str
    revisions: tuple[int, ...] = ()


class Ledger:
    """All secrets of a model.

    Args:
        version: whose rules are played.
        removes_later: 4.0 removes in a job of its own, some time after the hook. By default that
            job runs as soon as the hook has ended; with this, only when `run_removals` is called.
    """

    def __init__(self, version: Version = Version.V4_0, *, removes_later: bool = False):
        self.version = version
        self.removes_later = removes_later
        self.secrets: dict[str, Secret] = {}
        self.removals: list[Removal] = []
        self.failing_lists: list[str] = []
        """What the agent says each time that it fails to list the secrets. Seen on 4.0.15: where
        another secret or a relation is removed meanwhile, `secret-info-get`, `-set`, `-grant`,
        `-revoke` and `-remove` say so of a secret that is there."""
        self.removed_revisions: list[tuple[str, int]] = []
        """What was removed, in order, as secret id and revision."""

    def find(self, secret_id: str) -> Secret:
        """Return a secret by its id in any form."""
        try:
            return self.secrets[bare_id(secret_id)]
        except KeyError:
            raise Refused(f'secret "{bare_id(secret_id)}" not found') from None

    def with_label(self, owner: str, label: str) -> Secret | None:
        """Return the secret of an owner that has a label."""
        found = (s for s in self.secrets.values() if s.owner == owner and s.label == label)
        return next(found, None) if label else None

    def check_label(self, secret: Secret, label: str) -> None:
        """Refuse a label that another secret of the same owner has."""
        other = self.with_label(secret.owner, label)
        if other is not None and other is not secret:
            raise Refused(f'secret with label "{label}" already exists')

    def managed_by(self, unit: str, *, is_leader: bool) -> list[Secret]:
        """Return the secrets that a unit may write."""
        owners = {unit, application_of(unit)} if is_leader else {unit}
        return [secret for secret in self.secrets.values() if secret.owner in owners]

    def read(
        self,
        unit: str,
        *,
        secret_id: str | None,
        label: str,
        refresh: bool,
        peek: bool,
        is_leader: bool,
    ) -> Content:
        """Read a secret, which makes the unit its consumer, whoever owns it."""
        secret, consumer_label = self._resolve(unit, secret_id, label, is_leader=is_leader)
        may_read = secret.is_owned_by(unit) or secret.is_granted_to(unit)
        if self.version is Version.V3_6 and not may_read:
            raise Refused('permission denied')
        is_known = unit in secret.consumers
        revision = secret.newest if refresh or peek or not is_known else secret.consumers[unit]
        if self.version is Version.V4_0 and refresh and is_known and secret.is_owned_by(unit):
            # From then on the owner's label of that time is the unit's own label for it, too.
            consumer_label = secret.consumer_labels.get(unit) or secret.label
        if consumer_label:
            self._check_consumer_label(secret, unit, consumer_label)
            secret.consumer_labels[unit] = consumer_label
        if refresh or not is_known:
            secret.consumers[unit] = secret.newest
            secret.judge()
        if not may_read:  # 4.0 checks this after it has stored the consumer.
            raise Refused(f'"{unit}" is not allowed to read this secret')
        if revision not in secret.revisions:
            raise Refused(f'secret revision "{secret.id}/{revision}" not found')
        return dict(secret.revisions[revision].content)

    def _resolve(
        self, unit: str, secret_id: str | None, label: str, *, is_leader: bool
    ) -> tuple[Secret, str]:
        """Return the secret, and the label that the reader gives it for itself, if any."""
        if secret_id is not None:
            secret = self.find(secret_id)
            if not label or not secret.is_owned_by(unit):
                return secret, label
            if secret.owner == unit or is_leader:
                self.check_label(secret, label)
                secret.label = label
            return secret, ''
        for owner in (unit, application_of(unit)):
            owned = self.with_label(owner, label)
            if owned is not None:
                return owned, ''
        for secret in self.secrets.values():
            if secret.consumer_labels.get(unit) == label:
                return secret, ''
        raise Refused(f'consumer label "{label}" not found')

    def _check_consumer_label(self, secret: Secret, unit: str, label: str) -> None:
        for other in self.secrets.values():
            if other is not secret and other.consumer_labels.get(unit) == label:
                raise Refused('UNIQUE constraint failed: secret_unit_consumer.label')

    def remove(self, secret_id: str, revisions: Iterable[int] = ()) -> None:
        """Remove a secret, or some revisions of it: at once on 3.6, by a later job on 4.0."""
        self.removals.append(Removal(bare_id(secret_id), tuple(revisions)))
        if self.version is Version.V3_6 or not self.removes_later:
            self.run_removals()

    def run_removals(self) -> None:
        """Run the queued removals."""
        removals, self.removals = self.removals, []
        for removal in removals:
            secret = self.secrets.get(removal.secret_id)
            if secret is None:
                continue
            for number in sorted(
                secret.revisions.keys() & (removal.revisions or secret.revisions)
            ):
                del secret.revisions[number]
                self.removed_revisions.append((secret.id, number))
            if not secret.revisions:  # A secret always has a revision.
                del self.secrets[secret.id]

    def forget_relation(self, relation_id: int) -> None:
        """Remove the grants of a relation. Units that read stay pinned."""
        for secret in self.secrets.values():
            secret.grants = {
                s: scope for s, scope in secret.grants.items() if scope != relation_id
            }

    def forget(self, owner: str) -> None:
        """Remove a unit or application, its secrets and pins. No revision becomes obsolete."""
        self.secrets = {k: s for k, s in self.secrets.items() if s.owner != owner}
        for secret in self.secrets.values():
            secret.consumers.pop(owner, None)
            secret.consumer_labels.pop(owner, None)

    def obsolete(self, owner: str) -> list[tuple[Secret, int]]:
        """Return the revisions of an owner's secrets that `secret-remove` reports."""
        return [
            (secret, number)
            for secret in self.secrets.values()
            if secret.owner == owner
            for number, revision in sorted(secret.revisions.items())
            if revision.is_obsolete
        ]

    def expired(self, owner: str, now: datetime.datetime) -> list[tuple[Secret, int]]:
        """Return the revisions of an owner's secrets that `secret-expired` reports."""
        return [
            (secret, number)
            for secret in self.secrets.values()
            if secret.owner == owner
            for number, revision in sorted(secret.revisions.items())
            if revision.expire is not None and revision.expire <= now
        ]
