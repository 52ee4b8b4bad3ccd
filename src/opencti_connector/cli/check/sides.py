# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which application is the connector, and who wrote the data that a unit shows.

`juju show-unit` says neither. Juju 3 shows a unit what the *other* application wrote, Juju 4 what
its *own* one wrote, and the output does not tell which Juju it is from. The keys tell which side
wrote them; names tell which application is on that side.
"""

import difflib
import enum
import functools
import re
from collections.abc import Iterable, Mapping

from ... import _relation
from .dump import show_unit


class Side(str, enum.Enum):
    """A side of the relation."""

    CONNECTOR = 'connector'
    OPENCTI = 'opencti'

    def __str__(self) -> str:
        return 'the connector' if self is Side.CONNECTOR else 'OpenCTI'

    @property
    def label(self) -> str:
        """The side's name at the beginning of a line."""
        return 'The connector' if self is Side.CONNECTOR else 'OpenCTI'

    @property
    def other(self) -> 'Side':
        """The side at the other end."""
        return Side.OPENCTI if self is Side.CONNECTOR else Side.CONNECTOR

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that this side writes."""
        return tuple(model(self).model_fields)


def model(side: Side) -> type[_relation.ConnectorDetails] | type[_relation.ConnectionData]:
    """Return the library's own model of what a side writes."""
    return _relation.ConnectorDetails if side is Side.CONNECTOR else _relation.ConnectionData


KNOWN = tuple(key for side in Side for key in side.keys)


@functools.lru_cache(4096)
def meant(key: str) -> str | None:
    """Return the key of the interface that this is, or that it seems to be meant as."""
    plain = re.sub('[^a-z0-9]+', '_', key.lower()).strip('_')
    return next(iter(difflib.get_close_matches(plain, KNOWN, 1, 0.85)), None)


def writers(databag: Mapping[str, str]) -> set[Side]:
    """Return the sides whose keys a databag holds, also if they are spelled wrong."""
    keys = {meant(key) for key in databag}
    return {side for side in Side if keys.intersection(side.keys)}


def writer(databag: Mapping[str, str]) -> Side | None:
    """Return the side that wrote a databag, or `None` if its keys do not say."""
    found = writers(databag)
    return found.pop() if len(found) == 1 else None


def by_names(app: str, charm: str, data: Mapping[str, str], others: Iterable[str]) -> Side | None:
    """Return the side of an application, as far as names tell.

    Args:
        app: The application's name.
        charm: The name of its charm.
        data: What one of the two applications wrote.
        others: The names of the applications at the other end.
    """
    if charm and data.get('connector_charm_name') == charm:
        return Side.CONNECTOR
    for side in (_by_name(charm), _by_name(app)):
        if side is not None:
            return side
    for other in others:
        side = None if show_unit.is_of_another_model(other) else _by_name(other)
        if side is not None:
            return side.other
    return None


def _by_name(name: str) -> Side | None:
    if name.endswith('connector'):
        return Side.CONNECTOR
    return Side.OPENCTI if name.startswith('opencti') else None
