# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A hook costs by the relations that it concerns, however many others there are."""

import dataclasses
from typing import Any

import pytest
from ops import testing

from fakes import juju
from tests.round_trips import RoundTrips, counted

from ..conftest import TOKEN, URL, Context, OpenctiCharm, TokenFactory, opencti_context, relation
from ..requires_charm import WithStatus, endpoint_of, related

NUMBER = 20
SILENT = testing.WaitingStatus(
    'relation 5 with remote: waiting for connector_charm_name and connector_type'
)


@pytest.fixture(autouse=True)
def _made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(OpenctiCharm, 'token', TokenFactory())


@pytest.fixture
def context() -> Context:
    return opencti_context(WithStatus)


def settled(context: Context, *, number: int = NUMBER, leader: bool = True) -> testing.State:
    """Many connectors that have their connections, and one quiet hook since."""
    state = testing.State(leader=leader, relations={related(id=i) for i in range(number)})
    for _ in range(2):
        state = context.run(context.on.update_status(), state)
    return state


def calls_of(context: Context, event: Any, state: testing.State) -> tuple[RoundTrips, Any]:
    with counted() as calls:
        out = context.run(event, state)
    return calls, out


def per_relation(calls: RoundTrips) -> dict[str, int]:
    ours = ('relation_list', 'relation_get', 'secret_info_get', 'secret_grant')
    return {name: calls[name] // NUMBER for name in ours if calls[name] >= NUMBER}


def test_a_hook_that_concerns_no_relation_asks_nothing(context: Context):
    calls, out = calls_of(context, context.on.start(), settled(context))
    assert {name for name in calls if name.startswith(('relation', 'secret'))} == set()
    assert out.unit_status == testing.ActiveStatus()


def test_where_nothing_is_to_be_written_nothing_is_asked():
    context = opencti_context()
    state = testing.State(leader=False, relations={related(id=i) for i in range(NUMBER)})
    calls, _ = calls_of(context, context.on.start(), state)
    assert {name for name in calls if name.startswith(('relation', 'secret'))} == set()


@pytest.mark.parametrize(
    ('event', 'costs'),
    [
        # The list of units is ops' own.
        ('config_changed', {'relation_list': 1, 'relation_get': 1}),
        # Another leader, another charm or a person may have written. By update-status at the
        # latest, a grant that was lost comes back.
        (
            'update_status',
            {'relation_list': 1, 'relation_get': 2, 'secret_info_get': 1, 'secret_grant': 1},
        ),
        (
            'leader_elected',
            {'relation_list': 1, 'relation_get': 2, 'secret_info_get': 1, 'secret_grant': 1},
        ),
        (
            'upgrade_charm',
            {'relation_list': 1, 'relation_get': 2, 'secret_info_get': 1, 'secret_grant': 1},
        ),
    ],
)
def test_a_quiet_hook_that_concerns_all(context: Context, event: str, costs: dict[str, int]):
    state = settled(context)
    calls, out = calls_of(context, getattr(context.on, event)(), state)
    assert per_relation(calls) == costs
    assert out.relations == state.relations


def test_a_hook_that_concerns_one_relation(context: Context):
    state = settled(context)
    calls, _ = calls_of(context, context.on.relation_changed(state.get_relation(3)), state)
    # ops lists the units of all of them.
    assert (calls['relation_get'], calls['secret_info_get'], calls['secret_grant']) == (2, 1, 1)


def test_an_old_revision_is_removed_without_a_look_at_the_relations(context: Context):
    state = settled(context)
    secret = next(s for s in state.secrets if s.label == 'opencti-connector-token-3')
    state = context.run(context.on.secret_expired(secret, revision=1), state)
    state = context.run(context.on.start(), state)
    secret = next(s for s in state.secrets if s.label == 'opencti-connector-token-3')
    calls, out = calls_of(context, context.on.secret_remove(secret, revision=1), state)
    assert context.removed_secret_revisions == [1]
    assert {n: calls[n] for n in calls if n.startswith(('relation', 'secret'))} == {
        'secret_info_get': 1,
        'secret_remove': 1,
    }
    assert out.unit_status == testing.ActiveStatus()


class TestTheStatusIsRemembered:
    def with_a_silent_one(self, context: Context, **kwargs: Any) -> testing.State:
        state = settled(context, number=3, **kwargs)
        silent = relation(id=5)
        state = dataclasses.replace(state, relations={*state.relations, silent})
        return context.run(context.on.relation_created(silent), state)

    @pytest.mark.parametrize('leader', [True, False])
    def test_of_one_that_is_not_heard_of(self, context: Context, leader: bool):
        state = self.with_a_silent_one(context, leader=leader)
        assert state.unit_status == SILENT
        state = context.run(context.on.start(), state)
        assert state.unit_status == SILENT
        state = context.run(context.on.relation_changed(state.get_relation(1)), state)
        assert state.unit_status == SILENT

    @pytest.mark.parametrize('leader', [True, False])
    def test_until_it_speaks(self, context: Context, leader: bool):
        state = self.with_a_silent_one(context, leader=leader)
        speaks = dataclasses.replace(
            state.get_relation(5), remote_app_data=related().remote_app_data
        )
        others = {r for r in state.relations if r.id != 5}
        state = dataclasses.replace(state, relations={*others, speaks})
        state = context.run(context.on.relation_changed(speaks), state)
        assert state.unit_status == testing.ActiveStatus()
        state = context.run(context.on.start(), state)
        assert state.unit_status == testing.ActiveStatus()

    @pytest.mark.parametrize('leader', [True, False])
    def test_until_it_is_gone(self, context: Context, leader: bool):
        state = self.with_a_silent_one(context, leader=leader)
        state = context.run(context.on.relation_broken(state.get_relation(5)), state)
        assert state.unit_status == testing.ActiveStatus()

    def test_the_worst_comes_first_then_the_oldest(self, context: Context):
        state = self.with_a_silent_one(context)
        wrong = related(id=6, remote_app_data={'connector_charm_name': 'a', 'connector_type': 'b'})
        younger = relation(id=8)
        state = dataclasses.replace(state, relations={*state.relations, wrong, younger})
        for new in (younger, wrong):
            state = context.run(context.on.relation_changed(new), state)
        assert isinstance(state.unit_status, testing.BlockedStatus)
        assert state.unit_status.message.startswith('relation 6 with a-connector: ')
        state = context.run(context.on.relation_broken(state.get_relation(6)), state)
        assert state.unit_status == SILENT

    def test_a_unit_that_comes_to_lead_looks_again(self, context: Context):
        state = settled(context, number=1, leader=False)
        assert state.unit_status == testing.ActiveStatus()
        state = dataclasses.replace(state, leader=True)
        state = context.run(context.on.start(), state)
        assert isinstance(state.unit_status, testing.WaitingStatus)


class TestWhatIsConfirmed:
    """What an earlier hook has found published counts while nobody else writes."""

    def rewritten(self, state: testing.State, **data: str) -> testing.State:
        changed = dataclasses.replace(state.get_relation(0), local_app_data=data)
        return dataclasses.replace(state, relations={changed})

    @pytest.mark.parametrize(
        'event', ['leader_elected', 'upgrade_charm', 'update_status', 'relation_changed']
    )
    def test_others_may_have_written(self, context: Context, event: str):
        state = settled(context, number=1)
        (secret,) = state.secrets
        elsewhere = self.rewritten(
            state, opencti_url='http://elsewhere.example', opencti_token=secret.id
        )
        args = (elsewhere.get_relation(0),) if event == 'relation_changed' else ()
        out = context.run(getattr(context.on, event)(*args), elsewhere)
        assert out.get_relation(0).local_app_data['opencti_url'] == URL

    def test_a_hook_that_failed_has_written_nothing(self, context: Context):
        state = testing.State(leader=True, relations={related(id=0)})
        state = context.run(context.on.config_changed(), state)
        before = self.rewritten(dataclasses.replace(state, secrets=set()))
        # Juju undid what was written, but the unit's stored state stands.
        out = context.run(context.on.config_changed(), before)
        assert out.get_relation(0).local_app_data
        assert len(out.secrets) == 1

    def test_a_url_that_returns_is_written(
        self, context: Context, monkeypatch: pytest.MonkeyPatch
    ):
        state = settled(context, number=1)
        for url in ('http://moved.example', URL):
            monkeypatch.setattr(OpenctiCharm, 'url', url)
            state = context.run(context.on.config_changed(), state)
            assert state.get_relation(0).local_app_data['opencti_url'] == url

    def test_a_plain_token_is_always_looked_at(
        self, context: Context, monkeypatch: pytest.MonkeyPatch
    ):
        """Juju 3.6 refuses to set a secret that is gone only when the hook ends."""
        monkeypatch.setattr(OpenctiCharm, 'token', TOKEN)
        state = dataclasses.replace(settled(context, number=1), secrets=set())
        state = context.run(context.on.config_changed(), state)
        assert state.unit_status == testing.ActiveStatus()
        assert len(state.secrets) == 1

    def test_no_token_is_made_after_a_withdrawal_while_juju_cannot_answer(self, context: Context):
        state = settled(context, number=1)
        make = TokenFactory()
        context.ledger.failing_lists = [juju.SECRET_WENT] * 9
        with context(context.on.start(), state) as manager:
            endpoint = endpoint_of(manager)
            (connector,) = endpoint.connectors
            endpoint.withdraw_connection(connector.relation)
            assert not endpoint.publish_connection(connector.relation, url=URL, token=make)
            manager.run()
        assert make.made == []

    def test_another_url_is_written(self, context: Context, monkeypatch: pytest.MonkeyPatch):
        state = settled(context, number=1)
        monkeypatch.setattr(OpenctiCharm, 'url', 'http://moved.example')
        out = context.run(context.on.config_changed(), state)
        assert out.get_relation(0).local_app_data['opencti_url'] == 'http://moved.example'

    def test_a_secret_that_somebody_removed_is_made_again(self, context: Context):
        state = dataclasses.replace(settled(context, number=1), secrets=set())
        state = context.run(context.on.update_status(), state)
        assert state.unit_status == testing.ActiveStatus()
        assert len(state.secrets) == 1

    def test_a_secret_that_somebody_removed_is_missed_with_another_url(
        self, context: Context, monkeypatch: pytest.MonkeyPatch
    ):
        state = dataclasses.replace(settled(context, number=1), secrets=set())
        monkeypatch.setattr(OpenctiCharm, 'url', 'http://moved.example')
        state = context.run(context.on.config_changed(), state)
        assert isinstance(state.unit_status, testing.WaitingStatus)
        assert 'the published secret is gone' in context.warnings()[-1]
        state = context.run(context.on.config_changed(), state)
        assert state.unit_status == testing.ActiveStatus()
        assert len(state.secrets) == 1


def test_the_status_of_a_hook_that_failed_does_not_count(context: Context):
    state = testing.State(leader=True, relations={related(id=0)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OpenctiCharm, '_on_available', lambda *_: None)
        state = context.run(context.on.config_changed(), state)
    assert isinstance(state.unit_status, testing.WaitingStatus)

    def publish() -> None:
        with context(context.on.start(), state) as manager:
            endpoint = endpoint_of(manager)
            (connector,) = endpoint.connectors
            endpoint.publish_connection(connector.relation, url=URL, token=TOKEN)
            manager.run()

    context.is_killed = True
    with pytest.raises(juju.HookFailed):
        publish()
    context.is_killed = False
    assert context.unflushed.unit_status == testing.ActiveStatus()
    # Juju wrote nothing, but the unit's stored state is on its disk.
    again = dataclasses.replace(state, stored_states=context.unflushed.stored_states)
    out = context.run(context.on.start(), again)
    assert isinstance(out.unit_status, testing.WaitingStatus)
