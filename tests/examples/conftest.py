# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The OpenCTI example in both styles, under Juju's rules, with a platform to talk to.

The platform is the fake. `python -m tests.platform` runs the tests that are marked `anywhere` with
a running OpenCTI instead.
"""

import dataclasses
import importlib.util
import logging
import sys
from collections.abc import Iterator
from typing import Any

import ops
import pytest
from ops import testing

from demo import EXAMPLES
from fakes import juju
from fakes.opencti import ADMIN_TOKEN, CURRENT, Platform
from fakes.opencti.state import State, User
from opencti_connector.testing import relation_for_requirer
from tests.platform.person import Person, Seen

SOURCE = EXAMPLES / 'opencti' / 'src'


def load(name: str) -> type[ops.CharmBase]:
    """Import one of the two charms in the directory of the OpenCTI example."""
    spec = importlib.util.spec_from_file_location(f'opencti_{name}', SOURCE / f'{name}.py')
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(SOURCE))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(SOURCE))
    charms = {'charm': 'OpenctiCharm', 'reconciling_charm': 'ReconcilingOpenctiCharm'}
    return getattr(module, charms[name])


BY_EVENTS = load('charm')
AS_A_WHOLE = load('reconciling_charm')


class Site:
    """A unit of an OpenCTI charm, and the platform whose accounts it keeps."""

    def __init__(
        self,
        platform: Platform,
        charm: type[ops.CharmBase],
        version: juju.Version = juju.Version.V4_0,
    ):
        self.platform = platform
        self.person = Person(platform.url, ADMIN_TOKEN)
        self.run_name = getattr(platform, 'run_name', '')
        """What makes the names of applications and charms this test's own, if need be."""
        self.context = juju.Context(charm, app_name='opencti', version=version)
        self.admin_secret = testing.Secret({'token': ADMIN_TOKEN})
        self.state = testing.State(
            leader=True,
            secrets={self.admin_secret},
            config={'url': platform.url, 'admin-token': self.admin_secret.id},
        )

    def run(self, event: Any) -> None:
        """Run a hook."""
        self.state = self.context.run(event, self.state)
        self._assert_no_leak()

    def update_status(self) -> None:
        """Run the hook that comes every five minutes."""
        self.run(self.context.on.update_status())

    def act(self, action: str, **params: Any) -> dict[str, Any]:
        """Run an action, and return its results."""
        self.run(self.context.on.action(action, params=params))
        return self.context.action_results or {}

    def rotate(self) -> None:
        """Run the action that gives the first connector's account a new token."""
        self.act('rotate-token', **{'user-name': self.name()})

    def change(self, **changes: Any) -> None:
        """Change the state for the next hook."""
        self.state = dataclasses.replace(self.state, **changes)

    def relate(self, relation_id: int = 7, **details: Any) -> None:
        """Relate a connector, and run the hook about what it published."""
        app_name = f'{self.run_name}urlhaus'
        details = {'remote_app_name': app_name, 'id': relation_id, **details}
        relation = relation_for_requirer(**details).relation
        self.change(relations={*self.state.relations, relation})
        self.run(self.context.on.relation_changed(relation))

    def update_relation(self, relation_id: int = 7, **changes: Any) -> None:
        """Change a relation, and run the hook about it."""
        relation = self.state.get_relation(relation_id)
        others = self.state.relations - {relation}
        changed = dataclasses.replace(relation, **changes)
        self.change(relations={*others, changed})
        self.run(self.context.on.relation_changed(changed))

    def end_relation(self, relation_id: int = 7) -> None:
        """Remove a relation, and run the hook about it."""
        relation = self.state.get_relation(relation_id)
        self.run(self.context.on.relation_broken(relation))
        ended = self.state.get_relation(relation_id)
        self.change(relations=self.state.relations - {ended})

    def expire(self, relation_id: int = 7) -> None:
        """Run the hook about an expired token."""
        secret = self.secret(relation_id)
        revision = secret._latest_revision
        self.run(self.context.on.secret_expired(secret, revision=revision))

    def secret(self, relation_id: int = 7) -> testing.Secret:
        """The secret that is published to a connector."""
        secret_id = self.state.get_relation(relation_id).local_app_data['opencti_token']
        return self.state.get_secret(id=secret_id)

    def token(self, relation_id: int = 7) -> str:
        """The token that is published to a connector."""
        content = self.secret(relation_id).latest_content
        assert content is not None
        return content['token']

    def is_answered(self, relation_id: int = 7) -> bool:
        """Whether a connector has its connection."""
        return 'opencti_token' in self.state.get_relation(relation_id).local_app_data

    def name(self, relation_id: int = 7) -> str:
        """The name that a connector's account has to have."""
        return f'charm-connector-{self.run_name}urlhaus-{relation_id}'

    def seen(self, relation_id: int = 7) -> Seen:
        """What an administrator sees of a connector's account."""
        address = sys.modules['accounts'].address(self.name(relation_id))
        (seen,) = self.person.accounts(address)
        return seen

    @property
    def account(self) -> User:
        """What the fake knows of the first connector's account."""
        return self.platform.state.user_named(self.name())

    @property
    def status(self) -> ops.StatusBase:
        """The unit's status."""
        return self.state.unit_status

    def user_of(self, token: str) -> str | None:
        """The name of a token's user; `None` if OpenCTI refuses the token."""
        return self.person.user_of(token)

    def made_tokens(self) -> int:
        """How many tokens were made so far."""
        return self.platform.operations.count('AddToken')

    def _assert_no_leak(self) -> None:
        state, context = self.state, self.context
        seen = [
            [relation.local_app_data for relation in state.relations],
            [state.unit_status, state.deferred, state.stored_states],
            context.juju_log,
            context.action_results,
            [vars(event) for event in context.emitted_events],
        ]
        assert_no_token(self.platform, str(seen))


def assert_no_token(platform: Platform, text: str) -> None:
    """Fail where a token shows up."""
    users = platform.state.users if isinstance(platform, Platform) else []
    single = [user.api_token for user in users if user.api_token]
    for token in ['flgrn_octi_tkn_', ADMIN_TOKEN, *single]:
        assert token not in text


@pytest.fixture(scope='session')
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The fake, or the running OpenCTI that was asked for."""
    running = request.config.pluginmanager.get_plugin('running-opencti')
    if running is not None:
        yield running
        return
    with Platform(base_path='/opencti') as platform:
        yield platform


@pytest.fixture
def platform(
    server: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Platform]:
    server.calls.clear()
    if isinstance(server, Platform):
        server.state = State(CURRENT, ADMIN_TOKEN)
        server.faults.clear()
        server.after_each = lambda: None
    else:
        # No charm may as much as look at accounts that are not of its test.
        prefix = f'charm-connector-{server.next_run_name()}'
        monkeypatch.setattr(sys.modules['accounts'], 'PREFIX', prefix)
    caplog.set_level(logging.DEBUG)
    yield server
    assert_no_token(server, caplog.text)


@pytest.fixture(params=[BY_EVENTS, AS_A_WHOLE], ids=['by-events', 'as-a-whole'])
def site(request: pytest.FixtureRequest, platform: Platform) -> Site:
    return Site(platform, request.param)
