# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Juju secrets: a handle that reads nothing, and a read with this library's errors."""

import contextlib
import logging
from collections.abc import Generator

import ops

from .. import _errors
from . import refusal

logger = logging.getLogger(__name__)


def unread_secret(
    framework: ops.Framework, *, secret_id: str | None = None, label: str | None = None
) -> ops.Secret:
    """Return a handle to a secret without reading it.

    `ops.Model.get_secret` reads the tracked revision at once. That is one more round trip for a
    consumer, and pins this revision for the owner. The handle of a secret event reads nothing.

    Give either the id or the label: with both, Juju may answer with another secret.
    """
    event = ops.SecretChangedEvent(
        ops.Handle(None, 'unread_secret', None),
        secret_id,  # pyright: ignore[reportArgumentType] - ops takes a label alone, too.
        label,
    )
    event.framework = framework
    return event.secret


def read_secret(framework: ops.Framework, secret_id: str, what: str) -> dict[str, str]:
    """Read a secret's newest revision, with the errors of `ConnectorWorkload.read_secret`."""
    try:
        return unread_secret(framework, secret_id=secret_id).get_content(refresh=True)
    except ops.ModelError as error:
        raise _typed(error, what) from None


@contextlib.contextmanager
def typed_errors() -> Generator[None, None, None]:
    """Turn what Juju says of a secret into this library's errors.

    It is for code of the charm, so all other errors are the charm's own.
    """
    try:
        yield
    except ops.ModelError as error:
        if not refusal.is_of_secret(error):
            raise
        logger.warning('cannot read a secret for the workload: %s', error)
        raise _typed(error, 'a secret') from None


def _typed(error: ops.ModelError, what: str) -> _errors.OpenctiConnectorError:
    if refusal.is_refusal(error):
        return _errors.SecretUnavailable(f'waiting for access to {what}')
    # As `ParseURI` in core/secrets/secret.go of Juju's source says. A Vault's certificate, too,
    # can be "not valid".
    if str(error).strip().startswith('ERROR secret URI '):
        return _errors.InvalidRelationData(f'{what}: this is not the id of a secret')
    return _errors.SecretReadFailed(f'waiting for Juju to read {what}')
