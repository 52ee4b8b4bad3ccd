# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Calls of OpenCTI's end, and who reads its secrets."""

from collections.abc import Callable
from typing import Any

import ops
from ops import testing

from opencti_connector import OpenctiRequires

from ..charms import Context, opencti_context
from ..values import TOKEN, URL


def in_hook(
    context: Context,
    state: testing.State,
    call: Callable[[OpenctiRequires, ops.Relation], Any],
    event: Any = None,
) -> testing.State:
    """The state after a hook in which the charm first makes a call about each connector."""
    with context(event or context.on.start(), state) as manager:
        endpoint = endpoint_of(manager)
        for connector in endpoint.connectors:
            call(endpoint, connector.relation)
        return manager.run()


def publishing(**arguments: Any) -> Callable[[OpenctiRequires, ops.Relation], bool]:
    """The call that publishes these, for `in_hook`."""
    arguments = {'url': URL, 'token': TOKEN, **arguments}
    return lambda endpoint, relation: endpoint.publish_connection(relation, **arguments)


def withdrawn(context: Context, state: testing.State) -> testing.State:
    """The state after a hook in which the charm withdraws its only connection."""
    return in_hook(context, state, OpenctiRequires.withdraw_connection)


def endpoint_of(manager: testing.Manager) -> OpenctiRequires:
    """The endpoint object of a charm, to be used before its handlers run."""
    return manager.charm.opencti_connector


def connector_reads(context: Context, secret: testing.Secret) -> dict[str, str]:
    """Let the connector read the token; from then on it is pinned to that revision."""
    return context.ledger.read(
        'a-connector/0', secret_id=secret.id, label='', refresh=True, peek=False, is_leader=True
    )


def seen(state: testing.State, look: Callable[[OpenctiRequires], Any]) -> Any:
    """What a charm sees in a hook that tells the library nothing."""
    context = opencti_context()
    with context(context.on.start(), state) as manager:
        result = look(endpoint_of(manager))
        manager.run()
    return result
