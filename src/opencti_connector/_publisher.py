# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Writes at the end of a hook what was decided in it, and removes what is obsolete."""

import hashlib
import logging
from collections.abc import MutableMapping, MutableSequence, MutableSet

import ops
import pydantic

from . import _answer, _token_secret, _unit

logger = logging.getLogger(__name__)


class Publisher(ops.Object):
    """Writes the charm's answers to connectors once, after the charm's handlers.

    Args:
        charm: The charm that has the endpoint.
        endpoint: The endpoint object.
        relation_name: The endpoint's name.
    """

    _stored = ops.StoredState()

    def __init__(self, charm: ops.CharmBase, endpoint: ops.Object, relation_name: str):
        super().__init__(endpoint, 'publisher')
        self._charm = charm
        self._relation_name = relation_name
        # Juju reports only once which revision can be removed. What has to wait is stored here.
        self._stored.set_default(obsolete={}, ended=[], digests={}, withdrawals=set())
        self._secrets: dict[int, _token_secret.TokenSecret] = {}
        self.framework.observe(charm.on.leader_elected, self._on_leader_elected)
        self.framework.observe(charm.on.secret_remove, self._on_secret_remove)
        self.framework.observe(self.framework.on.pre_commit, self._on_pre_commit)

    def secret(self, relation: ops.Relation) -> _token_secret.TokenSecret:
        """Return the secret of a relation, the same object for the whole hook."""
        if relation.id not in self._secrets:
            self._secrets[relation.id] = _token_secret.TokenSecret(self.framework, relation)
        return self._secrets[relation.id]

    def can_grant(self, relation: ops.Relation) -> bool:
        """Return whether Juju accepts a grant for this relation when the hook ends.

        In `relation-departed` the relation may be about to end. Juju 3.6 then refuses a grant,
        which fails the hook. If the relation stays, the next hook grants.
        """
        return not _unit.is_in_relation_departed(relation)

    def is_new(self, relation: ops.Relation, token: pydantic.SecretStr) -> bool:
        """Return whether the token differs from the last one that got an expiry here.

        A new leader or a new pod remembers none. Its first token may be a repetition.
        """
        return self._digests.get(relation.id) not in (None, _digest(token))

    def answer(self, relation: ops.Relation) -> _answer.Answer | None:
        """Return the charm's answer in this hook, else a withdrawal that is not confirmed yet."""
        if relation not in _answer.answers and relation.id in self._withdrawals:
            return 'withdraw'
        return _answer.answers.get(relation)

    def end(self, relation_id: int) -> None:
        """Remove the secret of a relation that is gone, when the hook ends."""
        if relation_id not in self._ended:
            self._ended.append(relation_id)

    @property
    def _ended(self) -> MutableSequence[int]:
        return self._stored.ended  # type: ignore[reportReturnType]

    @property
    def _withdrawals(self) -> MutableSet[int]:
        """The relations whose withdrawal no later hook has confirmed: a hook can still fail."""
        return self._stored.withdrawals  # type: ignore[reportReturnType]

    @property
    def _digests(self) -> MutableMapping[int, str]:
        """For each relation, the digest of the last token that came with an expiry."""
        return self._stored.digests  # type: ignore[reportReturnType]

    @property
    def _obsolete(self) -> MutableMapping[int, MutableMapping[int, int]]:
        """For each relation, the revisions to remove, with the newest one when Juju was asked."""
        return self._stored.obsolete  # type: ignore[reportReturnType]

    def _on_leader_elected(self, event: ops.LeaderElectedEvent) -> None:
        self._forget()  # Another unit may have led in between.

    def _forget(self) -> None:
        """Forget what another leader may have changed since."""
        for outdated in (self._digests, self._withdrawals):
            if outdated:  # Clearing it would be stored in any case.
                outdated.clear()

    def _on_secret_remove(self, event: ops.SecretRemoveEvent) -> None:
        # The charm's own secrets are left alone, even if their labels look similar.
        relation_id = _token_secret.relation_of(self._relation_name, event.secret.label)
        if relation_id is not None:
            # If Juju reports it again, it was not removed, even if that was asked for.
            self._obsolete.setdefault(relation_id, {})[event.revision] = 0

    def _on_pre_commit(self, event: ops.PreCommitEvent) -> None:
        answers: dict[ops.Relation, _answer.Answer] = {
            relation: answer
            for relation in self.model.relations[self._relation_name]
            if (answer := self.answer(relation)) is not None
        }
        stored = (self._ended, self._obsolete, self._digests, self._withdrawals)
        if not (answers or any(stored)):
            return
        if not self._charm.unit.is_leader():
            self._forget()
            return
        for relation_id in [*self._ended]:
            self._remove_secret(relation_id)
        removing = {
            relation_id for relation_id in [*self._obsolete] if self._remove_old(relation_id)
        }
        for relation, answer in answers.items():
            self._write(relation, answer, is_removing=relation.id in removing)
            _answer.answers.pop(relation, None)

    def _write(self, relation: ops.Relation, answer: _answer.Answer, *, is_removing: bool) -> None:
        secret = self.secret(relation)
        is_unfinished = answer == 'withdraw'
        try:
            if answer == 'withdraw':
                is_unfinished = secret.withdraw()
            else:
                secret.publish(answer, may_grant=not is_removing and self.can_grant(relation))
                self._note_expiry(relation, answer)
        except ops.ModelError as error:
            logger.warning('relation %d: not all is written, will retry: %s', relation.id, error)
        if is_unfinished:
            self._withdrawals.add(relation.id)
        elif relation.id in self._withdrawals:  # Discarding it would be stored in any case.
            self._withdrawals.discard(relation.id)

    def _note_expiry(self, relation: ops.Relation, publication: _answer.Publication) -> None:
        if publication.token is not None and publication.expire is not None:
            digest = _digest(publication.token)
            if self._digests.get(relation.id) != digest:  # Even an equal value would be stored.
                self._digests[relation.id] = digest

    def _remove_secret(self, relation_id: int) -> None:
        """Remove the secret, in each hook until it is gone: a hook that fails undoes the removal.

        A suspended cross-model relation can come back. Then its secret stays.
        """
        relation = self._relation(relation_id)
        try:
            if relation.active or not self.secret(relation).remove():
                self._ended.remove(relation_id)
                self._digests.pop(relation_id, None)
                self._withdrawals.discard(relation_id)
        except ops.ModelError as error:
            logger.warning('relation %d: secret not removed, will retry: %s', relation_id, error)

    def _remove_old(self, relation_id: int) -> bool:
        """Remove the old revisions of a secret, and return whether Juju was asked to.

        Juju keeps one entry for each secret in a hook. It loses new content that comes before a
        removal, and a removal that comes before new content. So this waits for a hook that neither
        changes the token nor publishes it again, and counts as done when the next hook finds no
        new revision.
        """
        relation = self._relation(relation_id)
        secret = self.secret(relation)
        answer = self.answer(relation)
        revisions = self._obsolete[relation_id]
        is_asked = False
        try:
            newest = secret.newest_revision
            if isinstance(answer, _answer.Publication) and (
                secret.has_to_change(answer) or not secret.is_published
            ):
                return False
            for revision, newest_when_asked in [*revisions.items()]:
                if newest in (None, revision, newest_when_asked):
                    del revisions[revision]  # It or its secret is gone, or it is the newest.
                elif secret.remove_revision(revision):
                    revisions[revision] = newest
                    is_asked = True
        except ops.ModelError as error:
            logger.warning('relation %d: old token stays, will retry: %s', relation_id, error)
        if not revisions:
            del self._obsolete[relation_id]
        return is_asked

    def _relation(self, relation_id: int) -> ops.Relation:
        relation = self.model.get_relation(self._relation_name, relation_id)
        assert relation is not None  # ops returns a dead relation rather than none.
        return relation


def _digest(token: pydantic.SecretStr) -> str:
    return hashlib.sha256(token.get_secret_value().encode()).hexdigest()
