# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""OpenCTI's end of the relation."""

import datetime
import logging
from collections.abc import Callable, Collection

import ops
import pydantic

from .. import _events, _relation
from . import accounts, decisions, events, problems, publisher, token_secret
from .connector import ConnectorState, RelatedConnector

logger = logging.getLogger(__name__)


class OpenctiRequires(ops.Object):
    """The requirer end of the `opencti_connector` interface, for the OpenCTI charm.

    Create it in the charm's `__init__`. On the leader it emits events when connectors come, change
    and go, and the charm answers with `publish_connection`. A charm that reconciles goes through
    `connectors` instead. When the charm's handlers are done, before its status is collected, the
    library writes once. For each relation the last call counts.

    On a unit that is not the leader, `connectors` and `get_status` work. It emits no events, and
    publishes and withdraws nothing.

    The events in `on`:

    - `connector_available`: `ConnectorAvailableEvent`
    - `connector_invalid`: `ConnectorInvalidEvent`
    - `connector_removed`: `ConnectorRemovedEvent`
    - `connector_token_due`: `ConnectorTokenDueEvent`

    Args:
        charm: The charm that has the endpoint.
        relation_name: The endpoint's name in the charm's metadata.

    Raises:
        TypeError: if `charm` is not a charm.
        ValueError: if the charm does not require an endpoint `relation_name` with the interface
            `opencti_connector`.
    """

    on = events.OpenctiRequiresEvents()  # type: ignore[reportAssignmentType]

    def __init__(self, charm: ops.CharmBase, *, relation_name: str = 'opencti-connector'):
        _relation.check_metadata(charm, 'requires', relation_name)
        super().__init__(charm, relation_name)
        _events.let_events_ask(self, relation_name)
        self._relation_name = relation_name
        self._accounts = accounts.Accounts(self, relation_name)
        self._problems = problems.Problems(
            self, relation_name, self._connector_of, lambda: self.connectors
        )
        self._publisher = publisher.Publisher(
            charm, self, relation_name, self._problems.touch_written
        )

        on, related = charm.on, charm.on[relation_name]
        for event in related.relation_created, related.relation_joined, related.relation_changed:
            self.framework.observe(event, self._on_relation_event)
        self.framework.observe(related.relation_departed, self._on_relation_departed)
        self.framework.observe(related.relation_broken, self._on_relation_broken)
        for event in on.leader_elected, on.upgrade_charm, on.config_changed, on.update_status:
            self.framework.observe(event, self._on_any_event)
        self.framework.observe(on.secret_expired, self._on_secret_expired)

    @property
    def connectors(self) -> list[RelatedConnector]:
        """Every related connector, oldest relation first.

        Those without valid details are included, because their accounts are still in use. So are
        those whose relation a dying unit has left, because its application keeps the relation.
        """
        relations = self.model.relations[self._relation_name]  # ops leaves out one that is broken.
        found = {r.id: self._read(r) for r in filter(self._stands, relations)}
        listed = {relation.id for relation in relations}
        if self._accounts.unit_is_leaving(unreadable=listed - found.keys()):
            for relation, account in self._accounts.without(found):
                found[relation.id] = RelatedConnector.remembered(relation, account)
        return [found[relation_id] for relation_id in sorted(found)]

    def publish_connection(
        self,
        relation: ops.Relation,
        *,
        url: str,
        token: str | pydantic.SecretStr | Callable[[], str | pydantic.SecretStr],
        expire: datetime.datetime | datetime.timedelta | None = None,
    ) -> bool:
        """Publish OpenCTI's URL, and the token with which a connector logs in.

        The token goes into a secret that is granted to the relation. Only what differs from the
        published data is written, so call this as often as you like. A new token is a new revision
        of the same secret, which the connector reads by itself. A secret whose id is already in
        the databag is adopted.

        A token that was made can be lost: Juju refuses to store it (the log says so, and the
        status waits), or the hook fails later. The next hook makes another. So give each
        connector an account of its own, and let the callable, or a later hook, revoke the
        account's other tokens.

        Args:
            relation: The relation with the connector, as `event.relation` gives it.
            url: The `http://` or `https://` URL of OpenCTI; it is published as it is.
            token: The API token of the connector's own user in OpenCTI, or a callable that makes
                one. It is called only if no usable token is published: the secret is missing,
                expired, withdrawn or without a token. If it raises an error, this call raises it
                and changes nothing: an earlier withdrawal still counts.
            expire: When the token is due, as a time or as a time from now; `connector_token_due`
                then tells. It is set where the published token has no expiry, and never prolonged.
                A text that replaces a token with an expiry gets it in the next hook.

        Returns:
            Whether the call counts. It does not on a unit that is not the leader, for a relation
            that is gone or about to end, while Juju cannot tell what is published or refuses it,
            and when this hook has already written something else for this relation or removed an
            old revision of its secret. A later hook may succeed.

        Raises:
            TypeError: if `relation` is not a relation, or `expire` not a time.
            ValueError: if the relation belongs to another endpoint, or the URL, the token or
                `expire` is unusable. Nothing is written then.
        """
        _relation.check_relation(relation, self._relation_name)
        _relation.check_url(url)
        expires = decisions.checked_expire(expire)
        if not callable(token):
            token = _relation.checked_token(token)
        return self._can_answer(relation) and self._publisher.publish(
            relation, url, token, expires
        )

    def withdraw_connection(self, relation: ops.Relation) -> bool:
        """Withdraw a connector's connection, so that it can no longer read the token.

        Args:
            relation: The relation with the connector.

        Returns:
            Whether the call counts. It does not on a unit that is not the leader, and for a
            relation that is gone.

        Raises:
            TypeError: if `relation` is not a relation.
            ValueError: if it belongs to another endpoint.
        """
        _relation.check_relation(relation, self._relation_name)
        return self._can_answer(relation) and self._publisher.withdraw(relation)

    def emit_current(self) -> None:
        """Emit the events for all connectors that are related now, and for those that are gone.

        Call it when OpenCTI becomes able to act: its container is ready, or its API answers again.
        On a unit that is not the leader this does nothing.
        """
        self._on_any_event()

    def get_status(self) -> ops.StatusBase:
        """Return what the relations mean for the unit's status, for `collect-unit-status`.

        Returns:
            Blocked if a connector wrote something unusable; waiting while a connector has not said
            who it is, or has no connection yet; else active, also without relations. The message
            names the oldest such relation.

        What was published in this hook is written first, if it was not yet, so that the status
        never says more than what was written.
        """
        self._publisher.flush()
        return self._problems.status()

    def _stands(self, relation: ops.Relation) -> bool:
        """Return whether a relation can be used; ops may not know the remote application yet."""
        return bool(relation.active and relation.app and not self._is_gone(relation))

    def _is_gone(self, relation: ops.Relation) -> bool:
        return _relation.is_gone(relation, self.model.unit)

    def _read(self, relation: ops.Relation) -> RelatedConnector:
        is_answered = self._publisher.is_answered(relation)
        return RelatedConnector.read(relation, is_answered=is_answered)

    def _connector_of(self, relation: ops.Relation) -> RelatedConnector | None:
        return self._read(relation) if self._stands(relation) else None

    def _can_answer(self, relation: ops.Relation) -> bool:
        return self.model.unit.is_leader() and self._stands(relation)

    def _on_relation_event(self, event: ops.RelationEvent) -> None:
        self._publisher.doubt(event.relation.id)
        self._problems.touch(event.relation.id)
        self._reconcile([event.relation])

    def _on_any_event(self, _: ops.EventBase | None = None) -> None:
        self._problems.touch_all()
        self._reconcile(self.model.relations[self._relation_name])

    def _on_relation_departed(self, event: ops.RelationDepartedEvent) -> None:
        if event.departing_unit == self.model.unit:
            self._accounts.note_departure()
        elif self._is_gone(event.relation):  # Removed with --force: nothing more is told.
            self._on_relation_event(event)

    def _on_relation_broken(self, event: ops.RelationBrokenEvent) -> None:
        self._accounts.remember(event.relation)
        self._problems.touch(event.relation.id)
        self._reconcile([])

    def _on_secret_expired(self, event: ops.SecretExpiredEvent) -> None:
        """Announce that a token is due, unless it was already replaced or withdrawn.

        Juju reports an expired revision until it is removed, even if a newer one exists. It is
        removed only at `secret-remove`, when nobody reads it any more: a deployed connector fails
        for good if the revision that it read last is gone.
        """
        relation_id = token_secret.relation_of(self._relation_name, event.secret.label)
        relations = self.model.relations[self._relation_name]
        relation = next((r for r in relations if r.id == relation_id), None)
        if relation is None or not self._can_answer(relation):
            return
        try:
            is_due = self._publisher.is_due(relation, event.revision)
        except ops.ModelError as error:
            logger.warning('relation %d: expiry not handled yet: %s', relation.id, error)
            return
        if is_due:
            self.on.connector_token_due.emit(self._relation_name, relation.id)

    def _reconcile(self, relations: Collection[ops.Relation]) -> None:
        """Emit the events that fit the data of these relations, and those for relations gone."""
        leads = self.model.unit.is_leader()
        relations = sorted(relations, key=lambda relation: relation.id)
        gone = {relation.id for relation in relations if leads and self._is_gone(relation)}
        for relation in relations:
            # Even one that is gone: this unit may have forgotten it with its pod.
            self._accounts.remember(relation, is_gone=relation.id in gone)
        # Other units only remember the accounts: one that becomes the leader may have to announce
        # the end of a relation.
        if not leads:
            return
        for relation in relations:
            if relation.id in gone or not relation.app:
                continue
            connector = self._read(relation)
            if connector.state is ConnectorState.INVALID:
                self.on.connector_invalid.emit(self._relation_name, relation.id, connector.error)
            elif connector.details is not None:
                self.on.connector_available.emit(self._relation_name, relation.id)
        if self._accounts.unit_is_leaving(gone):
            return
        listed = {r.id for r in self.model.relations[self._relation_name]}
        while ended := self._accounts.relation_ids - (listed - gone):  # A handler may emit others.
            relation_id = min(ended)
            self._publisher.end(relation_id)
            account = self._accounts.forget(relation_id, is_listed=relation_id in listed)
            if account is None:
                logger.warning('relation %d is gone, its application is unknown', relation_id)
            else:
                self.on.connector_removed.emit(self._relation_name, relation_id, account)
