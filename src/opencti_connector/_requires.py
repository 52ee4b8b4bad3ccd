# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""OpenCTI's end of the relation."""

import datetime
import functools
import logging
from collections.abc import Callable, Collection, MutableMapping

import ops
import pydantic

from . import _answer, _databag, _endpoint, _events, _publisher, _schema, _token_secret, _unit
from ._connector import ConnectorState, RelatedConnector, unit_status, user_name

logger = logging.getLogger(__name__)


class OpenctiRequires(ops.Object):
    """The requirer end of the `opencti_connector` interface, for the OpenCTI charm.

    Create it in the charm's `__init__`. On the leader it emits events when connectors come, change
    and go, and the charm answers with `publish_connection`. A charm that reconciles goes through
    `connectors` instead. When the charm's handlers are done, at ops' `pre_commit`, the library
    writes once. For each relation the last call counts.

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

    on = _events.OpenctiRequiresEvents()  # type: ignore[reportAssignmentType]
    _stored = ops.StoredState()

    def __init__(self, charm: ops.CharmBase, *, relation_name: str = 'opencti-connector'):
        _endpoint.check(charm, 'requires', relation_name)
        super().__init__(charm, relation_name)
        self._charm = charm
        self._relation_name = relation_name
        # The account of each relation, by the relation's id: when the relation is gone, nothing
        # else tells whose account it was.
        self._stored.set_default(accounts={}, is_leaving=False)
        self._publisher = _publisher.Publisher(charm, self, relation_name)
        self._due: set[int] = set()

        on_relation = charm.on[relation_name]
        for event in (
            on_relation.relation_created,
            on_relation.relation_joined,
            on_relation.relation_changed,
        ):
            self.framework.observe(event, self._on_relation_event)
        self.framework.observe(on_relation.relation_departed, self._on_relation_departed)
        self.framework.observe(on_relation.relation_broken, self._on_relation_broken)
        for event in (
            charm.on.leader_elected,
            charm.on.upgrade_charm,
            charm.on.config_changed,
            charm.on.update_status,
        ):
            self.framework.observe(event, self._on_any_event)
        self.framework.observe(charm.on.secret_expired, self._on_secret_expired)

    @property
    def connectors(self) -> list[RelatedConnector]:
        """Every related connector, oldest relation first.

        Those without valid details are included, because their accounts are still in use. So are
        those whose relation a dying unit has left, because its application keeps the relation.
        """
        found = {r.id: RelatedConnector.read(r, self._charm.app) for r in self._relations()}
        if self._is_leaving:
            for relation_id, account in self._accounts.items():
                if account is not None and relation_id not in found:
                    relation = self.model.get_relation(self._relation_name, relation_id)
                    assert relation is not None  # ops returns a dead relation rather than none.
                    found[relation_id] = RelatedConnector.remembered(
                        relation, account, self._charm.app
                    )
        return [found[relation_id] for relation_id in sorted(found)]

    def publish_connection(
        self,
        relation: ops.Relation,
        *,
        url: str,
        token: str | pydantic.SecretStr | Callable[[], str | pydantic.SecretStr],
        expire: datetime.datetime | datetime.timedelta | None = None,
    ) -> None:
        """Publish OpenCTI's URL, and the token with which a connector logs in.

        The token goes into a secret that is granted to the relation. Only what differs from the
        published data is written, so call this as often as you like. A new token is a new revision
        of the same secret, which the connector reads by itself. A secret whose id is already in
        the databag is adopted.

        On a unit that is not the leader, and for a relation that is gone, this does nothing.

        Args:
            relation: The relation with the connector, as `event.relation` gives it.
            url: The `http://` or `https://` URL of OpenCTI; it is published as it is.
            token: The API token of the connector's own user in OpenCTI, or a callable that makes
                one. It is called only if no usable token is published: the secret is missing,
                expired, withdrawn or without a token. If it raises an error, this call raises it
                and changes nothing: an earlier withdrawal still counts.
            expire: When the token is due, as a time or as a time from now. Each new token gets it
                as its secret's expiry; a repeated token keeps the expiry that it has.

        Raises:
            TypeError: if `relation` is not a relation, or `expire` not a time.
            ValueError: if the relation belongs to another endpoint, or the URL, the token or
                `expire` is unusable. Nothing is written then.
        """
        _endpoint.check_relation(relation, self._relation_name)
        _schema.check_url(url)
        expire = _answer.checked_expire(expire)
        value = None if callable(token) else _schema.checked_token(token)
        if not self._can_answer(relation):
            return
        before = self._publisher.answer(relation)
        if value is not None:
            is_new = relation.id in self._due or (
                expire is not None and self._publisher.is_new(relation, value)
            )
        elif isinstance(before, _answer.Publication):
            value, is_new = before.token, before.is_new
        else:
            try:
                is_new = self._lacks_token(relation) or before == 'withdraw'
            except ops.ModelError as error:
                logger.warning('relation %d: not published, will retry: %s', relation.id, error)
                return
            if is_new and not self._publisher.can_grant(relation):
                return  # The relation may be about to end, so make no token.
            if is_new and callable(token):
                value = _schema.checked_token(token())
        _answer.answers[relation] = _answer.Publication(url, value, is_new, expire)

    def withdraw_connection(self, relation: ops.Relation) -> None:
        """Withdraw a connector's connection, so that it can no longer read the token.

        On a unit that is not the leader, and for a relation that is gone, this does nothing.

        Args:
            relation: The relation with the connector.

        Raises:
            TypeError: if `relation` is not a relation.
            ValueError: if it belongs to another endpoint.
        """
        _endpoint.check_relation(relation, self._relation_name)
        if self._can_answer(relation):
            _answer.answers[relation] = 'withdraw'

    def announce(self) -> None:
        """Emit the events for all connectors that are related now, and for those that are gone.

        Call it when OpenCTI becomes able to act: its container is ready, or its API answers again.
        On a unit that is not the leader this does nothing.
        """
        self._reconcile(self._relations())

    def get_status(self) -> ops.StatusBase:
        """Return what the relations mean for the unit's status, for `collect-unit-status`.

        Returns:
            Blocked if a connector wrote something unusable; waiting while a connector has not said
            who it is, or has no connection yet; else active, also without relations. The message
            names the oldest such relation.
        """
        return unit_status(self.connectors)

    @property
    def _accounts(self) -> MutableMapping[int, str | None]:
        return self._stored.accounts  # type: ignore[reportReturnType]

    @functools.cached_property
    def _is_leaving(self) -> bool:
        """Whether this unit is, or may be, about to be removed.

        A dying unit runs `relation-broken` for relations that its application keeps. It must not
        remove what belongs to them.
        """
        if self._stored.is_leaving:
            return True
        listed = {relation.id for relation in self.model.relations[self._relation_name]}
        is_breaking = _unit.is_in_relation_broken()
        if not (is_breaking or self._accounts.keys() - listed):
            return False
        if not self._charm.unit.is_leader():
            return False
        is_dying = _unit.is_dying(self._charm.unit)
        if is_dying:
            self._stored.is_leaving = True
        # If Juju cannot say, the next hook shows whether the relation is gone.
        return is_breaking if is_dying is None else is_dying

    def _relations(self) -> list[ops.Relation]:
        # ops leaves out one that is broken, and may not know the remote application yet.
        relations = self.model.relations[self._relation_name]
        return sorted((r for r in relations if r.app), key=lambda r: r.id)

    def _can_answer(self, relation: ops.Relation) -> bool:
        return bool(
            relation.active
            and relation.app
            and self._charm.unit.is_leader()
            and not _databag.is_gone(relation, self._charm.unit)
        )

    def _lacks_token(self, relation: ops.Relation) -> bool:
        return relation.id in self._due or not self._publisher.secret(relation).is_usable

    def _on_relation_event(self, event: ops.RelationEvent) -> None:
        self._reconcile([event.relation])

    def _on_any_event(self, event: ops.EventBase) -> None:
        self._reconcile(self._relations())

    def _on_relation_departed(self, event: ops.RelationDepartedEvent) -> None:
        if event.departing_unit == self._charm.unit:
            self._stored.is_leaving = True

    def _on_relation_broken(self, event: ops.RelationBrokenEvent) -> None:
        self._remember_account(event.relation)
        self._reconcile([])

    def _on_secret_expired(self, event: ops.SecretExpiredEvent) -> None:
        """Announce that a token is due, unless it was already replaced or withdrawn.

        Juju reports an expired revision until it is removed, even if a newer one exists. It is
        removed only at `secret-remove`, when nobody reads it any more: a deployed connector fails
        for good if the revision that it read last is gone.
        """
        relation_id = _token_secret.relation_of(self._relation_name, event.secret.label)
        relation = next((r for r in self._relations() if r.id == relation_id), None)
        if relation is None or not self._charm.unit.is_leader():
            return
        try:
            secret = self._publisher.secret(relation)
            is_due = secret.is_published and secret.newest_revision == event.revision
        except ops.ModelError as error:
            logger.warning('relation %d: expiry not handled yet: %s', relation.id, error)
            return
        if is_due:
            self._due.add(relation.id)
            self.on.connector_token_due.emit(self._relation_name, relation.id)

    def _reconcile(self, relations: Collection[ops.Relation]) -> None:
        """Emit the events that fit the data of these relations, and those for relations gone."""
        for relation in relations:
            self._remember_account(relation)
        # Other units only remember the accounts: one that becomes the leader may have to announce
        # the end of a relation.
        if not self._charm.unit.is_leader():
            return
        for relation in relations:
            if not relation.app:
                continue
            connector = RelatedConnector.read(relation, self._charm.app)
            if connector.state is ConnectorState.INVALID:
                self.on.connector_invalid.emit(
                    self._relation_name, relation.id, connector.error or ''
                )
            elif connector.details is not None:
                self.on.connector_available.emit(self._relation_name, relation.id)
        if not self._is_leaving:
            self._announce_removals()

    def _remember_account(self, relation: ops.Relation) -> None:
        if self._accounts.get(relation.id) is None:
            # Remember it even if ops does not know the application: its secret must be removed.
            self._accounts[relation.id] = user_name(relation) if relation.app else None

    def _announce_removals(self) -> None:
        listed = {relation.id for relation in self.model.relations[self._relation_name]}
        while gone := self._accounts.keys() - listed:  # A handler may `announce` the others.
            relation_id = min(gone)
            self._publisher.end(relation_id)
            account = self._accounts.pop(relation_id)
            if account is None:
                logger.warning('relation %d is gone, its application is unknown', relation_id)
            else:
                self.on.connector_removed.emit(self._relation_name, relation_id, account)
