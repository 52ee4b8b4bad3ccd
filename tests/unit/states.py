# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Relations and states of both ends, and those of a connector whose connection works."""

import dataclasses
from typing import Any

from ops import testing

from opencti_connector.testing import relation_for_provider

from .charms import ConnectorCharm, Context
from .values import TOKEN


def relation(**kwargs: Any) -> testing.Relation:
    """A relation whose other side has written nothing, unless it is passed."""
    return testing.Relation('opencti-connector', 'opencti_connector', **kwargs)


def token_secret(token: str = TOKEN, **kwargs: Any) -> testing.Secret:
    return testing.Secret({'token': token}, **kwargs)


def connected(**kwargs: Any) -> tuple[testing.Relation, testing.Secret]:
    """A relation as a connector sees it when all is well, and its secret."""
    related, secrets = relation_for_provider(token=TOKEN, **{'connector_id': None, **kwargs})
    (secret,) = secrets
    return related, secret


def connected_state(**kwargs: Any) -> testing.State:
    """A connector's state when all is well, and no hook has seen it yet."""
    related, secret = connected(**kwargs)
    return testing.State(leader=True, relations={related}, secrets={secret})


def in_use(context: Context, *others: testing.Relation) -> testing.State:
    """The state of a connector's unit whose connection, with the id 3, is in use."""
    state = connected_state(id=3)
    state = context.run(context.on.relation_changed(only_relation(state)), state)
    context.emitted_events.clear()
    ConnectorCharm.seen.clear()
    return dataclasses.replace(state, relations={*state.relations, *others})


def only_relation(state: testing.State) -> testing.Relation:
    (found,) = state.relations
    assert isinstance(found, testing.Relation)
    return found


def replace_relation(state: testing.State, **changes: Any) -> testing.State:
    """The state with its only relation changed."""
    changed = dataclasses.replace(only_relation(state), **changes)
    return dataclasses.replace(state, relations={changed})
