# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The end of a hook: the controller gets what was queued, or refuses it.

4.0 does it in one transaction (`domain/unitstate/state/commithook.go`, `CommitHookChanges`; access
is checked before, in `apiserver/facades/agent/uniter/secrets.go`). 3.6 does one thing after the
other and keeps what was done before the refusal
(`apiserver/facades/agent/uniter/uniter.go`, `commitHookChangesForOneUnit`).
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Generator, Mapping
from typing import Protocol

from .relations import Life, Relation
from .secrets import Ledger, Refused, Revision, Secret, application_of
from .version import Version
from .writes import Changes, Creation, Writes


class Queued(Protocol):
    """What a hook has queued, and who ran it."""

    ledger: Ledger
    writes: Writes
    unit: str
    is_leader: bool
    relations: Mapping[int, Relation]
    set_relations: set[int]


class HookFailed(Exception):
    """The controller refused what the hook had queued."""


def flush(tools: Queued) -> None:
    """Apply the writes of a hook to the controller.

    Raises:
        HookFailed: if the controller refuses any of it.
    """
    ledger = tools.ledger
    before = copy.deepcopy((ledger.secrets, ledger.removals, ledger.removed_revisions))
    try:
        _Flush(tools).run()
    except Refused as refusal:
        if ledger.version is Version.V4_0:
            ledger.secrets, ledger.removals, ledger.removed_revisions = before
        raise HookFailed(str(refusal)) from refusal


class _Flush:
    def __init__(self, tools: Queued):
        self._ledger: Ledger = tools.ledger
        self._tools = tools
        self._writes = tools.writes

    def run(self) -> None:
        steps: list[Callable[[], None]] = [
            self._create,
            self._update,
            self._grant,
            self._revoke,
            self._remove,
            self._refresh,
        ]
        if self._ledger.version is Version.V4_0:
            steps = [self._check_relations, self._check_access, *steps]
        else:
            steps = [self._create, self._update, self._refresh, self._grant, self._revoke]
            steps += [self._remove, self._check_relations]
        for step in steps:
            step()

    def _check_relations(self) -> None:
        for relation_id in self._tools.set_relations:
            if self._tools.relations[relation_id].life is Life.GONE:
                raise Refused('relation not found')

    def _check_access(self) -> None:
        writes = self._writes
        for secret_id in (*writes.updates, *writes.revocations, *writes.removals):
            with _skipping_what_is_gone():
                self._managed(secret_id)
        for secret_id, by_relation in writes.grants.items():
            with _skipping_what_is_gone():
                if secret_id not in writes.creations:
                    self._managed(secret_id)
                for relation_id in by_relation:
                    self._standing(relation_id)

    def _create(self) -> None:
        for secret_id, creation in self._writes.creations.items():
            assert creation.content is not None
            secret = Secret(
                secret_id, creation.owner, {1: Revision(creation.content)}, creation.content
            )
            self._apply(secret, creation)
            self._ledger.secrets[secret_id] = secret

    def _update(self) -> None:
        for secret_id, changes in self._writes.updates.items():
            with self._skipping_on_4_0():
                secret = self._managed(secret_id)
                self._ledger.check_label(secret, changes.label or '')
                if changes.content is not None:
                    secret.add_revision(changes.content, self._ledger.version)
                self._apply(secret, changes)
                secret.judge()

    def _apply(self, secret: Secret, changes: Creation | Changes) -> None:
        if changes.label:
            self._ledger.check_label(secret, changes.label)
            secret.label = changes.label
        if changes.description is not None:
            secret.description = changes.description
        if changes.expire is not None:
            secret.revisions[secret.newest].expire = changes.expire
        if changes.rotate is not None:
            secret.rotate = changes.rotate

    def _grant(self) -> None:
        for secret_id, by_relation in self._writes.grants.items():
            with self._skipping_on_4_0():
                secret = self._managed(secret_id)
                for relation_id, subject in by_relation.items():
                    self._check_scope(secret, relation_id, subject)
                    secret.grants[subject] = relation_id

    def _check_scope(self, secret: Secret, relation_id: int, subject: str) -> None:
        relation = self._standing(relation_id)
        if self._ledger.version is Version.V4_0:
            if secret.grants.get(subject, relation_id) != relation_id:
                raise Refused(
                    'cannot change scope or subject type of existing grant '
                    f'for "{subject}" on "{secret.id}"'
                )
        elif relation.life is not Life.ALIVE:
            raise Refused(
                f'cannot change access to "{secret.id}" for "{subject}": '
                f'cannot grant access to secret in scope of "relation-{relation_id}" '
                'which is not alive'
            )

    def _revoke(self) -> None:
        for secret_id, subjects in self._writes.revocations.items():
            with self._skipping_on_4_0():
                secret = self._managed(secret_id)
                for subject in subjects:
                    secret.grants.pop(subject, None)

    def _remove(self) -> None:
        for secret_id, revisions in self._writes.removals.items():
            with _skipping_what_is_gone():
                self._managed(secret_id)
                self._ledger.remove(secret_id, revisions)

    def _refresh(self) -> None:
        for secret_id in self._writes.refreshes:
            with self._skipping_on_4_0():
                secret = self._ledger.find(secret_id)
                secret.consumers[self._tools.unit] = secret.newest
                secret.judge()

    def _managed(self, secret_id: str) -> Secret:
        unit = self._tools.unit
        secret = self._ledger.find(secret_id)
        is_leaders = self._tools.is_leader and secret.owner == application_of(unit)
        if secret.owner != unit and not is_leaders:
            is_new = self._ledger.version is Version.V4_0
            words = f'"{unit}" is not allowed to manage this secret'
            raise Refused(words if is_new else 'permission denied')
        return secret

    def _standing(self, relation_id: int) -> Relation:
        relation = self._tools.relations[relation_id]
        if relation.life is Life.GONE:
            raise Refused('relation not found')
        return relation

    def _skipping_on_4_0(self) -> contextlib.AbstractContextManager[None]:
        is_new = self._ledger.version is Version.V4_0
        return _skipping_what_is_gone() if is_new else contextlib.nullcontext()


@contextlib.contextmanager
def _skipping_what_is_gone() -> Generator[None, None, None]:
    """Ignore that a secret is gone; any other refusal is raised."""
    try:
        yield
    except Refused as refusal:
        if not (str(refusal).startswith('secret ') and str(refusal).endswith('not found')):
            raise
