# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A unit's events, written to Juju's log, where the tests read them."""

import hashlib
import json
import logging

_logger = logging.getLogger('journal')


def write(event: str, **details: object) -> None:
    """Log an event."""
    _logger.info(json.dumps({'event': event, **details}))


def digest(token: str) -> str:
    """Return the token's fingerprint for the journal: a token is never logged."""
    return hashlib.sha256(token.encode()).hexdigest()[:8]
