# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Juju secrets: a handle without a read, and a read with errors that say what to wait for."""

import ops

from . import _errors, _refusal


def unread_secret(
    framework: ops.Framework, *, secret_id: str | None = None, label: str | None = None
) -> ops.Secret:
    """Return a handle to a secret without reading it.

    `ops.Model.get_secret` reads the tracked revision at once: one round trip more for a consumer,
    and for the owner a read that pins this revision. A secret event's handle is unread.

    Give either the id or the label: asked for both, Juju may answer with another secret.
    """
    event = ops.SecretChangedEvent(
        ops.Handle(None, 'unread_secret', None),
        secret_id,  # pyright: ignore[reportArgumentType] - ops takes a label alone, too.
        label,
    )
    event.framework = framework
    return event.secret


def read_secret(
    framework: ops.Framework, secret_id: str, what: str = 'a secret'
) -> dict[str, str]:
    """Read the newest revision of a secret that another application or a person shares.

    For a workload that needs a further secret, such as a database's password: an override of
    `connector_environment`, or the `environment` of a `ConnectorWorkload`, can let these errors
    pass.

    Args:
        framework: The framework, as each charm and each `ops.Object` has it.
        secret_id: The secret's id, as a databag or an option holds it.
        what: What the secret is, for the error's text, which becomes a status message.

    Raises:
        SecretUnavailable: if the secret does not exist, or is not granted (yet).
        SecretReadFailed: if Juju could not answer. A later hook may succeed.
        InvalidRelationData: if Juju knows that this cannot be the id of a secret.
    """
    try:
        return unread_secret(framework, secret_id=secret_id).get_content(refresh=True)
    except ops.ModelError as error:
        if _refusal.is_refusal(error):
            raise _errors.SecretUnavailable(f'waiting for access to {what}') from None
        if 'not valid' in str(error):  # A secret's id has 20 letters and digits (core/secrets).
            raise _errors.InvalidRelationData(f'{what}: this is not the id of a secret') from None
        raise _errors.SecretReadFailed(f'waiting for Juju to read {what}') from None
