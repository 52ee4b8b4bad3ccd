# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Relations of the OpenCTI charm, the state after it has answered, and who reads its secrets."""

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from opencti_connector import OpenctiRequires
from opencti_connector.testing import relation_for_requirer

from .conftest import MARK, TOKEN, URL, Context, OpenctiCharm, only_relation, opencti_context

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


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


def published(state: testing.State, context: Context | None = None) -> testing.State:
    """The state after OpenCTI has answered a connector."""
    context = context or opencti_context()
    return context.run(context.on.relation_changed(only_relation(state)), state)


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


def rotated(context: Context, token: str = TOKEN) -> testing.State:
    """The state after a new token, which the connector has read, as it had the old one."""
    state = answerable()
    for each in f'{MARK}-old', token:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(OpenctiCharm, 'token', each)
            state = published(state, context)
        connector_reads(context, only_secret(state))
    return state


def secret_remove(context: Context, state: testing.State, revision: int = 1) -> testing.State:
    """The state after Juju reported a revision that nobody reads any more."""
    return context.run(context.on.secret_remove(only_secret(state), revision=revision), state)


def seen(state: testing.State, look: Callable[[OpenctiRequires], Any]) -> Any:
    """What a charm sees in a hook that tells the library nothing."""
    results: list[Any] = []

    class LookingCharm(OpenctiCharm):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.start, self._on_start)

        def _on_start(self, _: ops.EventBase) -> None:
            results.append(look(self.opencti_connector))

    context = opencti_context(LookingCharm)
    context.run(context.on.start(), state)
    (result,) = results
    return result


class WithStatus(OpenctiCharm):
    """Says in its status what the endpoint says."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        event.add_status(self.opencti_connector.get_status())


class Acting(OpenctiCharm):
    """Makes one more call for each relation, at one moment of a hook; then says its status."""

    answers_early: ClassVar[bool] = True
    call: ClassVar[Any] = None
    taken: ClassVar[list[bool]] = []
    """What the calls returned."""
    when: ClassVar[str] = 'pre_commit'

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        moments = {**framework.on.events(), **self.on.events()}
        framework.observe(moments[self.when], self._on_moment)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_available(self, event: Any) -> None:
        if self.answers_early or event.handle.kind == 'connector_token_due':
            super()._on_available(event)

    def _on_moment(self, _: ops.EventBase) -> None:
        if type(self).call is not None:
            for relation in self.model.relations['opencti-connector']:
                self.taken.append(type(self).call(self.opencti_connector, relation))

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        event.add_status(self.opencti_connector.get_status())
