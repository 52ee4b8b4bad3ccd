# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the unit tests share: two minimal charms, and a context that finds leaked tokens."""

import dataclasses
import datetime
import logging
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from fakes import juju
from opencti_connector import (
    ConnectorAvailableEvent,
    ConnectorProvides,
    ConnectorRemovedEvent,
    OpenctiConnectionAvailableEvent,
    OpenctiRequires,
)
from opencti_connector.testing import CONNECTOR_ID as CONNECTOR_ID
from opencti_connector.testing import OPENCTI_URL as URL
from opencti_connector.testing import relation_for_provider

# Each token in the tests contains this mark, so that a leak is found anywhere.
MARK = 's3cr3t'
TOKEN = f'{MARK}-88ec0c6a-13ce-5e39-b486-354fe4a7084f'
NEW_TOKEN = f'{MARK}-11111111-2222-4333-8444-555555555555'

DETAILS = {'connector_charm_name': 'connector-charm-name', 'connector_type': 'EXTERNAL_IMPORT'}


# The events of a connector's end.
AVAILABLE, INVALID, REMOVED = (
    f'opencti_connection_{name}' for name in ('available', 'invalid', 'removed')
)


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


class TokenFactory:
    """Makes a token each time it is called, as an API that shows each token once."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self) -> str:
        self.made.append(f'{MARK}-made-{len(self.made) + 1}')
        return self.made[-1]


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


@pytest.fixture(autouse=True)
def _no_token_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert MARK not in caplog.text


@pytest.fixture(autouse=True)
def _charms_start_afresh(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ConnectorCharm, 'seen', [])
    monkeypatch.setattr(OpenctiCharm, 'removed', [])


@pytest.fixture
def connector() -> Context:
    return connector_context()


@pytest.fixture
def opencti() -> Context:
    return opencti_context()


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


def raising(error: Exception) -> Callable[..., Any]:
    """A stand-in for any function, which fails."""

    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def forget_remote_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ops not know the remote application, as while a relation is set up or torn down."""
    original = ops.Relation.__init__

    def without_app(self: ops.Relation, *args: object, **kwargs: object):
        original(self, *args, **kwargs)
        self.data._data.pop(self.app, None)
        self.app = None

    monkeypatch.setattr(ops.Relation, '__init__', without_app)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> TokenFactory:
    """Let OpenCTI's charm make its tokens."""
    factory = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', factory)
    return factory


@pytest.fixture(params=['plain', 'made'])
def token(request: pytest.FixtureRequest) -> Any:
    """What a charm may give as a token."""
    return TOKEN if request.param == 'plain' else TokenFactory()


@pytest.fixture
def pebble_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that change something in Pebble, as they come."""
    calls: list[str] = []

    def spy(name: str) -> None:
        original = getattr(ops.Container, name)

        def wrapper(self: ops.Container, *args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(ops.Container, name, wrapper)

    for name in ('add_layer', 'start', 'stop', 'restart', 'replan'):
        spy(name)
    return calls
