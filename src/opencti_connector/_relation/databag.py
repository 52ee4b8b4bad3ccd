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
    return read_databag(relation, relation.app) or {}


def read_databag(relation: ops.Relation, app: ops.Application) -> Mapping[str, str] | None:
    """Return an application's databag; `None` for the own one if this unit is not the leader."""
    try:
        databag = relation.data[app]
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


def is_gone(relation: ops.Relation, unit: ops.Unit) -> bool:
    """Return whether a relation is gone although Juju lists it.

    This happens across models, and after a removal with `--force`. Juju then refuses each databag,
    and since ops 3.9 a refused databag looks empty. But so are all databags of a new relation. So
    if both applications' look empty, Juju itself has to say, of the remote one: it sends a unit's
    own databag back when the hook ends, even if it was merely read, which fails if the relation
    goes meanwhile (`FinalSettings` in internal/worker/uniter/runner/context).
    """
    if not relation.app or any(read_databag(relation, app) for app in (relation.app, unit.app)):
        return False
    try:
        unit._backend.relation_get(relation.id, relation.app.name, is_app=True)
    except ops.ModelError as error:
        return _juju.is_refusal(error)
    return False
