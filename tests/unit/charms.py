# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Minimal charms of both ends, and a context that finds leaked tokens."""

import datetime
from typing import Any, ClassVar

import ops
from ops import testing

from fakes import juju
from opencti_connector import (
    ConnectorAvailableEvent,
    ConnectorProvides,
    ConnectorRemovedEvent,
    OpenctiConnectionAvailableEvent,
    OpenctiRequires,
)

from .values import MARK, TOKEN, URL


class ConnectorCharm(ops.CharmBase):
    """A connector charm that records the connections that it gets."""

    seen: ClassVar[list[tuple[str, str]]] = []

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti = ConnectorProvides(self, connector_type='EXTERNAL_IMPORT')
        framework.observe(self.opencti.on.opencti_connection_available, self._on_available)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_available(self, event: OpenctiConnectionAvailableEvent):
        assert event.connection is not None
        self.seen.append((event.connection.url, event.connection.token.get_secret_value()))

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        event.add_status(self.opencti.get_status())


class OpenctiCharm(ops.CharmBase):
    """An OpenCTI charm that gives each connector the same URL and a configured token."""

    url: str = URL
    token: Any = TOKEN
    expire: datetime.timedelta | None = None
    removed: ClassVar[list[tuple[int, str]]] = []

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.observe_first()
        self.opencti_connector = OpenctiRequires(self)
        on = self.opencti_connector.on
        framework.observe(on.connector_available, self._on_available)
        framework.observe(on.connector_removed, self._on_removed)
        framework.observe(on.connector_token_due, self._on_available)

    def observe_first(self) -> None:
        """Observe events before the library does."""

    def _on_available(self, event: ConnectorAvailableEvent):
        self.opencti_connector.publish_connection(
            event.relation, url=self.url, token=self.token, expire=self.expire
        )

    def _on_removed(self, event: ConnectorRemovedEvent):
        self.removed.append((event.relation_id, event.user_name))


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


class Context(juju.Context):
    """A context by Juju's rules, which fails when a token shows up where it must not."""

    def run(self, event: Any, state: testing.State) -> testing.State:
        return self.without_leak(super().run(event, state))

    def __call__(self, event: Any, state: testing.State) -> testing.Manager:
        return _Manager(self, event, state)

    def without_leak(self, out: testing.State) -> testing.State:
        for relation in out.relations:
            assert MARK not in str(relation.local_app_data) + str(relation.local_unit_data)
        assert MARK not in str(out.deferred) + str(out.stored_states)
        assert MARK not in str(out.unit_status) + str(out.app_status)
        assert MARK not in str(self.juju_log)
        assert MARK not in str([(event, vars(event)) for event in self.emitted_events])
        return out

    def emitted(self) -> list[str]:
        """The custom events, by name."""
        names = [event.handle.kind for event in self.emitted_events]
        return [name for name in names if name.startswith(('opencti_connection', 'connector_'))]

    def warnings(self) -> list[str]:
        """The warnings of charm and library."""
        return [line.message for line in self.juju_log if line.level == 'WARNING']


class _Manager(testing.Manager):
    def run(self) -> testing.State:
        return self._ctx.without_leak(super().run())


def connector_context(
    charm_type: type[ops.CharmBase] = ConnectorCharm, *endpoints: str, **more: Any
) -> Context:
    """A connector's context, with these endpoints or the conventional one."""
    endpoint = {'interface': 'opencti_connector', 'limit': 1}
    provides = dict.fromkeys(endpoints or ['opencti-connector'], endpoint)
    meta = {'name': 'opencti-test-connector', 'provides': provides}
    return Context(charm_type, meta, app_name='test-connector', **more)


def opencti_context(
    charm_type: type[ops.CharmBase] = OpenctiCharm, *endpoints: str, **more: Any
) -> Context:
    """OpenCTI's context, with these endpoints or the conventional one."""
    endpoint = {'interface': 'opencti_connector'}
    requires = dict.fromkeys(endpoints or ['opencti-connector'], endpoint)
    return Context(charm_type, {'name': 'opencti', 'requires': requires}, **more)
