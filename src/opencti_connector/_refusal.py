# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What Juju's error messages mean: refused or gone, or no answer."""

import ops

# Juju 3.6 says "permission denied"; Juju 4.0 has another message for a secret
# (domain/secret/errors in Juju's source), and ops turns "not found" into its own error. Juju 4.0
# says "unauthorized access" of the databags of a relation that was removed with --force.
_REFUSALS = (
    'permission denied',
    'is not allowed to read this secret',
    'unauthorized access',
    'not found',
)


def is_refusal(error: ops.ModelError) -> bool:
    """Return whether Juju says that something is gone, or that this unit may not read it.

    Other errors, such as those of a sealed Vault or a busy controller, do not mean that.
    """
    if isinstance(error, (ops.SecretNotFoundError, ops.RelationNotFoundError)):
        return True
    # Juju's own message is the first line. Further lines may quote a Vault's own refusal.
    message = str(error).strip().partition('\n')[0]
    return any(words in message for words in _REFUSALS)


def is_no_secret_id(error: ops.ModelError) -> bool:
    """Return whether Juju says that this cannot be the id of a secret.

    An id has 20 letters and digits (`ParseURI` in core/secrets/secret.go of Juju's source). A
    Vault's certificate, too, can be "not valid".
    """
    return str(error).strip().startswith('ERROR secret URI ')


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
