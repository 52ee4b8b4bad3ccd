# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The backend of `ops.testing`, with Juju's rules in each context that plays them.

Juju's errors reach the charm as `ops` passes them on: those with "not found" as
`SecretNotFoundError`, all others as `ModelError`.
"""

import datetime
import functools
import subprocess
from collections.abc import Callable
from typing import Any

import ops
from scenario import mocking

from . import context
from .secrets import Refused
from .writes import Changes

Backend = mocking._MockModelBackend
_HAS_HOOKCMDS = hasattr(ops, 'hookcmds')


def install() -> None:
    """Let the backend use the rules in each context that plays them; others stay as they are."""
    _after(_begin)
    for method in (
        _secret_add,
        _secret_get,
        _secret_info_get,
        _secret_set,
        _secret_grant,
        _secret_revoke,
        _secret_remove,
    ):
        _instead(method)
    _before(_relation_get)
    _before(_relation_set)


def _begin(backend: Any) -> None:
    backend._context._begin(backend)


def _secret_add(backend: Any, content: dict[str, str], **arguments: Any) -> str:
    arguments['owner'] = arguments.get('owner') or 'application'
    arguments['rotate'] = _rotate(arguments.get('rotate'))
    arguments['expire'] = _time(arguments.get('expire'))
    return backend._context.tools.secret_add(content, **arguments)


def _secret_get(
    backend: Any,
    *,
    id: str | None = None,  # noqa: A002 - ops names it so.
    label: str | None = None,
    refresh: bool = False,
    peek: bool = False,
) -> dict[str, str]:
    return backend._context.tools.secret_get(id, label=label or '', refresh=refresh, peek=peek)


def _secret_info_get(
    backend: Any,
    *,
    id: str | None = None,  # noqa: A002
    label: str | None = None,
) -> ops.SecretInfo:
    found, metadata = backend._context.tools.secret_info_get(id, label=label or '')
    rotation = ops.SecretRotate(metadata.rotate) if metadata.rotate else None
    return ops.SecretInfo(
        found,
        label=metadata.label or None,
        revision=metadata.revision,
        expires=metadata.expire,
        rotation=rotation,
        rotates=None,
        description=metadata.description or None,
        model_uuid=backend._state.model.uuid,
    )


def _secret_set(
    backend: Any,
    id: str,  # noqa: A002
    *,
    content: dict[str, str] | None = None,
    label: str | None = None,
    description: str | None = None,
    expire: datetime.datetime | None = None,
    rotate: ops.SecretRotate | None = None,
) -> None:
    changes = Changes(content, label, description, _time(expire), _rotate(rotate))
    backend._context.tools.secret_set(id, changes)


def _secret_grant(
    backend: Any,
    id: str,  # noqa: A002
    relation_id: int,
    *,
    unit: str | None = None,
) -> None:
    backend._context.tools.secret_grant(id, relation_id, unit)


def _secret_revoke(
    backend: Any,
    id: str,  # noqa: A002
    relation_id: int,
    *,
    unit: str | None = None,
) -> None:
    backend._context.tools.secret_revoke(id, relation_id, unit)


def _secret_remove(backend: Any, id: str, *, revision: int | None = None) -> None:  # noqa: A002
    backend._context.tools.secret_remove(id, revision)


def _relation_get(
    backend: Any, relation_id: int, member_name: str, is_app: bool, **_: Any
) -> None:
    """Read a databag.

    The unit's own one is sent back when the hook ends, changed or not (`FinalSettings` in
    `internal/worker/uniter/runner/context/relation.go`, in 3.6 and 4.0).
    """
    _check_readable(backend, relation_id)
    if not is_app and member_name == backend.unit_name:
        backend._context.tools.relation_set(relation_id)


def _check_readable(backend: Any, relation_id: int) -> None:
    """A relation that is gone can still be listed, but not be read."""
    words = backend._context.unreadable_relations.get(relation_id)
    if words is not None:
        # ops maps the second since 3.9, and "unauthorized access" never.
        is_mapped = hasattr(ops.model._ModelBackend, '_relation_is_gone')
        if words == 'relation not found' or (is_mapped and words == 'permission denied'):
            raise ops.RelationNotFoundError
        raise Refused(words)


def _relation_set(backend: Any, relation_id: int, *_: Any, **__: Any) -> None:
    """What is written reaches the controller at the end of the hook, but it is read at once.

    Source: `RelationSetCommand.Run` in `internal/worker/uniter/runner/jujuc/relation-set.go`.
    """
    _check_readable(backend, relation_id)
    backend._context.tools.relation_set(relation_id)


def _time(expire: datetime.datetime | datetime.timedelta | None) -> datetime.datetime | None:
    if isinstance(expire, datetime.timedelta):
        expire = datetime.datetime.now(datetime.timezone.utc) + expire
    if expire is not None and expire.tzinfo is None:
        expire = expire.replace(tzinfo=datetime.timezone.utc)  # So Juju reads it.
    return expire.astimezone(datetime.timezone.utc) if expire else None


def _rotate(policy: ops.SecretRotate | None) -> str | None:
    return policy.value if policy else None


def _ask(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return method(*args, **kwargs)
    except Refused as refusal:
        words = f'ERROR {refusal}\n'
        tool = method.__name__.strip('_').replace('_', '-')
        cause = _cause(tool, words)
        if 'not found' not in words:
            raise ops.ModelError(words) from cause
        if method is _relation_set:
            raise ops.RelationNotFoundError from cause
        raise ops.SecretNotFoundError from (cause if _HAS_HOOKCMDS else ops.ModelError(words))


def _cause(tool: str, words: str) -> Exception:
    """Return the cause in which ops keeps the tool and its message; since 3.4 of another kind."""
    if _HAS_HOOKCMDS:
        return ops.hookcmds.Error(returncode=1, cmd=[tool], stderr=words)
    return subprocess.CalledProcessError(1, [f'/usr/bin/{tool}'], stderr=words)


def _plays(backend: Any) -> bool:
    return isinstance(backend._context, context.Context)


def _instead(method: Callable[..., Any]) -> None:
    name = method.__name__.lstrip('_')
    original = getattr(Backend, name)

    @functools.wraps(original)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _plays(self):
            return _ask(method, self, *args, **kwargs)
        return original(self, *args, **kwargs)

    setattr(Backend, name, wrapper)


def _before(method: Callable[..., Any]) -> None:
    name = method.__name__.lstrip('_')
    original = getattr(Backend, name)

    @functools.wraps(original)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _plays(self):
            _ask(method, self, *args, **kwargs)
        return original(self, *args, **kwargs)

    setattr(Backend, name, wrapper)


def _after(begin: Callable[..., Any]) -> None:
    original = Backend.__init__

    @functools.wraps(original)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if _plays(self):
            begin(self)

    Backend.__init__ = wrapper
