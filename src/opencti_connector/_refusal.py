# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What Juju's error messages mean: refused or gone, or no answer."""

import ops

# Juju 3.6 says "permission denied"; Juju 4.0 has words of its own for a secret
# (domain/secret/errors in Juju's source), and ops turns "not found" into its own error.
_REFUSALS = ('permission denied', 'is not allowed to read this secret', 'not found')


def is_refusal(error: ops.ModelError) -> bool:
    """Return whether Juju says that something is gone, or that this unit may not see it.

    Any other error, such as a sealed Vault or a busy controller, does not mean that.
    """
    if isinstance(error, (ops.SecretNotFoundError, ops.RelationNotFoundError)):
        return True
    # Juju says it in the first line. Further lines hold what a Vault says of its own refusals.
    message = str(error).strip().partition('\n')[0]
    return any(words in message for words in _REFUSALS)


def is_lost_list(error: ops.SecretNotFoundError) -> bool:
    """Return whether Juju could not list the secrets, and so does not know of this one.

    `secret-info-get` lists all secrets of the application, and then asks for each one's grants.
    Juju 4.0 fails where a secret goes in between, or a relation that a grant is for, whichever
    secret was asked for (`GetSecretMetadata` in apiserver/facades/agent/secretsmanager/secrets.go
    in Juju's source). Of a secret that really is not there, Juju names the id or label:
    `secret "..." not found`.
    """
    cause = error.__cause__  # ops leaves the words out of its own error.
    words: str = getattr(cause, 'stderr', '') or str(cause)
    return cause is not None and 'secret "' not in words
