# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The connector charm's end of the relation."""

import functools
import uuid
from typing import TypeAlias

import ops

from .. import _errors, _events, _juju, _relation
from . import events

# The connection, and the connector's id: a hook reads both, or neither.
_Usable: TypeAlias = tuple[_relation.OpenctiConnection, str]


class ConnectorProvides(ops.Object):
    """The provider end of the `opencti_connector` interface, for connector charms.

    Create it in the charm's `__init__`. On the leader it publishes who the connector is, and it
    emits events when OpenCTI publishes, changes or withdraws the connection. Other units get no
    connection: only the leader can read its application's own databag. Nor does any unit while
    the application has more than one, because OpenCTI accepts a connector's id only once.

    The events in `on`:

    - `opencti_connection_available`: `OpenctiConnectionAvailableEvent`
    - `opencti_connection_invalid`: `OpenctiConnectionInvalidEvent`
    - `opencti_connection_removed`: `OpenctiConnectionRemovedEvent`

    Args:
        charm: The charm that has the endpoint.
        connector_type: The connector's type, a `ConnectorType` or its value.
        relation_name: The endpoint's name in the charm's metadata.
        connector_charm_name: The charm's name, as published to OpenCTI. By default the name in
            the charm's metadata.

    Raises:
        TypeError: if `charm` is not a charm.
        ValueError: if `connector_type` or `connector_charm_name` is not usable, or the charm
            does not provide an endpoint `relation_name` with the interface `opencti_connector`.
    """

    on = events.ConnectorProvidesEvents()  # type: ignore[reportAssignmentType]
    _stored = ops.StoredState()

    def __init__(
        self,
        charm: ops.CharmBase,
        connector_type: _relation.ConnectorType | str,
        *,
        relation_name: str = 'opencti-connector',
        connector_charm_name: str | None = None,
    ):
        _relation.check_metadata(charm, 'provides', relation_name)
        super().__init__(charm, relation_name)
        self._details = _relation.ConnectorDetails.checked(
            connector_charm_name=connector_charm_name or charm.meta.name,
            connector_type=connector_type,
        )
        self._relation_name = relation_name
        # To notice a withdrawal, the unit has to remember that there was a connection.
        self._stored.set_default(connected_to=None)
        self._outcome: _Usable | _errors.OpenctiConnectorError | None = None
        _events.let_events_ask(self, relation_name)

        on, related = charm.on, charm.on[relation_name]
        for event in (
            related.relation_created,
            related.relation_joined,
            related.relation_changed,
            related.relation_broken,
            on.leader_elected,
            on.upgrade_charm,
            on.config_changed,
            on.update_status,
            on.secret_changed,
        ):
            self.framework.observe(event, self._on_possible_change)

    @property
    def relation(self) -> ops.Relation | None:
        """The relation with OpenCTI; the oldest one if there are several."""
        return next(iter(self._relations), None)

    @property
    def connector_id(self) -> str | None:
        """The UUID by which OpenCTI knows this connector, the same for the relation's life.

        `None` without a relation, before it was published, and on units that are not the leader.
        """
        relation = self.relation
        if relation is None or not self._is_leader:
            return None
        return _relation.published_connector_id(_relation.read_databag(relation, self.model.app))

    @property
    def connection(self) -> _relation.OpenctiConnection | None:
        """The connection to OpenCTI, or `None` if there is no usable one."""
        try:
            return self.get_connection()
        except _errors.OpenctiConnectorError:
            return None

    def get_connection(self) -> _relation.OpenctiConnection:
        """Return the connection to OpenCTI; only the first call in a hook costs anything.

        Raises:
            RelationMissing: if there is no relation.
            TooManyRelations: if there is more than one.
            TooManyUnits: if the application has, or is to have, more than one unit.
            NotLeader: if this unit is not the leader.
            RelationDataMissing: if OpenCTI has not published all of its data.
            SecretUnavailable: if the token's secret does not exist, or is not granted (yet).
            SecretReadFailed: if Juju could not answer.
            InvalidRelationData: if what OpenCTI published is unusable.
            NotReady: if the connector's own details are not published (yet).
        """
        connection, _ = self._read_once()
        return connection

    def environment(self) -> dict[str, str]:
        """Return the environment variables that OpenCTI's connectors require.

        Source: "Connectors" in OpenCTI's documentation. `CONNECTOR_NAME` is the application's
        name, as with all connector charms.

        Returns:
            `OPENCTI_URL`, `OPENCTI_TOKEN` (in plain text), `CONNECTOR_ID`, `CONNECTOR_NAME` and
            `CONNECTOR_TYPE`.

        Raises:
            OpenctiConnectorError: if there is no usable connection, see `get_connection`.
        """
        connection, connector_id = self._read_once()
        return {
            'OPENCTI_URL': connection.url,
            'OPENCTI_TOKEN': connection.token.get_secret_value(),
            'CONNECTOR_ID': connector_id,
            'CONNECTOR_NAME': self.model.app.name,
            'CONNECTOR_TYPE': self._details.connector_type.value,
        }

    def get_status(self) -> ops.StatusBase:
        """Return what the relation means for the unit's status, for `collect-unit-status`.

        Returns:
            Active with a usable connection; blocked if a person must act (relate, scale down, or
            fix what OpenCTI published); else waiting.
        """
        try:
            self.get_connection()
        except _errors.OpenctiConnectorError as error:
            return error.status
        return ops.ActiveStatus()

    @property
    def _relations(self) -> list[ops.Relation]:
        # ops leaves out one that is broken, but not one that was removed with --force.
        listed = sorted(self.model.relations[self._relation_name], key=lambda r: r.id)
        return [r for r in listed if not _relation.is_gone(r, self.model.unit)]

    def _read_once(self) -> _Usable:
        """Return what the first call in a hook read, or raise its error."""
        if self._outcome is None:
            try:
                self._outcome = self._read()
            except _errors.OpenctiConnectorError as error:
                self._outcome = error
        if isinstance(self._outcome, _errors.OpenctiConnectorError):
            raise self._outcome.with_traceback(None)  # Else each raise adds to the last one's.
        return self._outcome

    def _read(self) -> _Usable:
        relation = self._usable_relation()
        data = _relation.ConnectionData.read(_relation.remote_databag(relation))
        # Always the newest revision. A read that Juju 4.0 refuses makes this unit a consumer of
        # the revision of that moment, and a read without refresh after the grant would return it.
        content = _juju.read_secret(
            self.framework, data.opencti_token, 'the secret with the token'
        )
        token = _relation.token_of(content)
        databag = _relation.read_databag(relation, self.model.app)
        if databag is None:
            raise _not_leader()  # Since this hook asked.
        connector_id = _relation.published_connector_id(databag)
        if connector_id is None:
            raise _errors.NotReady("waiting for the connector's details to be published")
        return _relation.OpenctiConnection(url=data.opencti_url, token=token), connector_id

    def _usable_relation(self) -> ops.Relation:
        """Return the relation if this unit can work with it, else raise an error that says why."""
        relations = self._relations
        if not relations:
            raise _errors.RelationMissing(
                f'missing relation {self._relation_name}: integrate with OpenCTI'
            )
        if len(relations) > 1:
            raise _errors.TooManyRelations(
                f'{len(relations)} relations {self._relation_name}: remove all but one'
            )
        if self._has_many_units:
            raise _errors.TooManyUnits(
                'connector charm cannot have multiple units, scale down to one with '
                '`juju scale-application`, or `juju remove-unit` on machines'
            )
        if not self._is_leader:
            raise _not_leader()
        return relations[0]

    @functools.cached_property
    def _has_many_units(self) -> bool:
        # Juju tells no unit when another one comes, so each hook has to ask: once.
        try:
            return self.model.app.planned_units() > 1
        except (ops.ModelError, RuntimeError, ValueError):
            return False  # goal-state can fail in models with cross-model relations (juju#21152).

    @functools.cached_property
    def _is_leader(self) -> bool:
        # Each call is a round trip, and Juju guarantees leadership for 30 seconds: ask once.
        return self.model.unit.is_leader()

    def _on_possible_change(self, event: ops.EventBase) -> None:
        """Publish the connector's details, and emit the event that fits OpenCTI's data."""
        self._outcome = None
        ids = [relation.id for relation in self._relations]
        if self._stored.connected_to not in ids:  # Juju does not tell each end, see `is_gone`.
            self._announce_removal()
        if not ids:
            return
        try:
            self._publish_details(self._usable_relation())
            self.get_connection()
        except _errors.InvalidRelationData as error:
            self.on.opencti_connection_invalid.emit(self._relation_name, ids[0], str(error))
        except (_errors.RelationDataMissing, _errors.SecretUnavailable):
            self._announce_removal()
        except _errors.OpenctiConnectorError:
            return  # Nothing is known to have changed, or a person must act first.
        else:
            if self._stored.connected_to != ids[0]:  # Even an equal value would be stored.
                self._stored.connected_to = ids[0]
            self.on.opencti_connection_available.emit(self._relation_name, ids[0])

    def _publish_details(self, relation: ops.Relation) -> None:
        databag = _relation.read_databag(relation, self.model.app)
        if databag is None:
            return
        connector_id = _relation.published_connector_id(databag) or str(uuid.uuid4())
        # The copy is not validated: an id that is already in the databag stays, valid or not.
        details = self._details.model_copy(update={'connector_id': connector_id})
        self._outcome = None  # A handler of a removal may have read without them.
        try:
            details.write(relation.data[self.model.app])
        except ops.ModelError as error:
            # The relation is gone: across models, which ops since 3.9 shows only on a write, or
            # after `juju remove-application --force` during this hook.
            if not _juju.is_refusal(error):
                raise

    def _announce_removal(self) -> None:
        """Emit the removal of the connection, if there was one."""
        relation_id = self._stored.connected_to
        if relation_id is not None:
            self._stored.connected_to = None
            self.on.opencti_connection_removed.emit(self._relation_name, relation_id)


def _not_leader() -> _errors.NotLeader:
    return _errors.NotLeader('waiting for this unit to become the leader')
