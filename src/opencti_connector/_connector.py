# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From a relation to the connector at its other end, as OpenCTI's side sees it."""

import dataclasses

import ops
from typing_extensions import Self

from . import _schema


@dataclasses.dataclass(frozen=True)
class RelatedConnector:
    """A connector that is related to OpenCTI and has said who it is."""

    relation_id: int
    """The id of the relation, unique in the model."""

    app_name: str
    """The name of the connector's application, as this model knows it."""

    details: _schema.ConnectorDetails
    """What the connector says of itself."""

    user_name: str
    """A name for the connector's account, see `user_name`."""

    @classmethod
    def read(cls, relation: ops.Relation) -> Self:
        """Read the connector's details from a relation.

        Raises:
            errors.InvalidRelationData: if the connector wrote something unusable.
            errors.RelationDataMissing: if it has not written all of its details.
        """
        details = _schema.ConnectorDetails.read(_schema.remote_databag(relation))
        return cls(relation.id, relation.app.name, details, user_name(relation))


def user_name(relation: ops.Relation) -> str:
    """Return the name of the account that belongs to a relation.

    It is made of what the connector can neither choose nor change: the application's name, for
    people, and the relation's id, which makes it unique.
    """
    return f'charm-connector-{relation.app.name}-{relation.id}'
