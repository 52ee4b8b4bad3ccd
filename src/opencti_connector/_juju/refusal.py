# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What Juju's errors mean: of a secret or not, refused or gone, or no answer."""

import pathlib

import ops

_NOT_ALLOWED = 'is not allowed to read this secret'

# Juju 3.6 says "permission denied"; Juju 4.0 has another message for a secret
# (domain/secret/errors in Juju's source), and ops turns "not found" into its own error. Juju 4.0
# says "unauthorized access" of the databags of a relation that was removed with --force.
_REFUSALS = ('permission denied', _NOT_ALLOWED, 'unauthorized access', 'not found')


def is_of_secret(error: ops.ModelError) -> bool:
    """Return whether an error is about a secret. If nothing tells, it is not.

    "permission denied" and "not found" are said of relations and storage, too. But ops keeps the
    hook tool that failed in the cause, or in the cause's cause (`hookcmds.Error` since 3.4,
    before it `subprocess.CalledProcessError`).
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ops.SecretNotFoundError):
            return True
        command: list[str] = getattr(cause, 'cmd', [])
        if command:
            return pathlib.PurePath(command[0]).name.startswith('secret-')
        cause = cause.__cause__
    return _NOT_ALLOWED in str(error)


def is_refusal(error: ops.ModelError) -> bool:
    """Return whether Juju says that something is gone, or that this unit may not read it.

    Other errors, such as those of a sealed Vault or a busy controller, do not mean that.
    """
    if isinstance(error, (ops.SecretNotFoundError, ops.RelationNotFoundError)):
        return True
    # Juju's own message is the first line. Further lines may quote a Vault's own refusal.
    message = str(error).strip().partition('\n')[0]
    return any(words in message for words in _REFUSALS)


def is_lost_list(error: ops.SecretNotFoundError) -> bool:
    """Return whether Juju could not list the secrets, so that this one may exist.

    `secret-info-get` lists all secrets of the application, and then the grants of each. Juju 4.0
    fails if any secret, or the relation of any grant, is removed in between (`GetSecretMetadata`
    in apiserver/facades/agent/secretsmanager/secrets.go in Juju's source). If the secret really
    does not exist, Juju names its id or label: `secret "..." not found`.
    """
    cause = error.__cause__  # ops leaves Juju's message out of its own error.
    words: str = getattr(cause, 'stderr', '') or str(cause)
    return cause is not None and 'secret "' not in words
