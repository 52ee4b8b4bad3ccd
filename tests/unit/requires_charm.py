# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Relations of the OpenCTI charm, and the state after it has answered."""

from typing import Any

from ops import testing

from opencti_connector.testing import relation_for_requirer

from .conftest import (
    only_relation,
    opencti_context,
)


def related(**kwargs: Any) -> testing.Relation:
    """A relation as OpenCTI sees it, with a connector that has said who it is."""
    details: dict[str, Any] = {
        'connector_charm_name': 'connector-charm-name',
        'connector_id': None,
        'remote_app_name': 'a-connector',
    }
    return relation_for_requirer(**{**details, **kwargs}).relation


def published(state: testing.State) -> testing.State:
    """The state after OpenCTI has answered a connector."""
    context = opencti_context()
    return context.run(context.on.relation_changed(only_relation(state)), state)


def only_secret(state: testing.State) -> testing.Secret:
    (secret,) = state.secrets
    return secret
