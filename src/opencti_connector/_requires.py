# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""OpenCTI's end of the relation."""

import logging
from collections.abc import Collection, MutableMapping

import ops
import pydantic

from . import _errors, _events, _schema
from ._connector import RelatedConnector, user_name
from ._secret import unread_secret

logger = logging.getLogger(__name__)


class OpenctiRequires(ops.Object):
    """The requirer end of the `opencti_connector` interface, for the OpenCTI charm.

    Create it in the charm's `__init__`. On the leader it emits events as connectors come, change
    and go; the charm answers each with `publish_connection`.

    The events in `on`:

    - `connector_available`: `ConnectorAvailableEvent`
    - `connector_invalid`: `ConnectorInvalidEvent`
    - `connector_removed`: `ConnectorRemovedEvent`

    Args:
        charm: The charm that has the endpoint.
        relation_name: The endpoint's name in the charm's metadata.

    Raises:
        ValueError: if the charm does not require an endpoint `relation_name`.
    """

    on = _events.OpenctiRequiresEvents()  # type: ignore[reportAssignmentType]
    _stored = ops.StoredState()

    def __init__(self, charm: ops.CharmBase, *, relation_name: str = 'opencti-connector'):
        super().__init__(charm, relation_name)
        if relation_name not in charm.meta.requires:
            raise ValueError(
                f"relation_name: the charm's metadata has no endpoint {relation_name!r} under "
                "'requires', which is OpenCTI's end of the interface"
            )
        self._charm = charm
        self._relation_name = relation_name
        # The account of each relation, by the relation's id: when the relation is gone, or was
        # gone before this unit became the leader, nothing else tells whose account it was.
        self._stored.set_default(accounts={})

        on_relation = charm.on[relation_name]
        for event in (
            on_relation.relation_created,
            on_relation.relation_joined,
            on_relation.relation_changed,
        ):
            self.framework.observe(event, self._on_relation_event)
        self.framework.observe(on_relation.relation_broken, self._on_relation_broken)
        for event in (
            charm.on.leader_elected,
            charm.on.upgrade_charm,
            charm.on.config_changed,
            charm.on.update_status,
        ):
            self.framework.observe(event, self._on_any_event)
        self.framework.observe(charm.on.secret_remove, self._on_secret_remove)

    @property
    def connectors(self) -> list[RelatedConnector]:
        """The related connectors that have validly said who they are, oldest relation first."""
        connectors: list[RelatedConnector] = []
        for relation in self._relations():
            try:
                connectors.append(RelatedConnector.read(relation))
            except _errors.OpenctiConnectorError:
                continue
        return connectors

    def publish_connection(
        self, relation: ops.Relation, *, url: str, token: str | pydantic.SecretStr
    ) -> None:
        """Publish where OpenCTI is, and the token with which a connector logs in.

        The token goes into a secret that is granted to the relation. Only what differs from what
        is already published is written, so call this as often as you like: a new token becomes a
        new revision of the same secret, which the connector picks up by itself. A secret whose id
        already stands in the databag is adopted.

        On a unit that is not the leader, and for a relation that is gone, this does nothing.

        Args:
            relation: The relation with the connector, as `event.relation` gives it.
            url: The `http://` or `https://` URL of OpenCTI; it is published as it is.
            token: The API token of the connector's own user in OpenCTI.

        Raises:
            ValueError: if the URL or the token is unusable; nothing is written then.
        """
        connection = _schema.OpenctiConnection.checked(url=url, token=token)
        if not relation.active or not relation.app or not self._charm.unit.is_leader():
            return
        secret_id = self._publish_token(relation, connection.token)
        data = _schema.ConnectionData(opencti_url=connection.url, opencti_token=secret_id)
        data.write(relation.data[self._charm.app])

    def withdraw_connection(self, relation: ops.Relation) -> None:
        """Take back what was published to a connector, and remove the secret with its token.

        On a unit that is not the leader, and for a relation that is gone, this does nothing.

        Args:
            relation: The relation with the connector.
        """
        if not relation.active or not self._charm.unit.is_leader():
            return
        self._remove_secret(relation)
        _schema.ConnectionData.clear(relation.data[self._charm.app])

    @property
    def _accounts(self) -> MutableMapping[int, str | None]:
        return self._stored.accounts  # type: ignore[reportReturnType]

    def _relations(self) -> list[ops.Relation]:
        relations = [r for r in self.model.relations[self._relation_name] if r.active]
        return sorted(relations, key=lambda relation: relation.id)

    def _on_relation_event(self, event: ops.RelationEvent) -> None:
        self._reconcile([event.relation])

    def _on_any_event(self, event: ops.EventBase) -> None:
        self._reconcile(self._relations())

    def _on_relation_broken(self, event: ops.RelationBrokenEvent) -> None:
        self._remember_account(event.relation)
        self._reconcile([])

    def _on_secret_remove(self, event: ops.SecretRemoveEvent) -> None:
        """Forget an old token, once no connector uses it any more."""
        # The charm's own secrets are the charm's business, even if a label of theirs looks alike.
        label, _, relation_id = (event.secret.label or '').rpartition('-')
        if label == f'{self._relation_name}-token' and relation_id.isdecimal():
            event.remove_revision()

    def _reconcile(self, relations: Collection[ops.Relation]) -> None:
        """Announce what the given relations' data amount to, and which relations are gone."""
        for relation in relations:
            self._remember_account(relation)
        # The other units only remember: should one become the leader, it may have to announce
        # the end of a relation that broke when it was not.
        if not self._charm.unit.is_leader():
            return
        for relation in relations:
            try:
                RelatedConnector.read(relation)
            except _errors.InvalidRelationData as error:
                self.on.connector_invalid.emit(self._relation_name, relation.id, str(error))
            except _errors.RelationDataMissing:
                continue
            else:
                self.on.connector_available.emit(self._relation_name, relation.id)
        self._announce_removals()

    def _remember_account(self, relation: ops.Relation) -> None:
        if self._accounts.get(relation.id) is None:
            # ops may not know the application; the secret is to be removed all the same.
            self._accounts[relation.id] = user_name(relation) if relation.app else None

    def _announce_removals(self) -> None:
        standing = {relation.id for relation in self._relations()}
        for relation_id in sorted(self._accounts.keys() - standing):
            relation = self.model.get_relation(self._relation_name, relation_id)
            assert relation is not None  # ops returns a dead relation rather than none.
            self._remove_secret(relation)
            account = self._accounts.pop(relation_id)
            if account is None:
                logger.warning('relation %d is gone, and with whom it was is unknown', relation_id)
                continue
            self.on.connector_removed.emit(self._relation_name, relation_id, account)

    def _publish_token(self, relation: ops.Relation, token: pydantic.SecretStr) -> str:
        """Bring the secret up to date and return its id."""
        content = _schema.secret_content(token)
        secret = self._find_secret(relation)
        if secret is None:
            secret = self._charm.app.add_secret(content, label=self._secret_label(relation))
        elif secret.get_content() != content:
            secret.set_content(content)
        secret_id = secret.id or secret.get_info().id
        if secret_id != _schema.published_secret_id(relation.data[self._charm.app]):
            secret.grant(relation)
        return secret_id

    def _find_secret(self, relation: ops.Relation) -> ops.Secret | None:
        """Find the secret of a relation, its newest content read: by its id or by its label."""
        label = self._secret_label(relation)
        secret_id = _schema.published_secret_id(relation.data[self._charm.app])
        if secret_id is not None:
            # With the label, a secret that was made without one can be found when the relation,
            # and with it the published id, is gone.
            secret = unread_secret(self.framework, secret_id, label)
            try:
                secret.get_content(refresh=True)
                return secret
            except ops.ModelError:
                logger.warning('the secret published to relation %d is gone', relation.id)
        try:
            secret = self.model.get_secret(label=label)
        except ops.SecretNotFoundError:
            return None
        secret.get_content(refresh=True)
        return secret

    def _secret_label(self, relation: ops.Relation) -> str:
        return f'{self._relation_name}-token-{relation.id}'

    def _remove_secret(self, relation: ops.Relation) -> None:
        # With the secret goes every grant of it: there is nothing to revoke beforehand.
        secret = self._find_secret(relation)
        if secret is not None:
            secret.remove_all_revisions()
