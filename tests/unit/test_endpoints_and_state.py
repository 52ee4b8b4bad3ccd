# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Two endpoints in one charm, and a status that is asked before the charm withdraws."""

import dataclasses
from typing import Any

import ops
from ops import testing

from opencti_connector import OpenctiRequires

from .conftest import (
    TOKEN,
    URL,
    Context,
    OpenctiCharm,
    only_relation,
    opencti_context,
    token_secret,
)
from .requires_charm import published, related


class TwoEndpoints(ops.CharmBase):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.endpoints = {n: OpenctiRequires(self, relation_name=n) for n in ('one', 'two')}
        for endpoint in self.endpoints.values():
            framework.observe(endpoint.on.connector_available, self._on_available)

    def _on_available(self, event: Any):
        endpoint = self.endpoints[event.relation_name]
        endpoint.publish_connection(event.relation, url=URL, token=TOKEN)


def test_the_end_of_a_relation_takes_no_secret_of_the_other_endpoint():
    """A deployed charm published one secret without a label to both of its endpoints."""
    endpoint = {'interface': 'opencti_connector'}
    context = Context(
        TwoEndpoints, {'name': 'opencti', 'requires': {'one': endpoint, 'two': endpoint}}
    )
    secret_id = 'secret:cjqub6vubg2s77p3nio0'
    grants = {7: {'a-connector'}, 8: {'b-connector'}}
    secret = token_secret(id=secret_id, owner='app', remote_grants=grants)
    data = {'opencti_url': URL, 'opencti_token': secret_id}
    relations = {
        dataclasses.replace(
            related(id=id_, local_app_data=data, remote_app_name=app), endpoint=name
        )
        for id_, name, app in ((7, 'one', 'a-connector'), (8, 'two', 'b-connector'))
    }
    state = testing.State(leader=True, relations=relations, secrets={secret})
    for _ in range(2):
        state = context.run(context.on.update_status(), state)
    state = context.run(context.on.relation_broken(state.get_relation(8)), state)
    published_id = state.get_relation(7).local_app_data['opencti_token']
    assert published_id in {secret.id for secret in state.secrets}


class AsksFirst(OpenctiCharm):
    """Sets its status in handlers, without `collect-unit-status`."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on.install, self._say)
        framework.observe(self.on.start, self._on_start)

    def _on_start(self, event: ops.EventBase):
        self._say(event)
        for connector in self.opencti_connector.connectors:
            self.opencti_connector.withdraw_connection(connector.relation)

    def _say(self, _: ops.EventBase):
        self.unit.status = self.opencti_connector.get_status()


def test_the_next_status_knows_of_a_withdrawal_that_came_after_the_last():
    context = opencti_context(AsksFirst)
    state = published(testing.State(leader=True, relations={related()}), context)
    state = context.run(context.on.update_status(), state)
    state = context.run(context.on.start(), state)
    assert not only_relation(state).local_app_data
    state = context.run(context.on.install(), state)
    assert isinstance(state.unit_status, testing.WaitingStatus)
