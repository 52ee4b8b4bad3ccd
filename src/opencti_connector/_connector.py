# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From a relation to the connector at its other end, as OpenCTI's side sees it."""

import dataclasses
import enum
from collections.abc import Sequence

import ops
from typing_extensions import Self

from . import _answer, _databag, _errors, _schema


class ConnectorState(str, enum.Enum):
    """What a connector and OpenCTI have published so far."""

    SILENT = 'silent'
    """The connector has not said who it is."""

    INVALID = 'invalid'
    """The connector wrote something unusable; `RelatedConnector.error` says what."""

    UNANSWERED = 'unanswered'
    """The connector has said who it is, and waits for its connection."""

    ANSWERED = 'answered'
    """The connection is published."""

    def __str__(self) -> str:
        return self.value


@dataclasses.dataclass(frozen=True)
class RelatedConnector:
    """A connector that is related to OpenCTI, with or without valid details."""

    relation: ops.Relation
    """The relation with the connector."""

    app_name: str
    """The name of the connector's application, as this model knows it.

    Juju calls an application of another model `remote-` and 32 hexadecimal digits.
    """

    user_name: str
    """A name for the connector's account, unique for the relation, and the same for its life."""

    details: _schema.ConnectorDetails | None
    """What the connector published about itself; `None` if nothing, or nothing valid."""

    error: str | None
    """Why there are no details, without the value that was written; `None` if there are."""

    _app: ops.Application = dataclasses.field(repr=False)
    _is_invalid: bool = dataclasses.field(default=False, repr=False)

    @classmethod
    def read(cls, relation: ops.Relation, app: ops.Application) -> Self:
        """Read what the connector wrote to a relation.

        Args:
            relation: The relation with the connector.
            app: This charm's application.
        """
        names = relation.app.name, user_name(relation)
        try:
            details = _schema.ConnectorDetails.read(_databag.remote_databag(relation))
        except _errors.OpenctiConnectorError as error:
            is_invalid = isinstance(error, _errors.InvalidRelationData)
            return cls(relation, *names, None, str(error), app, is_invalid)
        return cls(relation, *names, details, None, app)

    @classmethod
    def remembered(cls, relation: ops.Relation, account: str, app: ops.Application) -> Self:
        """Return what is known of a connector whose relation a dying unit has left."""
        app_name = account.removeprefix('charm-connector-').removesuffix(f'-{relation.id}')
        return cls(relation, app_name, account, None, 'this unit is being removed', app)

    @property
    def state(self) -> ConnectorState | None:
        """What both sides have published so far, counting what was decided in this hook.

        On a unit that is not the leader it is `None` for a connector that has said who it is: only
        the leader can read what OpenCTI published.
        """
        if self.details is None:
            return ConnectorState.INVALID if self._is_invalid else ConnectorState.SILENT
        answer = _answer.answers.get(self.relation)
        if answer is not None:
            is_answered = answer != 'withdraw'
        else:
            published = _databag.own_databag(self.relation, self._app)
            if published is None:
                return None
            is_answered = _schema.ConnectionData.is_complete(published)
        return ConnectorState.ANSWERED if is_answered else ConnectorState.UNANSWERED


_STATUSES = {
    ConnectorState.INVALID: ops.BlockedStatus,
    ConnectorState.SILENT: ops.WaitingStatus,
    ConnectorState.UNANSWERED: ops.WaitingStatus,
}


def unit_status(connectors: Sequence[RelatedConnector]) -> ops.StatusBase:
    """Return what connectors mean for the unit's status: the worst state counts.

    Args:
        connectors: The connectors. Of those in the worst state, the message names the first.
    """
    by_state = {connector.state: connector for connector in reversed(connectors)}
    for state, status in _STATUSES.items():
        if state in by_state:
            connector = by_state[state]
            problem = connector.error or 'waiting for its connection to be published'
            where = f'relation {connector.relation.id} with {connector.app_name}'
            return status(f'{where}: {problem}')
    return ops.ActiveStatus()


def user_name(relation: ops.Relation) -> str:
    """Return the name of the account that belongs to a relation.

    It consists of what the connector can neither choose nor change: the application's name, for
    people, and the relation's id, which makes it unique.
    """
    return f'charm-connector-{relation.app.name}-{relation.id}'
