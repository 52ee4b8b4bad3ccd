# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Writes once what was decided in a hook, and removes what is obsolete."""

import logging
from collections.abc import Callable, MutableMapping, MutableSequence, MutableSet

import ops

from .. import _juju, _relation
from . import decisions, token_secret

logger = logging.getLogger(__name__)


class Publisher(ops.Object):
    """Writes the charm's answers to connectors after the charm's handlers, before its status.

    ops collects the statuses in each hook, after all other handlers. An answer that comes later
    is written at once.

    Args:
        charm: The charm that has the endpoint.
        endpoint: The endpoint object.
        relation_name: The endpoint's name.
        on_change: Is called with the id of each relation in which something changes.
    """

    _stored = ops.StoredState()

    def __init__(
        self,
        charm: ops.CharmBase,
        endpoint: ops.Object,
        relation_name: str,
        on_change: Callable[[int], None],
    ):
        super().__init__(endpoint, 'publisher')
        self._charm = charm
        self._on_change = on_change
        self._relation_name = relation_name
        self._stored.set_default(ended=[], withdrawals=set(), confirmed={})
        self._answers: dict[int, decisions.Answer] = {}
        self._unwritten: dict[int, ops.Relation] = {}
        self._failed: set[int] = set()
        self._removed: set[int] = set()
        self._revoked: set[int] = set()
        self._trimmed: int | None = None
        self._unconfirmed: set[int] = set()
        self._old_revision: ops.SecretRemoveEvent | None = None
        self._secrets: dict[int, token_secret.TokenSecret] = {}
        self._is_flushed = False
        self.framework.observe(charm.on.leader_elected, self._on_leader_elected)
        for event in charm.on.upgrade_charm, charm.on.update_status:
            self.framework.observe(event, self._on_others_may_have_written)
        self.framework.observe(charm.on.secret_remove, self._on_secret_remove)
        self.framework.observe(charm.on.collect_app_status, self._on_collect_status)
        self.framework.observe(charm.on.collect_unit_status, self._on_collect_status)

    def answer(self, relation: ops.Relation) -> decisions.Answer | None:
        """Return the charm's answer in this hook, else a withdrawal that is not confirmed yet."""
        if relation.id not in self._answers and relation.id in self._withdrawals:
            return 'withdraw'
        return self._answers.get(relation.id)

    def can_publish(self, relation: ops.Relation) -> bool:
        """Return whether Juju takes what a publication writes.

        In `relation-departed` the relation may be about to end. Juju 3.6 then refuses a grant,
        which fails the hook. If the relation stays, the next hook grants. In no hook does Juju
        grant what was revoked before, or find a secret of which it was to remove a revision.
        """
        if relation.id in self._revoked:
            logger.warning('relation %d: withdrawn in this hook, not published', relation.id)
            return False
        if relation.id == self._trimmed:
            logger.warning('relation %d: old token removed, not published', relation.id)
            return False
        return self._can_grant(relation) or self._secret(relation).is_published

    def has_token(self, relation: ops.Relation) -> bool:
        """Return whether a token is published that can stay in use."""
        return self._is_confirmed(relation) or self._secret(relation).is_usable

    def has_newest(self, relation: ops.Relation, revision: int) -> bool:
        """Return whether the published secret's newest revision is this one."""
        secret = self._secret(relation)
        return secret.is_published and secret.newest_revision == revision

    def is_answered(self, relation: ops.Relation) -> bool | None:
        """Return whether the connection is published, as far as it was written.

        `None` on a unit that is not the leader: only the leader can read its own databag.
        """
        if not self._charm.unit.is_leader():
            return None
        if relation.id in self._failed:
            return False
        if self._is_confirmed(relation):
            return True
        databag = _relation.own_databag(relation, self._charm.app)
        return None if databag is None else _relation.ConnectionData.is_complete(databag)

    def decide(self, relation: ops.Relation, answer: decisions.Answer) -> bool:
        """Keep an answer until it is written, and return whether it was taken."""
        is_written = self._is_flushed and relation.id in self._answers
        if is_written and isinstance(answer, decisions.Publication):
            # Juju may lose what is written to a secret for a second time.
            if not answer.has_token_of(self._answers[relation.id]):
                logger.warning('relation %d: a token was written in this hook', relation.id)
                return False
            if answer == self._answers[relation.id] or relation.id in self._failed:
                return relation.id not in self._failed
        if answer == 'withdraw':
            self.doubt(relation.id)
        self._answers[relation.id] = answer
        self._unwritten[relation.id] = relation
        if self._is_flushed:
            self.flush()
        return relation.id not in self._failed

    def doubt(self, relation_id: int) -> None:
        """Look at what is published in this relation, even if an earlier hook has done so."""
        self._unconfirmed.add(relation_id)

    def forget(self, relation_id: int) -> None:
        """Forget what an earlier hook has found published, for this hook and the next."""
        self._confirmed.pop(relation_id, None)

    def end(self, relation_id: int) -> None:
        """Remove the secret of a relation that is gone."""
        if relation_id not in self._ended:
            self._ended.append(relation_id)

    def flush(self) -> None:
        """Write what was decided and not written yet."""
        is_first, self._is_flushed = not self._is_flushed, True
        unwritten, self._unwritten = self._unwritten, {}
        if is_first and self._withdrawals:
            relations = self.model.relations[self._relation_name]
            unwritten = {r.id: r for r in relations if r.id in self._withdrawals} | unwritten
        removal, self._old_revision = self._old_revision, None
        if not (unwritten or removal or set(self._ended) - self._removed):
            return
        if not self._charm.unit.is_leader():
            self._forget()
            for relation_id in unwritten:
                self._fail(relation_id, 'this unit no longer leads')
            return
        for relation_id in set(self._ended) - self._removed:
            self._remove_secret(relation_id)
        removing = removal and self._remove_old(removal, unwritten)
        for relation in unwritten.values():
            if relation.id == self._trimmed:  # Juju does not find its secret in this hook.
                self._withdrawals.add(relation.id)
            else:
                self._write(relation, is_removing=relation.id == removing)
        self._trimmed = removing or self._trimmed

    @property
    def _ended(self) -> MutableSequence[int]:
        return self._stored.ended  # type: ignore[reportReturnType]

    @property
    def _withdrawals(self) -> MutableSet[int]:
        """The relations whose withdrawal no later hook has confirmed: a hook can still fail."""
        return self._stored.withdrawals  # type: ignore[reportReturnType]

    @property
    def _confirmed(self) -> MutableMapping[int, tuple[str, bool]]:
        """What an earlier hook has found published, and left as it is.

        The URL, and whether the secret expires. What this hook writes is not confirmed, because
        Juju may refuse it when the hook ends. Nor is a token that the charm gives as a text: only
        Juju knows whether it is new, and new content has no expiry.
        """
        return self._stored.confirmed  # type: ignore[reportReturnType]

    def _is_confirmed(
        self, relation: ops.Relation, answer: decisions.Publication | None = None
    ) -> bool:
        """Return whether something is known to be published, or whatever an answer needs."""
        if relation.id in self._unconfirmed or relation.id not in self._confirmed:
            return False
        url, expires = self._confirmed[relation.id]
        return answer is None or (
            answer.token is None and url == answer.url and (expires or answer.expire is None)
        )

    def _on_leader_elected(self, event: ops.LeaderElectedEvent) -> None:
        self._forget()
        self._judge_again()

    def _on_others_may_have_written(self, event: ops.EventBase) -> None:
        # Another version of the charm, or a person. So a grant that was lost, say, comes back by
        # `update-status` at the latest.
        self._confirmed.clear()
        self._judge_again()

    def _judge_again(self) -> None:
        """Drop what a deferred event, which comes first, decided by what is forgotten now."""
        for relation_id in [*self._unwritten]:
            answer = self._answers[relation_id]
            if isinstance(answer, decisions.Publication) and answer.token is None:
                del self._answers[relation_id], self._unwritten[relation_id]

    def _forget(self) -> None:
        """Forget what another leader may have changed since."""
        for outdated in self._withdrawals, self._confirmed:
            if outdated:  # Clearing it would be stored in any case.
                outdated.clear()

    def _on_secret_remove(self, event: ops.SecretRemoveEvent) -> None:
        # The charm's own secrets are left alone, even if their labels look similar.
        if token_secret.relation_of(self._relation_name, event.secret.label) is not None:
            self._old_revision = event

    def _on_collect_status(self, event: ops.CollectStatusEvent) -> None:
        self.flush()

    def _can_grant(self, relation: ops.Relation) -> bool:
        return not _juju.is_in_relation_departed(relation)

    def _secret(self, relation: ops.Relation) -> token_secret.TokenSecret:
        """Return the secret of a relation, the same object for the whole hook."""
        if relation.id not in self._secrets:
            self._secrets[relation.id] = token_secret.TokenSecret(self.framework, relation)
        return self._secrets[relation.id]

    def _write(self, relation: ops.Relation, *, is_removing: bool) -> None:
        answer = self.answer(relation)
        is_unfinished = answer == 'withdraw'
        try:
            if isinstance(answer, decisions.Publication):
                self._publish(relation, answer, is_removing=is_removing)
            else:
                self._confirmed.pop(relation.id, None)
                is_unfinished = self._secret(relation).withdraw()
                if is_unfinished:
                    self._revoked.add(relation.id)
                    self._on_change(relation.id)
        except ops.ModelError as error:
            self._fail(relation.id, str(error))
        if is_unfinished:
            self._withdrawals.add(relation.id)
        elif relation.id in self._withdrawals:  # Discarding it would be stored in any case.
            self._withdrawals.discard(relation.id)

    def _publish(
        self, relation: ops.Relation, answer: decisions.Publication, *, is_removing: bool
    ) -> None:
        if self._is_confirmed(relation, answer):
            return
        self._confirmed.pop(relation.id, None)
        secret = self._secret(relation)
        may_grant = not is_removing and self._can_grant(relation)
        if secret.publish(answer, may_grant=may_grant):
            self._on_change(relation.id)
        elif answer.token is None:
            self._confirmed[relation.id] = (answer.url, secret.expires)

    def _fail(self, relation_id: int, reason: str) -> None:
        self._failed.add(relation_id)
        self._confirmed.pop(relation_id, None)
        answer = self._answers.get(relation_id)
        lost = ''
        if isinstance(answer, decisions.Publication) and answer.is_made:
            lost = '; the token that was made for it is lost'
        logger.warning('relation %d: not written, will retry: %s%s', relation_id, reason, lost)

    def _remove_secret(self, relation_id: int) -> None:
        """Remove the secret, in each hook until it is gone: a hook that fails undoes the removal.

        A suspended cross-model relation can come back. Then its secret stays.
        """
        self._removed.add(relation_id)
        relation = self.model.get_relation(self._relation_name, relation_id)
        assert relation is not None  # ops returns a dead relation rather than none.
        try:
            is_back = relation.active and not _relation.is_gone(relation, self._charm.unit)
            if is_back or not self._secret(relation).remove():
                self._ended.remove(relation_id)
                self._withdrawals.discard(relation_id)
        except ops.ModelError as error:
            logger.warning('relation %d: secret not removed, will retry: %s', relation_id, error)

    def _remove_old(
        self, event: ops.SecretRemoveEvent, unwritten: MutableMapping[int, ops.Relation]
    ) -> int | None:
        """Remove an old revision, and return the relation if Juju was asked to.

        Juju keeps one entry for each secret in a hook, and loses new content that comes before
        a removal. So an old revision stays if its hook also makes a new token. Juju does not
        report it again, and it goes with its secret.
        """
        relation_id = token_secret.relation_of(self._relation_name, event.secret.label)
        assert relation_id is not None
        relation = unwritten.get(relation_id)
        if relation is None and relation_id in self._answers:
            return None  # It was written already, as the status was asked early.
        try:
            if relation is not None:
                is_published = self._secret(relation).is_published
                answer = self.answer(relation)
                is_made = isinstance(answer, decisions.Publication) and answer.is_made
                if is_made or (answer != 'withdraw' and not is_published):
                    return None
            is_asked = token_secret.remove_old(event, self.model.juju_version)
        except ops.ModelError as error:
            logger.warning('relation %d: old token not removed: %s', relation_id, error)
            return None
        return relation_id if is_asked else None
