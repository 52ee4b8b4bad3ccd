# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A hook costs by the relations that it concerns, however many others there are."""

import dataclasses
from typing import Any

import pytest
from ops import testing

from fakes import juju
from tests.round_trips import RoundTrips, counted

from ..charms import Context, OpenctiCharm, WithStatus, opencti_context
from ..states import only_relation, relation, replace_relation
from ..values import TOKEN, URL, TokenFactory
from .calls import endpoint_of, in_hook, publishing
from .states import answerable, related

NUMBER = 20
SILENT = testing.WaitingStatus(
    'relation 5 with remote: waiting for connector_charm_name and connector_type'
)
MOVED = 'http://moved.example'


@pytest.fixture(autouse=True)
def _made(make: TokenFactory) -> None:
    """The charm makes its tokens."""


@pytest.fixture
def context() -> Context:
    return opencti_context(WithStatus)


def settled(context: Context, *, number: int = 1, leader: bool = True) -> testing.State:
    """These connectors have their connections, and there was one quiet hook since."""
    state = dataclasses.replace(answerable(*range(number)), leader=leader)
    for _ in range(2):
        state = context.run(context.on.update_status(), state)
    return state


def calls_of(context: Context, event: Any, state: testing.State) -> tuple[RoundTrips, Any]:
    with counted() as calls:
        out = context.run(event, state)
    return calls, out


def ours(calls: RoundTrips) -> dict[str, int]:
    return {n: calls[n] for n in calls if n.startswith(('relation', 'secret'))}


class TestCosts:
    @pytest.fixture
    def state(self, context: Context) -> testing.State:
        return settled(context, number=NUMBER)

    def test_a_hook_that_concerns_no_relation_asks_nothing(
        self, context: Context, state: testing.State
    ):
        calls, out = calls_of(context, context.on.start(), state)
        assert ours(calls) == {}
        assert out.unit_status == testing.ActiveStatus()

    def test_where_nothing_is_to_be_written_nothing_is_asked(self, opencti: Context):
        state = dataclasses.replace(answerable(*range(NUMBER)), leader=False)
        calls, _ = calls_of(opencti, opencti.on.start(), state)
        assert ours(calls) == {}

    @pytest.mark.parametrize('leader', [True, False])
    def test_a_secret_of_another_has_changed(self, context: Context, leader: bool):
        state = settled(context, number=NUMBER, leader=leader)
        password = testing.Secret({'password': 'old'}, latest_content={'password': 'new'})
        state = dataclasses.replace(state, secrets={*state.secrets, password})
        with counted() as calls:
            context.run(context.on.secret_changed(password), state)
        assert ours(calls) == {'secret_info_get': 1}

    # Another leader, another charm or a person may have written. By update-status at the latest,
    # a grant that was lost comes back. The list of units is ops' own.
    @pytest.mark.parametrize(
        ('event', 'costs'),
        [
            ('config_changed', (1, 1, 0, 0)),
            ('update_status', (1, 2, 1, 1)),
            ('leader_elected', (1, 2, 1, 1)),
            ('upgrade_charm', (1, 2, 1, 1)),
        ],
    )
    def test_a_quiet_hook_that_concerns_all(
        self, context: Context, state: testing.State, event: str, costs: tuple[int, ...]
    ):
        calls, out = calls_of(context, getattr(context.on, event)(), state)
        names = ('relation_list', 'relation_get', 'secret_info_get', 'secret_grant')
        assert tuple(calls[name] // NUMBER for name in names) == costs
        assert out.relations == state.relations

    def test_a_hook_that_concerns_one_relation(self, context: Context, state: testing.State):
        event = context.on.relation_changed(state.get_relation(3))
        calls, _ = calls_of(context, event, state)
        # ops lists the units of all of them.
        names = ('relation_get', 'secret_info_get', 'secret_grant')
        assert [calls[name] for name in names] == [2, 1, 1]

    def test_an_old_revision_is_removed_without_a_look_at_the_relations(
        self, context: Context, state: testing.State
    ):
        secret = next(s for s in state.secrets if s.label == 'opencti-connector-token-3')
        state = context.run(context.on.secret_expired(secret, revision=1), state)
        state = context.run(context.on.start(), state)
        secret = next(s for s in state.secrets if s.id == secret.id)
        event = context.on.secret_remove(secret, revision=1)
        calls, out = calls_of(context, event, state)
        assert context.removed_secret_revisions == [1]
        assert ours(calls) == {'secret_info_get': 1, 'secret_remove': 1}
        assert out.unit_status == testing.ActiveStatus()


class TestTheStatusIsRemembered:
    @pytest.fixture(params=[True, False], ids=['leader', 'not-leader'])
    def state(self, context: Context, request: pytest.FixtureRequest) -> testing.State:
        """The state of a unit that has heard nothing of one of its connectors."""
        state = settled(context, number=3, leader=request.param)
        silent = relation(id=5)
        state = dataclasses.replace(state, relations={*state.relations, silent})
        state = context.run(context.on.relation_created(silent), state)
        assert state.unit_status == SILENT
        return state

    def test_of_one_that_is_not_heard_of(self, context: Context, state: testing.State):
        for event in context.on.start(), context.on.relation_changed(state.get_relation(1)):
            state = context.run(event, state)
            assert state.unit_status == SILENT

    def test_until_it_speaks(self, context: Context, state: testing.State):
        speaks = dataclasses.replace(
            state.get_relation(5), remote_app_data=related().remote_app_data
        )
        others = {r for r in state.relations if r.id != 5}
        state = dataclasses.replace(state, relations={*others, speaks})
        for event in context.on.relation_changed(speaks), context.on.start():
            state = context.run(event, state)
            assert state.unit_status == testing.ActiveStatus()

    def test_until_it_is_gone(self, context: Context, state: testing.State):
        state = context.run(context.on.relation_broken(state.get_relation(5)), state)
        assert state.unit_status == testing.ActiveStatus()

    def test_the_worst_comes_first_then_the_oldest(self, context: Context, state: testing.State):
        wrong = related(id=6, remote_app_data={'connector_charm_name': 'a', 'connector_type': 'b'})
        younger = relation(id=8)
        state = dataclasses.replace(state, relations={*state.relations, wrong, younger})
        for new in (younger, wrong):
            state = context.run(context.on.relation_changed(new), state)
        assert isinstance(state.unit_status, testing.BlockedStatus)
        assert state.unit_status.message.startswith('relation 6 with a-connector: ')
        state = context.run(context.on.relation_broken(state.get_relation(6)), state)
        assert state.unit_status == SILENT


def test_a_unit_that_comes_to_lead_looks_again(context: Context):
    state = settled(context, leader=False)
    assert state.unit_status == testing.ActiveStatus()
    state = context.run(context.on.start(), dataclasses.replace(state, leader=True))
    assert isinstance(state.unit_status, testing.WaitingStatus)


def test_a_unit_that_leads_no_more_looks_once(context: Context):
    state = dataclasses.replace(settled(context), leader=False)
    state = context.run(context.on.start(), state)
    calls, _ = calls_of(context, context.on.start(), state)
    assert ours(calls) == {}


class TestWhatIsConfirmed:
    """What an earlier hook has found published counts while nobody else writes."""

    @pytest.fixture
    def state(self, context: Context) -> testing.State:
        return settled(context)

    @pytest.mark.parametrize(
        'event', ['leader_elected', 'upgrade_charm', 'update_status', 'relation_changed']
    )
    def test_others_may_have_written(self, context: Context, state: testing.State, event: str):
        data = {**only_relation(state).local_app_data, 'opencti_url': 'http://elsewhere.example'}
        state = replace_relation(state, local_app_data=data)
        about = [only_relation(state)] if event == 'relation_changed' else []
        out = context.run(getattr(context.on, event)(*about), state)
        assert only_relation(out).local_app_data['opencti_url'] == URL

    def test_a_hook_that_failed_has_written_nothing(self, context: Context):
        state = context.run(context.on.config_changed(), answerable())
        # Juju undid what was written, but the unit's stored state stands.
        undone = replace_relation(dataclasses.replace(state, secrets=set()), local_app_data={})
        out = context.run(context.on.config_changed(), undone)
        assert only_relation(out).local_app_data
        assert len(out.secrets) == 1

    def test_another_url_is_written(
        self, context: Context, state: testing.State, monkeypatch: pytest.MonkeyPatch
    ):
        for url in (MOVED, URL):
            monkeypatch.setattr(OpenctiCharm, 'url', url)
            state = context.run(context.on.config_changed(), state)
            assert only_relation(state).local_app_data['opencti_url'] == url

    @pytest.mark.parametrize('hooks', [1, 2])
    def test_no_token_is_made_after_a_withdrawal_while_juju_cannot_answer(
        self, context: Context, hooks: int
    ):
        state = answerable()
        for _ in range(hooks):
            state = context.run(context.on.update_status(), state)
        make = TokenFactory()
        context.ledger.failing_lists = [juju.SECRET_WENT] * 9
        with context(context.on.start(), state) as manager:
            endpoint = endpoint_of(manager)
            (connector,) = endpoint.connectors
            endpoint.withdraw_connection(connector.relation)
            assert not endpoint.publish_connection(connector.relation, url=URL, token=make)
            manager.run()
        assert make.made == []


class TestASecretThatSomebodyRemoved:
    @pytest.fixture
    def state(self, context: Context) -> testing.State:
        return dataclasses.replace(settled(context), secrets=set())

    def assert_made_again(self, state: testing.State) -> None:
        assert state.unit_status == testing.ActiveStatus()
        assert len(state.secrets) == 1

    def test_is_made_again(self, context: Context, state: testing.State):
        self.assert_made_again(context.run(context.on.update_status(), state))

    def test_is_missed_at_once_with_a_plain_token(
        self, context: Context, state: testing.State, monkeypatch: pytest.MonkeyPatch
    ):
        """Juju 3.6 refuses to set a secret that is gone only when the hook ends."""
        monkeypatch.setattr(OpenctiCharm, 'token', TOKEN)
        self.assert_made_again(context.run(context.on.config_changed(), state))

    def test_is_missed_with_another_url(
        self, context: Context, state: testing.State, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(OpenctiCharm, 'url', MOVED)
        self.assert_made_again(context.run(context.on.config_changed(), state))


def test_the_status_of_a_hook_that_failed_does_not_count(
    context: Context, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(OpenctiCharm, '_on_available', lambda *_: None)
    state = context.run(context.on.config_changed(), answerable())
    assert isinstance(state.unit_status, testing.WaitingStatus)
    context.is_killed = True
    with pytest.raises(juju.HookFailed):
        in_hook(context, state, publishing())
    context.is_killed = False
    assert context.unflushed.unit_status == testing.ActiveStatus()
    # Juju wrote nothing, but the unit's stored state is on its disk.
    again = dataclasses.replace(state, stored_states=context.unflushed.stored_states)
    out = context.run(context.on.start(), again)
    assert isinstance(out.unit_status, testing.WaitingStatus)
