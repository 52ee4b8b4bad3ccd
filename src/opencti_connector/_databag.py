# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Reading a relation's application databags, whatever state the relation is in."""

from collections.abc import Mapping

import ops

from . import _refusal


def remote_databag(relation: ops.Relation) -> Mapping[str, str]:
    """Return the other side's application databag, or nothing where there is none to trust.

    ops may not know the remote application while a relation is set up or torn down, and a broken
    relation still shows data that no longer holds.
    """
    if not relation.active or not relation.app:
        return {}
    return _read(relation, relation.app) or {}


def own_databag(relation: ops.Relation, app: ops.Application) -> Mapping[str, str] | None:
    """Return the own application databag, or `None` if Juju does not give it out.

    That is so on a unit that is not the leader.
    """
    return _read(relation, app)


def is_gone(relation: ops.Relation, unit: ops.Unit) -> bool:
    """Return whether a relation is gone, though Juju lists it, as it can do across models.

    Nothing can be read of it then, and since ops 3.9 that looks as if nothing were there. Of a
    relation that stands, Juju tells at least the addresses of the own unit.
    """
    return not any(_read(relation, entity) for entity in (relation.app, unit.app, unit))


def _read(relation: ops.Relation, entity: ops.Application | ops.Unit) -> Mapping[str, str] | None:
    try:
        databag = relation.data[entity]
        databag.get('')  # Where it is empty, older ops asks only here who may read it.
        return dict(databag)
    except (ops.RelationDataError, KeyError):
        return None
    except ops.ModelError as error:
        # A relation that is gone in another model can still be listed; what it held is refused
        # (canonical/operator#2709).
        if _refusal.is_refusal(error):
            return None
        raise
