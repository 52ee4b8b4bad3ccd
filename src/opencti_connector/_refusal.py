# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What Juju's words say: refused and gone, or merely not answered."""

import ops

# Juju 3.6 says "permission denied"; Juju 4.0 has words of its own for a secret
# (domain/secret/errors in Juju's source), and ops turns "not found" into its own error.
_REFUSALS = ('permission denied', 'is not allowed to read this secret', 'not found')


def is_refusal(error: ops.ModelError) -> bool:
    """Return whether what was asked for is gone, or not for this unit to see.

    Anything else, such as a sealed Vault or a busy controller, says nothing about that.
    """
    if isinstance(error, (ops.SecretNotFoundError, ops.RelationNotFoundError)):
        return True
    # Juju says it in one line. What a Vault says of its own refusals comes in further ones.
    message = str(error).strip().partition('\n')[0]
    return any(words in message for words in _REFUSALS)
