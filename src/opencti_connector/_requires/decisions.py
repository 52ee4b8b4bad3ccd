# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the charm decided in this hook about a connector.

Juju queues the writes of secrets until the hook ends, one entry for each secret, and so loses some
of them: new content that is set before a removal, a grant that follows a revocation. So the
publisher keeps the charm's last decision for each relation, and writes once, after the charm's
handlers.
"""

import dataclasses
import datetime
from typing import Literal, TypeAlias

import pydantic


@dataclasses.dataclass(frozen=True)
class Publication:
    """The connection is to be published."""

    url: str

    token: pydantic.SecretStr | None
    """The token; `None` to keep the published one."""

    is_made: bool = False
    """Whether the token was made in this hook. If not, the charm repeated one."""

    expire: datetime.datetime | None = None
    """When a made token expires: Juju then reports that it is due."""


Answer: TypeAlias = Publication | Literal['withdraw']


def checked_expire(
    expire: datetime.datetime | datetime.timedelta | None,
) -> datetime.datetime | None:
    """Return when a token expires, in UTC: Juju assumes UTC for a time without a time zone."""
    if expire is None:
        return None
    if not isinstance(expire, (datetime.datetime, datetime.timedelta)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError('expire: must be a datetime.datetime or a datetime.timedelta')
    utc = datetime.timezone.utc
    now = datetime.datetime.now(tz=utc)
    try:
        time = now + expire if isinstance(expire, datetime.timedelta) else expire.astimezone(utc)
    except (OverflowError, ValueError):
        raise ValueError('expire: must be in the years 1 to 9999') from None
    if time <= now:
        raise ValueError('expire: must be in the future')
    return time
