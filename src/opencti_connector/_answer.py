# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the charm decided in this hook about a connector.

Juju queues the writes of secrets until the hook ends, one entry for each secret, and so loses some
of them: new content that is set before a removal, a grant that follows a revocation. So the
endpoint keeps the charm's last decision for each relation, and writes once, when the hook ends.
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
    """When the secret expires: Juju then reports that the token is due."""


Answer: TypeAlias = Publication | Literal['withdraw']

# The keys are ops' relation objects, which live as long as the hook.
answers: weakref.WeakKeyDictionary[ops.Relation, Answer] = weakref.WeakKeyDictionary()


def checked_expire(
    expire: datetime.datetime | datetime.timedelta | None,
) -> datetime.datetime | None:
    """Return when a token expires, in UTC: Juju assumes UTC for a time without a time zone.

    Raises:
        TypeError: if `expire` is not a time.
        ValueError: if it is a time from now that is not positive, or a time that UTC cannot hold.
    """
    if expire is None:
        return None
    if not isinstance(expire, (datetime.datetime, datetime.timedelta)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError('expire: must be a datetime.datetime or a datetime.timedelta')
    try:
        if isinstance(expire, datetime.datetime):
            return expire.astimezone(datetime.timezone.utc)
        time = datetime.datetime.now(tz=datetime.timezone.utc) + expire
    except (OverflowError, ValueError):
        raise ValueError('expire: must be in the years 1 to 9999') from None
    if expire <= datetime.timedelta():
        raise ValueError('expire: must be a positive time from now')
    return time
