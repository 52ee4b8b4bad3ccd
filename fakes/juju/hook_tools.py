# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The hook tools for secrets, as one hook has them.

Writes wait for the end of the hook. Reads in between see what the controller has, and what is
queued. Sources: `internal/worker/uniter/runner/context/context.go` (`GetSecret`,
`UpdateSecret`, `RemoveSecret`, `SecretMetadata`, `GrantSecret`, `RevokeSecret`) and
`internal/worker/uniter/runner/jujuc/secret-*.go`, the same in Juju 3.6 and 4.0.
"""

import dataclasses
import datetime
import secrets as random
import string
from collections.abc import Mapping

from . import flush
from .relations import Relation
from .secrets import Content, Ledger, Refused, application_of, bare_id
from .writes import Changes, Creation, Writes


@dataclasses.dataclass
class Metadata:
    """What `secret-info-get` tells about a secret."""

    owner: str
    revision: int
    label: str = ''
    description: str = ''
    expire: datetime.datetime | None = None
    rotate: str | None = None
    grants: dict[str, int] = dataclasses.field(default_factory=dict[str, int])
    content: Content = dataclasses.field(default_factory=dict[str, str], repr=False)
    """In place of the checksum, which Juju's agent compares."""


class HookTools:
    """What one hook of a unit can call.

    Args:
        ledger: the controller's.
        unit: whose hook it is.
        is_leader: whether that unit leads.
        relations: the relations that the hook knows, by id.
    """

    def __init__(
        self, ledger: Ledger, unit: str, *, is_leader: bool, relations: Mapping[int, Relation]
    ):
        self.ledger = ledger
        self.unit = unit
        self.is_leader = is_leader
        self.relations = relations
        self.writes = Writes()
        self.set_relations: set[int] = set()
        """The relations whose databags this hook wrote to."""
        self._stored: dict[str, Metadata] | None = None

    def secret_add(
        self,
        content: Content,
        *,
        label: str | None = None,
        description: str | None = None,
        expire: datetime.datetime | None = None,
        rotate: str | None = None,
        owner: str = 'application',
    ) -> str:
        """Queue a new secret and return its id."""
        of_application = owner == 'application'
        if of_application and not self.is_leader:
            raise Refused('this unit is not the leader')
        secret_id = ''.join(random.choice(string.ascii_lowercase) for _ in range(20))
        holder = application_of(self.unit) if of_application else self.unit
        creation = Creation(dict(content), label, description, expire, rotate, owner=holder)
        self.writes.create(secret_id, creation)
        return f'secret:{secret_id}'

    def secret_get(
        self,
        secret_id: str | None = None,
        *,
        label: str = '',
        refresh: bool = False,
        peek: bool = False,
    ) -> Content:
        """Read a secret by its id or by its label."""
        if secret_id is None:
            # The label of an owned secret becomes its id; any other label is passed on.
            secret_id = self._owned_with_label(label)
            by_label = label if secret_id is None else ''
        else:
            secret_id, by_label = bare_id(secret_id), label
        queued = self._queued_content(secret_id, by_label, refresh=refresh, peek=peek)
        if queued is not None:
            return dict(queued)
        return self.ledger.read(
            self.unit,
            secret_id=secret_id,
            label=by_label,
            refresh=refresh,
            peek=peek,
            is_leader=self.is_leader,
        )

    def secret_info_get(
        self, secret_id: str | None = None, *, label: str = ''
    ) -> tuple[str, Metadata]:
        """Return the id and what is known of a secret that this unit may write."""
        wanted = bare_id(secret_id) if secret_id is not None else label
        for known_id, metadata in self._metadata().items():
            if (known_id if secret_id is not None else metadata.label) == wanted:
                return f'secret:{known_id}', metadata
        raise Refused(f'secret "{wanted}" not found')

    def secret_ids(self) -> list[str]:
        """Return the ids of the secrets that this unit may write."""
        return [f'secret:{known_id}' for known_id in self._metadata()]

    def secret_set(self, secret_id: str, changes: Changes) -> None:
        """Queue an update; content that is already stored makes none."""
        secret_id = bare_id(secret_id)
        stored = self._load().get(secret_id)
        self._check_leadership(stored)
        if stored is not None and changes.content == stored.content:
            changes = dataclasses.replace(changes, content=None)
        if changes:
            self.writes.update(secret_id, changes)

    def secret_remove(self, secret_id: str, revision: int | None = None) -> None:
        """Queue a removal."""
        secret_id = bare_id(secret_id)
        self._check_leadership(self._load().get(secret_id))
        self.writes.remove(secret_id, revision)

    def secret_grant(self, secret_id: str, relation_id: int, unit: str | None = None) -> None:
        """Queue a grant, if it is not stored already."""
        subject = unit or self._relation(relation_id).remote_application
        secret_id = bare_id(secret_id)
        metadata = self._metadata().get(secret_id)
        if metadata is None:
            raise Refused(f'secret "{secret_id}" not found')
        self._check_leadership(metadata)
        in_scope = [s for s, scope in metadata.grants.items() if scope == relation_id]
        if subject in in_scope or application_of(subject) in in_scope:
            return
        if in_scope and unit is None:
            raise Refused('any unit level grants need to be revoked before granting access')
        self.writes.grant(secret_id, relation_id, subject)

    def secret_revoke(self, secret_id: str, relation_id: int, unit: str | None = None) -> None:
        """Queue a revocation, which comes after all grants."""
        subject = unit or self._relation(relation_id).remote_application
        secret_id = bare_id(secret_id)
        self._check_leadership(self._load().get(secret_id))
        self.writes.revoke(secret_id, subject)

    def relation_set(self, relation_id: int) -> None:
        """Record that a databag is written, which the controller gets at the end."""
        self._relation(relation_id)
        self.set_relations.add(relation_id)

    def flush(self) -> None:
        """Send the controller what was queued, at the end of the hook.

        Raises:
            HookFailed: if the controller refuses any of it.
        """
        flush.flush(self)

    def _relation(self, relation_id: int) -> Relation:
        try:
            return self.relations[relation_id]
        except KeyError:
            raise Refused('relation not found') from None

    def _check_leadership(self, metadata: Metadata | None) -> None:
        of_application = metadata is not None and metadata.owner == application_of(self.unit)
        if of_application and not self.is_leader:
            raise Refused('this unit is not the leader')

    def _load(self) -> dict[str, Metadata]:
        """Ask the controller once a hook."""
        if self._stored is None and self.ledger.failing_lists:
            raise Refused(self.ledger.failing_lists.pop())
        if self._stored is None:
            self._stored = {
                secret.id: Metadata(
                    owner=secret.owner,
                    revision=secret.newest,
                    label=secret.label,
                    description=secret.description,
                    expire=secret.revisions[secret.newest].expire,
                    rotate=secret.rotate,
                    grants=dict(secret.grants),
                    content=dict(secret.newest_content),
                )
                for secret in self.ledger.managed_by(self.unit, is_leader=self.is_leader)
            }
        return self._stored

    def _metadata(self) -> dict[str, Metadata]:
        """Return what is stored, with what is queued on top."""
        result: dict[str, Metadata] = {}
        for secret_id, creation in self.writes.creations.items():
            result[secret_id] = Metadata(creation.owner, 1)
            _describe(result[secret_id], creation)
        for secret_id, stored in self._load().items():
            if secret_id not in self.writes.removals:
                result[secret_id] = dataclasses.replace(stored)
                _describe(result[secret_id], self.writes.updates.get(secret_id, Changes()))
        return result

    def _owned_with_label(self, label: str) -> str | None:
        try:
            metadata = self._metadata().items()
        except Refused:
            return None
        queued = [*self.writes.creations.items(), *self.writes.updates.items()]
        with_label = [i for i, m in metadata if m.label == label]
        with_label += [i for i, changes in queued if changes.label == label]
        return with_label[0] if with_label else None

    def _queued_content(
        self, secret_id: str | None, label: str, *, refresh: bool, peek: bool
    ) -> Content | None:
        for queued_id, creation in self.writes.creations.items():
            if queued_id == secret_id:
                creation.label = label or creation.label
                return creation.content
            if label and creation.label == label:
                return creation.content
        if not refresh and not peek:
            return None
        for queued_id, changes in self.writes.updates.items():
            if queued_id == secret_id or (label and changes.label == label):
                if label:
                    changes.label = label
                if refresh:
                    self.writes.refreshes.add(queued_id)
                return changes.content
        return None


def _describe(metadata: Metadata, changes: Changes) -> None:
    """Apply queued changes to metadata."""
    for name in ('label', 'description', 'expire', 'rotate'):
        value = getattr(changes, name)
        if value is not None:
            setattr(metadata, name, value)
