# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a charm decided in this hook to answer to a connector.

Juju queues the writes of secrets to the end of the hook, one entry for each secret, and loses some
orders of them: a removal that follows new content, a grant that follows a revocation. So the
endpoint notes what the charm wants, relation by relation, and writes once, when the hook ends.
"""

import dataclasses
import datetime
import weakref
from typing import Literal, TypeAlias

import ops
import pydantic


@dataclasses.dataclass(frozen=True)
class Publication:
    """The connection is to be published."""

    url: str

    token: pydantic.SecretStr | None
    """The token; `None` to keep the published one."""

    is_new: bool
    """Whether the token was made in this hook. If not, the charm repeated an old one."""

    expire: datetime.datetime | None
    """When Juju is to say that the token is due."""


Answer: TypeAlias = Publication | Literal['withdraw']

# By ops' relation object, which lives as long as the hook.
answers: weakref.WeakKeyDictionary[ops.Relation, Answer] = weakref.WeakKeyDictionary()


def checked_expire(
    expire: datetime.datetime | datetime.timedelta | None,
) -> datetime.datetime | None:
    """Return when a token is to expire, with a time zone: without one, Juju takes it for UTC.

    Raises:
        TypeError: if this is not a time.
        ValueError: if it is a time from now that is not positive.
    """
    if isinstance(expire, datetime.timedelta):
        if expire <= datetime.timedelta():
            raise ValueError('expire: must be a positive time from now')
        return datetime.datetime.now(tz=datetime.timezone.utc) + expire
    if expire is None:
        return None
    if not isinstance(expire, datetime.datetime):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError('expire: must be a datetime.datetime or a datetime.timedelta')
    return expire.astimezone(datetime.timezone.utc)
