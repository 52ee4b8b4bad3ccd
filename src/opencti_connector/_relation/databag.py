# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Reading a relation's application databags, whatever state the relation is in."""

from collections.abc import Mapping

import ops

from .. import _juju


def remote_databag(relation: ops.Relation) -> Mapping[str, str]:
    """Return the remote application databag; empty if there is none, or none that still counts.

    ops may not know the remote application while a relation is set up or torn down. A broken
    relation still has data, but it is out of date.
    """
    if not relation.active or not relation.app:
        return {}
    return _read(relation, relation.app) or {}


def own_databag(relation: ops.Relation, app: ops.Application) -> Mapping[str, str] | None:
    """Return the local application databag, or `None` if this unit is not the leader.

    ops lets only the leader read it.
    """
    return _read(relation, app)


def is_gone(relation: ops.Relation, unit: ops.Unit) -> bool:
    """Return whether a relation is gone although Juju lists it, which happens across models.

    None of its databags can be read then; since ops 3.9 they look empty. The local unit databag
    of a relation that exists has at least the unit's addresses.
    """
    return not any(_read(relation, entity) for entity in (relation.app, unit.app, unit))


def _read(relation: ops.Relation, entity: ops.Application | ops.Unit) -> Mapping[str, str] | None:
    try:
        databag = relation.data[entity]
        databag.get('')  # Older ops checks only here who may read an empty databag.
        return dict(databag)
    except (ops.RelationDataError, KeyError):
        return None
    except ops.ModelError as error:
        # A cross-model relation that is gone can still be listed, but not be read
        # (canonical/operator#2709).
        if _juju.is_refusal(error):
            return None
        raise
