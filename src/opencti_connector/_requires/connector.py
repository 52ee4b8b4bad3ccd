# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From a relation to the connector at its other end, as OpenCTI's side sees it."""

import dataclasses
import enum

import ops
from typing_extensions import Self

from .. import _errors, _relation


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

    details: _relation.ConnectorDetails | None
    """What the connector published about itself; `None` if nothing, or nothing valid."""

    error: str | None
    """Why there are no details, without the value that was written; `None` if there are."""

    state: ConnectorState | None
    """What both sides have published, as it was when this was read.

    What `OpenctiRequires` was told to publish counts once it is written. On a unit that is not the
    leader this is `None` for a connector that has said who it is: only the leader can read what
    OpenCTI published.
    """

    @classmethod
    def read(cls, relation: ops.Relation, *, is_answered: bool | None) -> Self:
        """Read what the connector wrote; `is_answered` is `None` if this unit cannot know."""
        names = relation.app.name, user_name(relation)
        try:
            details = _relation.ConnectorDetails.read(_relation.remote_databag(relation))
        except _errors.InvalidRelationData as error:
            return cls(relation, *names, None, str(error), ConnectorState.INVALID)
        except _errors.RelationDataMissing as error:
            return cls(relation, *names, None, str(error), ConnectorState.SILENT)
        state = None
        if is_answered is not None:
            state = ConnectorState.ANSWERED if is_answered else ConnectorState.UNANSWERED
        return cls(relation, *names, details, None, state)

    @classmethod
    def remembered(cls, relation: ops.Relation, account: str) -> Self:
        """Return what is known of a connector whose relation a dying unit has left."""
        app_name = account.removeprefix('charm-connector-').removesuffix(f'-{relation.id}')
        error = 'this unit is being removed'
        return cls(relation, app_name, account, None, error, ConnectorState.SILENT)

    @property
    def problem(self) -> str | None:
        """What is missing, for a status; `None` if nothing is, as far as this unit knows."""
        is_waiting = self.state is ConnectorState.UNANSWERED
        problem = 'waiting for its connection to be published' if is_waiting else self.error
        return problem and f'relation {self.relation.id} with {self.app_name}: {problem}'


def user_name(relation: ops.Relation) -> str:
    """Return the name of the account that belongs to a relation.

    It consists of what the connector can neither choose nor change: the application's name, for
    people, and the relation's id, which makes it unique.
    """
    return f'charm-connector-{relation.app.name}-{relation.id}'
