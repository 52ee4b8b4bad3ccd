# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Decides what to publish for each connector, and writes it once."""

import dataclasses
import datetime
import logging
from collections.abc import Callable, MutableMapping, MutableSet
from typing import Any

import ops
import pydantic

from .. import _juju, _relation
from . import leftovers, token_secret
from .decisions import Answer, Publication

logger = logging.getLogger(__name__)


class Publisher(ops.Object):
    """Writes the charm's answers to connectors after the charm's handlers, before its status.

    ops collects the statuses in each hook, after all other handlers. An answer that comes later
    is written at once. `on_change` is told each relation in which something changes, or should.
    """

    _stored: Any = ops.StoredState()

    def __init__(
        self,
        charm: ops.CharmBase,
        endpoint: ops.Object,
        relation_name: str,
        on_change: Callable[[int], None],
    ):
        super().__init__(endpoint, 'publisher')
        self._on_change = on_change
        self._relation_name = relation_name
        self._stored.set_default(withdrawals=set(), failed=set(), confirmed={})
        # The relations whose withdrawal no later hook has confirmed: a hook can still fail.
        self._withdrawals: MutableSet[int] = self._stored.withdrawals
        # Those of which only a part may be written: a secret without its grant, say.
        self._failed: MutableSet[int] = self._stored.failed
        # What an earlier hook has found published, and left as it is: the URL, and whether the
        # secret expires. What this hook writes is not confirmed, because Juju may refuse it when
        # the hook ends. Nor is a token that the charm gives as a text: only Juju knows whether it
        # is new, and new content has no expiry.
        self._confirmed: MutableMapping[int, tuple[str, bool]] = self._stored.confirmed
        self._secrets: dict[int, token_secret.TokenSecret] = {}
        self._leftovers = leftovers.Leftovers(charm, endpoint, relation_name, self._secret_of)
        self._answers: dict[int, Answer] = {}
        self._unwritten: dict[int, ops.Relation] = {}
        self._due: set[int] = set()
        self._revoked: set[int] = set()
        self._changed: set[int] = set()
        self._is_flushed = False
        for event in charm.on.leader_elected, charm.on.upgrade_charm, charm.on.update_status:
            self.framework.observe(event, self._on_others_may_have_written)
        self.framework.observe(charm.on.collect_app_status, self.flush)
        self.framework.observe(charm.on.collect_unit_status, self.flush)

    def publish(
        self,
        relation: ops.Relation,
        url: str,
        token: pydantic.SecretStr | Callable[[], str | pydantic.SecretStr],
        expire: datetime.datetime | None,
    ) -> bool:
        """Publish a connection, see `OpenctiRequires`, and return whether the call counts."""
        try:
            if not self._can_publish(relation):
                return False
            kept = self._kept(relation, url, expire) if callable(token) else None
        except ops.ModelError as error:
            logger.warning('relation %d: not published, will retry: %s', relation.id, error)
            return False
        if not callable(token):
            return self._decide(relation, Publication(url, token, expire=expire))
        if kept is not None:
            return self._decide(relation, kept)
        made = _relation.checked_token(token())
        return self._decide(relation, Publication(url, made, is_made=True, expire=expire))

    def withdraw(self, relation: ops.Relation) -> bool:
        """Withdraw a connection, and return whether the call counts."""
        self.doubt(relation.id)
        return self._decide(relation, 'withdraw')

    def end(self, relation_id: int) -> None:
        """Remove the secret of a relation that is gone."""
        self._withdrawals.discard(relation_id)
        self._failed.discard(relation_id)
        self._leftovers.end(relation_id)

    def is_due(self, relation: ops.Relation, expired_revision: int) -> bool:
        """Return whether the published token is the expired one. If so, the next replaces it."""
        is_due = self._secret_of(relation).published_revision == expired_revision
        if is_due:
            self._due.add(relation.id)
            self.doubt(relation.id)  # The next may come in a later hook.
        return is_due

    def is_answered(self, relation: ops.Relation) -> bool | None:
        """Return whether the connection is published, as far as it was written.

        `None` on a unit that is not the leader: only the leader can read its own databag.
        """
        if not self.model.unit.is_leader():
            return None
        if relation.id in self._failed:
            return False
        if relation.id in self._confirmed:
            return True
        databag = _relation.read_databag(relation, self.model.app)
        return None if databag is None else _relation.ConnectionData.is_complete(databag)

    def doubt(self, relation_id: int) -> None:
        """Look at what is published in this relation, even if an earlier hook has done so."""
        self._confirmed.pop(relation_id, None)

    def flush(self, _: ops.EventBase | None = None) -> None:
        """Write what was decided and not written yet."""
        is_first, self._is_flushed = not self._is_flushed, True
        unwritten, self._unwritten = self._unwritten, {}
        if is_first and self._withdrawals:
            relations = self.model.relations[self._relation_name]
            unwritten = {r.id: r for r in relations if r.id in self._withdrawals} | unwritten
        if not (unwritten or self._leftovers.are_there):
            return
        if not self.model.unit.is_leader():
            self._confirmed.clear()
            self._withdrawals.clear()
            # What an earlier hook began is the next leader's: it stands, or is decided anew.
            for relation_id in unwritten.keys() & self._answers.keys():
                self._fail(relation_id, 'this unit no longer leads')
            return
        trimmed_before = self._leftovers.trimmed
        self._leftovers.remove(unwritten, self._answers)
        for relation in unwritten.values():
            if relation.id == trimmed_before:  # Juju does not find its secret in this hook.
                self._withdrawals.add(relation.id)
            else:
                self._write(relation)

    def _secret_of(self, relation: ops.Relation) -> token_secret.TokenSecret:
        """Return the secret of a relation, the same object for the whole hook."""
        fresh = token_secret.TokenSecret(self.framework, relation)
        return self._secrets.setdefault(relation.id, fresh)

    def _is_confirmed(self, relation: ops.Relation, answer: Publication) -> bool:
        """Return whether what an answer needs is known to be published."""
        url, expires = self._confirmed.get(relation.id, (None, False))
        is_kept = answer.token is None and answer.url == url
        return is_kept and (expires or answer.expire is None)

    def _can_publish(self, relation: ops.Relation) -> bool:
        """Return whether Juju takes what a publication writes, as far as this hook can tell.

        In `relation-departed` the relation may be about to end. Juju 3.6 then refuses a grant,
        which fails the hook. If the relation stays, the next hook grants. In no hook does Juju
        grant what was revoked before, or find a secret of which it was to remove a revision.
        """
        if self._is_flushed and relation.id in self._failed and relation.id in self._answers:
            return False  # It failed in this hook, and the log says so.
        if relation.id in self._revoked:
            logger.warning('relation %d: withdrawn in this hook, not published', relation.id)
            return False
        if relation.id == self._leftovers.trimmed:
            logger.warning('relation %d: old token removed, not published', relation.id)
            return False
        is_departing = _juju.is_in_relation_departed(relation)
        return not is_departing or self._secret_of(relation).is_published

    def _kept(
        self, relation: ops.Relation, url: str, expire: datetime.datetime | None
    ) -> Publication | None:
        """Return what to publish without a new token; `None` if one has to be made."""
        is_withdrawn = relation.id in self._withdrawals
        before = self._answers.get(relation.id, 'withdraw' if is_withdrawn else None)
        if isinstance(before, Publication) and before.token is not None:
            return dataclasses.replace(before, url=url)
        kept = Publication(url, None, expire=expire)
        is_usable = self._is_confirmed(relation, kept) or self._secret_of(relation).is_usable
        is_kept = is_usable and before != 'withdraw' and relation.id not in self._due
        return kept if is_kept else None

    def _decide(self, relation: ops.Relation, answer: Answer) -> bool:
        """Keep an answer until it is written, and return whether it counts."""
        before = self._answers.get(relation.id) if self._is_flushed else None
        if isinstance(answer, Publication) and isinstance(before, Publication):
            # Juju may lose a token that is written to a secret for a second time.
            if before.token not in (None, answer.token):
                logger.warning('relation %d: a token was written in this hook', relation.id)
                return False
            if answer == before:
                return True
        self._answers[relation.id] = answer
        self._unwritten[relation.id] = relation
        if not self._is_flushed:
            return True
        self.flush()
        return relation.id not in self._failed

    def _write(self, relation: ops.Relation) -> None:
        answer = self._answers.get(relation.id, 'withdraw')  # Which an earlier hook began.
        is_withdrawing = False
        if answer == 'withdraw':
            self._withdrawals.add(relation.id)
        try:
            if isinstance(answer, Publication):
                self._write_publication(relation, answer)
            elif is_withdrawing := self._secret_of(relation).withdraw():
                self._revoked.add(relation.id)
                self._on_change(relation.id)
        except ops.ModelError as error:
            self._fail(relation.id, str(error))
            return
        # Discarding would be stored in any case.
        if relation.id in self._failed and (answer == 'withdraw' or self._may_grant(relation)):
            self._failed.discard(relation.id)
            self._on_change(relation.id)
        if relation.id in self._withdrawals and not is_withdrawing:
            self._withdrawals.discard(relation.id)

    def _write_publication(self, relation: ops.Relation, answer: Publication) -> None:
        if self._is_confirmed(relation, answer):
            return
        self.doubt(relation.id)
        secret, may_grant = self._secret_of(relation), self._may_grant(relation)
        if secret.publish(answer, may_grant=may_grant):
            self._changed.add(relation.id)
            self._on_change(relation.id)
        elif answer.token is None and may_grant and relation.id not in self._changed:
            self._confirmed[relation.id] = (answer.url, secret.expires)

    def _may_grant(self, relation: ops.Relation) -> bool:
        is_trimmed = relation.id == self._leftovers.trimmed
        return not (is_trimmed or _juju.is_in_relation_departed(relation))

    def _fail(self, relation_id: int, reason: str) -> None:
        self._failed.add(relation_id)
        self._on_change(relation_id)
        answer, secret = self._answers.get(relation_id), self._secrets.get(relation_id)
        is_made = isinstance(answer, Publication) and answer.is_made
        is_kept = secret is not None and secret.keeps_token
        lost = '; the token that was made for it is lost' if is_made and not is_kept else ''
        logger.warning('relation %d: not written, will retry: %s%s', relation_id, reason, lost)

    def _on_others_may_have_written(self, event: ops.EventBase) -> None:
        # Another leader, another version of the charm, or a person. So a grant that was lost, say,
        # comes back by `update-status` at the latest.
        self._confirmed.clear()
        if isinstance(event, ops.LeaderElectedEvent):
            # Those that a deferred event has begun in this hook stay.
            for relation_id in set(self._withdrawals) - self._answers.keys():
                self._withdrawals.discard(relation_id)
