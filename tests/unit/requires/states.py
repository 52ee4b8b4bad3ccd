# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""States of OpenCTI's end, before and after it has answered."""

import dataclasses
from typing import Any

import pytest
from ops import testing

from opencti_connector.testing import relation_for_requirer

from ..charms import Context, OpenctiCharm, opencti_context
from ..states import only_relation
from ..values import MARK, TOKEN
from .calls import connector_reads


def related(**kwargs: Any) -> testing.Relation:
    """A relation as OpenCTI sees it, with a connector that has said who it is."""
    details: dict[str, Any] = {
        'connector_charm_name': 'connector-charm-name',
        'connector_id': None,
        'remote_app_name': 'a-connector',
    }
    return relation_for_requirer(**{**details, **kwargs}).relation


def answerable(*ids: int, **kwargs: Any) -> testing.State:
    """A leader's state with these relations, to be answered."""
    return testing.State(leader=True, relations={related(id=i, **kwargs) for i in ids or (7,)})


def published(
    state: testing.State, context: Context | None = None, **answer: Any
) -> testing.State:
    """The state after OpenCTI has answered a connector, with another URL or token perhaps."""
    context = context or opencti_context()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in answer.items():
            patch.setattr(OpenctiCharm, name, value)
        return context.run(context.on.relation_changed(only_relation(state)), state)


def rotated(context: Context, token: str = TOKEN) -> testing.State:
    """The state after a new token, which the connector has read, as it had the old one."""
    state = answerable()
    for each in f'{MARK}-old', token:
        state = published(state, context, token=each)
        connector_reads(context, only_secret(state))
    return state


def only_secret(state: testing.State) -> testing.Secret:
    (secret,) = state.secrets
    return secret


def token_in(state: testing.State) -> str:
    """The token that the only secret holds."""
    content = only_secret(state).latest_content
    assert content is not None
    return content['token']


def replace_secret(state: testing.State, **changes: Any) -> testing.State:
    """The state with its only secret changed."""
    secret = dataclasses.replace(only_secret(state), **changes)
    return dataclasses.replace(state, secrets={secret})


def secret_remove(context: Context, state: testing.State, revision: int = 1) -> testing.State:
    """The state after Juju reported a revision that nobody reads any more."""
    return context.run(context.on.secret_remove(only_secret(state), revision=revision), state)
