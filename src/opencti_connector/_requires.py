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
from ._connector import ConnectorState, RelatedConnector, user_name

logger = logging.getLogger(__name__)


class OpenctiRequires(ops.Object):
    """The requirer end of the `opencti_connector` interface, for the OpenCTI charm.

    Create it in the charm's `__init__`. On the leader it emits events as connectors come, change
    and go; the charm answers with `publish_connection`. A charm that reconciles as a whole goes
    through `connectors` instead. What was decided is written when the hook ends, after the charm's
    handlers: each relation ends as the last call for it says.

    A unit that is not the leader can look at `connectors` and `get_status`. It emits no events,
    and publishes and withdraws nothing.

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
        # The account of each relation, by the relation's id: when the relation is gone, or was
        # gone before this unit became the leader, nothing else tells whose account it was.
        self._stored.set_default(accounts={})
        self._stored.set_default(is_leaving=False)
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

        Those that have not said who they are, or not validly, are among them: their accounts are
        still in use. On a unit that is being removed, Juju takes away one relation after the
        other, though they stand for the application; they stay in this list.
        """
        standing = {r.id: RelatedConnector.read(r, self._charm.app) for r in self._relations()}
        if self._is_leaving:
            for relation_id, account in self._accounts.items():
                if account is not None and relation_id not in standing:
                    relation = self.model.get_relation(self._relation_name, relation_id)
                    assert relation is not None  # ops returns a dead relation rather than none.
                    standing[relation_id] = RelatedConnector.remembered(
                        relation, account, self._charm.app
                    )
        return [standing[relation_id] for relation_id in sorted(standing)]

    def publish_connection(
        self,
        relation: ops.Relation,
        *,
        url: str,
        token: str | pydantic.SecretStr | Callable[[], str | pydantic.SecretStr],
        expire: datetime.datetime | datetime.timedelta | None = None,
    ) -> None:
        """Publish where OpenCTI is, and the token with which a connector logs in.

        The token goes into a secret that is granted to the relation. Only what differs from what
        is already published is written, so call this as often as you like: a new token becomes a
        new revision of the same secret, which the connector picks up by itself. A secret whose id
        is already in the databag is adopted.

        On a unit that is not the leader, and for a relation that is gone, this does nothing.

        Args:
            relation: The relation with the connector, as `event.relation` gives it.
            url: The `http://` or `https://` URL of OpenCTI; it is published as it is.
            token: The API token of the connector's own user in OpenCTI, or a callable that makes
                one. The callable is asked only if no usable token is published: the secret is
                missing, expired, withdrawn or without a token. What it raises reaches the caller,
                and nothing is written for this relation then.
            expire: When Juju is to say that the token is due, as a time or as a time from now. It
                is set with each new token; a token that is repeated keeps the expiry it has.

        Raises:
            TypeError: if `relation` is not a relation, or `expire` not a time.
            ValueError: if the relation is of another endpoint, or the URL, the token or `expire`
                is unusable. Nothing is written then.
        """
        _endpoint.check_relation(relation, self._relation_name)
        _schema.check_url(url)
        expire = _answer.checked_expire(expire)
        value = None if callable(token) else _schema.checked_token(token)
        if not self._can_answer(relation):
            return
        before = _answer.answers.get(relation)
        if value is not None:
            is_new = relation.id in self._due or (
                expire is not None and self._publisher.is_new(relation, value)
            )
        elif isinstance(before, _answer.Publication):
            value, is_new = before.token, before.is_new
        else:
            try:
                is_new = before == 'withdraw' or self._lacks_token(relation)
            except ops.ModelError as error:
                logger.warning('relation %d: not published, will retry: %s', relation.id, error)
                return
            if is_new and not self._publisher.can_grant(relation):
                return  # The relation may be about to end; this is no time to make a token.
            if is_new and callable(token):
                value = _schema.checked_token(token())
        _answer.answers[relation] = _answer.Publication(url, value, is_new, expire)

    def withdraw_connection(self, relation: ops.Relation) -> None:
        """Take back what was published to a connector, so that it cannot read the token any more.

        On a unit that is not the leader, and for a relation that is gone, this does nothing.

        Args:
            relation: The relation with the connector.

        Raises:
            TypeError: if `relation` is not a relation.
            ValueError: if it is a relation of another endpoint.
        """
        _endpoint.check_relation(relation, self._relation_name)
        if self._can_answer(relation):
            _answer.answers[relation] = 'withdraw'

    def announce(self) -> None:
        """Emit the events for all that is there now, and for what is gone.

        For the hook in which the platform becomes able to act: its container is ready, its API
        answers again. On a unit that is not the leader this does nothing.
        """
        self._reconcile(self._relations())

    def get_status(self) -> ops.StatusBase:
        """Return what the relations mean for the unit's status, for `collect-unit-status`.

        Returns:
            Blocked if a connector wrote something unusable; waiting while a connector has not said
            who it is, or has no connection yet; else active, without relations too. The message
            names the first relation that is concerned.
        """
        by_state = {connector.state: connector for connector in reversed(self.connectors)}
        for state, status in _STATUSES.items():
            if state in by_state:
                connector = by_state[state]
                problem = connector.error or 'waiting for its connection to be published'
                where = f'relation {connector.relation.id} with {connector.app_name}'
                return status(f'{where}: {problem}')
        return ops.ActiveStatus()

    @property
    def _accounts(self) -> MutableMapping[int, str | None]:
        return self._stored.accounts  # type: ignore[reportReturnType]

    @functools.cached_property
    def _is_leaving(self) -> bool:
        """Whether this unit is, or may be, about to be removed.

        A unit that leaves runs `relation-broken` for relations that go on: it takes nothing away.
        """
        if self._stored.is_leaving:
            return True
        standing = {relation.id for relation in self.model.relations[self._relation_name]}
        is_breaking = _unit.is_in_relation_broken()
        if not (is_breaking or self._accounts.keys() - standing):
            return False
        if not self._charm.unit.is_leader():
            return False
        is_dying = _unit.is_dying(self._charm.unit)
        if is_dying:
            self._stored.is_leaving = True
        # Where Juju cannot say, the next hook will show whether the relation is gone.
        return is_breaking if is_dying is None else is_dying

    def _relations(self) -> list[ops.Relation]:
        # ops leaves out the one that breaks, and may not know yet with whom a relation is.
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
        """Announce that a token is due, unless it was replaced already.

        Juju tells of a revision that has expired until it is removed, new content or not. It is
        removed when Juju says that nobody reads it any more, with `secret-remove`: deployed
        connectors fail for good where the revision is gone that they read last.
        """
        relation_id = _token_secret.relation_of(self._relation_name, event.secret.label)
        relation = next((r for r in self._relations() if r.id == relation_id), None)
        if relation is None or not self._charm.unit.is_leader():
            return
        try:
            newest = self._publisher.secret(relation).newest_revision
        except ops.ModelError as error:
            logger.warning('relation %d: expiry not handled yet: %s', relation.id, error)
            return
        if newest == event.revision:
            self._due.add(relation.id)
            self.on.connector_token_due.emit(self._relation_name, relation.id)

    def _reconcile(self, relations: Collection[ops.Relation]) -> None:
        """Announce what the given relations' data amount to, and which relations are gone."""
        for relation in relations:
            self._remember_account(relation)
        # The other units only remember: should one become the leader, it may have to announce
        # the end of a relation that broke when it was not.
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
            # ops may not know the application; the secret is to be removed all the same.
            self._accounts[relation.id] = user_name(relation) if relation.app else None

    def _announce_removals(self) -> None:
        standing = {relation.id for relation in self.model.relations[self._relation_name]}
        for relation_id in sorted(self._accounts.keys() - standing):
            self._publisher.end(relation_id)
            account = self._accounts.pop(relation_id)
            if account is None:
                logger.warning('relation %d is gone, and with whom it was is unknown', relation_id)
                continue
            self.on.connector_removed.emit(self._relation_name, relation_id, account)


_STATUSES = {
    ConnectorState.INVALID: ops.BlockedStatus,
    ConnectorState.SILENT: ops.WaitingStatus,
    ConnectorState.UNANSWERED: ops.WaitingStatus,
}
