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
    """The token; `None` to keep the one that stands published."""

    is_new: bool
    """Whether the token was made in this hook, rather than repeated by the charm."""

    expire: datetime.datetime | datetime.timedelta | None


Answer: TypeAlias = Publication | Literal['withdraw']

# By ops' relation object, which lives as long as the hook.
answers: weakref.WeakKeyDictionary[ops.Relation, Answer] = weakref.WeakKeyDictionary()


def check_expire(expire: datetime.datetime | datetime.timedelta | None) -> None:
    """Check when a token is to expire.

    Raises:
        TypeError: if this is not a time.
        ValueError: if it is a time from now that is not positive.
    """
    if expire is None or isinstance(expire, datetime.datetime):
        return
    if not isinstance(expire, datetime.timedelta):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError('expire: must be a datetime.datetime or a datetime.timedelta')
    if expire <= datetime.timedelta():
        raise ValueError('expire: must be a positive time from now')
