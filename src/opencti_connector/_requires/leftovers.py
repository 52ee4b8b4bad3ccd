# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Removes what nobody needs any more: secrets of relations that are gone, and old revisions."""

import logging
from collections.abc import Callable, Mapping, MutableSequence
from typing import Any

import ops

from .. import _juju, _relation
from . import token_secret
from .decisions import Answer, Publication

logger = logging.getLogger(__name__)


class Leftovers(ops.Object):
    """Removes secrets and revisions before the publisher writes."""

    _stored: Any = ops.StoredState()

    def __init__(
        self,
        charm: ops.CharmBase,
        endpoint: ops.Object,
        relation_name: str,
        secret_of: Callable[[ops.Relation], token_secret.TokenSecret],
    ):
        super().__init__(endpoint, 'leftovers')
        self._relation_name = relation_name
        self._secret_of = secret_of
        self._stored.set_default(ended=[])
        self._ended: MutableSequence[int] = self._stored.ended
        self._removed: set[int] = set()
        self._old_revision: tuple[int, ops.SecretRemoveEvent] | None = None
        self.trimmed: int | None = None
        """The relation of whose secret this hook removes a revision, if of any."""
        self.framework.observe(charm.on.secret_remove, self._on_secret_remove)
        self.framework.observe(charm.on.secret_changed, self._on_secret_changed)

    @property
    def are_there(self) -> bool:
        """Whether there is anything to remove in this hook."""
        return self._old_revision is not None or bool(set(self._ended) - self._removed)

    def end(self, relation_id: int) -> None:
        """Remove the secret of a relation that is gone."""
        if relation_id not in self._ended:
            self._ended.append(relation_id)

    def remove(self, unwritten: Mapping[int, ops.Relation], answers: Mapping[int, Answer]) -> None:
        """Remove what can be removed in a hook with these answers, some of them unwritten yet."""
        for relation_id in set(self._ended) - self._removed:
            self._remove_secret(relation_id)
        old, self._old_revision = self._old_revision, None
        if old is None:
            return
        relation_id, event = old
        relation, answer = unwritten.get(relation_id), answers.get(relation_id, 'withdraw')
        try:
            if relation is None:
                is_harmless = relation_id not in answers  # Else the status was asked early.
            else:
                is_harmless = not self._would_be_lost(relation, answer)
            if is_harmless and token_secret.remove_old(event, self.model.juju_version):
                self.trimmed = relation_id
        except ops.ModelError as error:
            logger.warning('relation %d: old token not removed: %s', relation_id, error)

    def _would_be_lost(self, relation: ops.Relation, answer: Answer) -> bool:
        """Return whether Juju would lose what the answer writes beside a removal.

        An old revision stays if its hook also makes a new token. Juju does not report it again,
        and it goes with its secret.
        """
        is_published = self._secret_of(relation).is_published  # Juju will not find it afterwards.
        is_made = isinstance(answer, Publication) and answer.is_made
        return is_made or (answer != 'withdraw' and not is_published)

    def _remove_secret(self, relation_id: int) -> None:
        """Remove the secret, in each hook until it is gone: a hook that fails undoes the removal.

        A suspended cross-model relation can come back. Then its secret stays.
        """
        self._removed.add(relation_id)
        relation = self.model.get_relation(self._relation_name, relation_id)
        assert relation is not None  # ops returns a dead relation rather than none.
        try:
            is_back = relation.active and not _relation.is_gone(relation, self.model.unit)
            if is_back or not self._secret_of(relation).remove():
                self._ended.remove(relation_id)
        except ops.ModelError as error:
            logger.warning('relation %d: secret not removed, will retry: %s', relation_id, error)

    def _on_secret_remove(self, event: ops.SecretRemoveEvent) -> None:
        relation_id = token_secret.relation_of(self._relation_name, event.secret.label)
        if relation_id is not None:  # The charm's own secrets are left alone.
            self._old_revision = relation_id, event

    def _on_secret_changed(self, event: ops.SecretChangedEvent) -> None:
        """Let go of the old revision of a token that this unit has read.

        Juju tells an owner of a change only if it has read the secret: to adopt it, or in a charm
        without this library. Until it reads again, that revision never becomes obsolete.
        """
        try:
            # Juju 4.0 may tell the label that the secret had when this unit read it
            # (`GetSecretConsumerAndLatest` in domain/secret/service/consume.go). A read with that
            # label makes the leader set it again. So each of these asks by the id alone.
            secret = _juju.unread_secret(self.framework, secret_id=event.secret.id)
            info = token_secret.info_of(secret)
            label = event.secret.label if info is None else info.label
            if token_secret.relation_of(self._relation_name, label) is not None:
                secret.get_content(refresh=True)
        except ops.ModelError as error:
            logger.warning('%s: old token stays, will retry: %s', event.secret.id, error)
