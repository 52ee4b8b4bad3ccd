# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Juju secrets, read with a single round trip."""

import ops


def unread_secret(
    framework: ops.Framework, secret_id: str, label: str | None = None
) -> ops.Secret:
    """Return a handle to a secret without reading it.

    `ops.Model.get_secret` reads the tracked revision before one can ask for the newest. A secret
    event's handle is the one that ops offers unread; with it, `get_content(refresh=True)` is a
    single round trip and misses no rotation, whichever hook comes first after it.
    """
    event = ops.SecretChangedEvent(ops.Handle(None, 'unread_secret', None), secret_id, label)
    event.framework = framework
    return event.secret
