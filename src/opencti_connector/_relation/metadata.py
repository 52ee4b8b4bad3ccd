# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Checks of what a charm passes to an endpoint object."""

from typing import Literal

import ops

INTERFACE = 'opencti_connector'


def check_metadata(
    charm: ops.CharmBase, role: Literal['provides', 'requires'], relation_name: str
) -> None:
    """Check that a charm's metadata has the endpoint, with the right interface."""
    if not isinstance(charm, ops.CharmBase):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f'charm: must be the charm itself (self), not {_kind(charm)}')
    endpoints = charm.meta.provides if role == 'provides' else charm.meta.requires
    endpoint = endpoints.get(relation_name)
    if endpoint is None:
        raise ValueError(
            f"relation_name: the charm's metadata has no endpoint {relation_name!r} under "
            f'{role!r}; add one with the interface {INTERFACE!r}'
        )
    if endpoint.interface_name != INTERFACE:
        raise ValueError(
            f'relation_name: the endpoint {relation_name!r} has the interface '
            f"{endpoint.interface_name!r} in the charm's metadata; it must be {INTERFACE!r}"
        )


def check_relation(relation: ops.Relation, relation_name: str) -> None:
    """Check that a relation belongs to an endpoint."""
    if not isinstance(relation, ops.Relation):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f'relation: must be an ops.Relation, not {_kind(relation)}')
    if relation.name != relation_name:
        raise ValueError(
            f'relation: must belong to the endpoint {relation_name!r}, not to {relation.name!r}'
        )


def _kind(value: object) -> str:
    return f'the class {value.__name__}' if isinstance(value, type) else type(value).__name__
