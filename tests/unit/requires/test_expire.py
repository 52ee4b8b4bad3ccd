# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A token that expires: Juju reports it, and the charm replaces it."""

import dataclasses
import datetime
import time
from collections.abc import Iterator

import pytest
from ops import testing

from opencti_connector import ConnectorAvailableEvent

from ..charms import Context, OpenctiCharm, opencti_context
from ..states import only_relation, relation
from ..values import NEW_TOKEN, PAST, TOKEN, TokenFactory
from .calls import connector_reads, in_hook, publishing, withdrawn
from .states import answerable, only_secret, published, related, replace_secret, token_in

MONTH = datetime.timedelta(days=30)
UTC = datetime.timezone.utc
DUE = 'connector_token_due'


def is_a_month(state: testing.State) -> bool:
    """Whether the token is in use for another month."""
    expire = only_secret(state).expire
    if expire is None:
        return False
    return MONTH - datetime.timedelta(hours=1) < expire - datetime.datetime.now(tz=UTC) <= MONTH


def expired(state: testing.State) -> testing.State:
    """The state when the token's time is over."""
    return replace_secret(state, expire=PAST)


def tell(context: Context, state: testing.State, revision: int = 1) -> testing.State:
    return context.run(context.on.secret_expired(only_secret(state), revision=revision), state)


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose time is not UTC."""
    with monkeypatch.context() as patch:
        patch.setenv('TZ', 'Asia/Tokyo')
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures('make')
class TestExpiry:
    @pytest.fixture(autouse=True)
    def _a_month(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(OpenctiCharm, 'expire', MONTH)

    def test_it_is_set_with_the_first_token_and_not_prolonged(self, opencti: Context):
        first = published(answerable(), opencti)
        assert is_a_month(first)
        second = published(first, opencti)
        assert only_secret(second).expire == only_secret(first).expire

    def test_a_plain_token_that_is_new_gets_it_in_the_next_hook(self, opencti: Context):
        state = published(answerable(), opencti)
        for _ in range(2):
            state = published(state, opencti, token=NEW_TOKEN)
        assert token_in(state) == NEW_TOKEN
        assert is_a_month(state)

    def test_one_that_an_action_replaced_gets_it_in_the_next_hook(self, opencti: Context):
        state = answerable()
        for _ in range(2):
            state = opencti.run(opencti.on.config_changed(), state)
        state = in_hook(opencti, state, publishing(token=NEW_TOKEN))
        assert only_secret(state).expire is None
        state = opencti.run(opencti.on.config_changed(), state)
        assert token_in(state) == NEW_TOKEN
        assert is_a_month(state)

    def test_the_next_token_gets_its_own(self, opencti: Context):
        state = tell(opencti, expired(published(answerable(), opencti)))
        assert opencti.emitted()[-1] == DUE
        assert token_in(state) == 's3cr3t-made-2'
        assert is_a_month(state)

    def test_a_published_token_without_one_gets_it(self):
        state = published(replace_secret(published(answerable()), expire=None))
        assert is_a_month(state)

    def test_without_one_the_old_stays(self):
        assert is_a_month(published(published(answerable()), expire=None))

    def test_a_withdrawn_token_is_not_due(self, opencti: Context):
        state = withdrawn(opencti, published(answerable(), opencti))
        opencti.emitted_events.clear()
        state = tell(opencti, expired(state))
        assert opencti.emitted() == []
        assert only_relation(state).local_app_data == {}


class TestTime:
    EAST = datetime.timezone(datetime.timedelta(hours=5))

    @pytest.mark.parametrize(
        'expire',
        [
            datetime.datetime(2099, 1, 1, 5, tzinfo=EAST),
            datetime.datetime(2099, 1, 1, tzinfo=UTC),
            # Without a time zone it is this machine's time, as always in Python. Juju would take
            # it for UTC.
            datetime.datetime(2099, 1, 1, 9),
        ],
    )
    def test_it_reaches_juju_in_utc(
        self, opencti: Context, expire: datetime.datetime, make: TokenFactory
    ):
        out = in_hook(opencti, answerable(), publishing(token=make, expire=expire))
        found = only_secret(out).expire
        assert found == datetime.datetime(2099, 1, 1, tzinfo=UTC)
        assert found.tzinfo is UTC

    @pytest.mark.parametrize(
        ('expire', 'problem'),
        [
            (datetime.timedelta(0), 'in the future'),
            (datetime.timedelta(seconds=-1), 'in the future'),
            (PAST, 'in the future'),
            (datetime.datetime(2020, 1, 1), 'in the future'),
            (datetime.datetime.now(tz=UTC), 'in the future'),
            (datetime.timedelta(days=10_000_000), 'in the years 1 to 9999'),
            (
                datetime.datetime.max.replace(tzinfo=datetime.timezone(-EAST.utcoffset(None))),
                'in the years 1 to 9999',
            ),
            # Without a time zone, east of UTC.
            (datetime.datetime.min, 'in the years 1 to 9999'),
            (7, r'a datetime\.datetime or a date'),
            ('2099-01-01', r'a datetime\.datetime or a date'),
            (datetime.date(2099, 1, 1), r'a datetime\.datetime or a date'),
        ],
    )
    def test_what_is_refused(self, opencti: Context, expire: object, problem: str):
        error = TypeError if 'datetime' in problem else ValueError
        with pytest.raises(error, match=f'^expire: must be {problem}'):
            in_hook(opencti, answerable(), publishing(expire=expire))


class TestDue:
    def test_the_charm_is_told_and_makes_a_new_token(self, opencti: Context, make: TokenFactory):
        state = published(answerable(), opencti)
        state = tell(opencti, state)  # Juju's clock is ahead of this unit's.
        assert opencti.emitted()[-1] == DUE
        event = opencti.emitted_events[-1]
        assert (event.relation_name, event.relation_id) == ('opencti-connector', 7)
        assert event.connector.user_name == 'charm-connector-a-connector-7'
        assert (token_in(state), len(make.made)) == ('s3cr3t-made-2', 2)

    def test_one_is_made_however_often_the_charm_publishes(self, make: TokenFactory):
        class Twice(OpenctiCharm):
            def _on_available(self, event: ConnectorAvailableEvent):
                for _ in range(2):
                    super()._on_available(event)

        context = opencti_context(Twice)
        state = tell(context, expired(published(answerable(), context)))
        assert (token_in(state), len(make.made)) == ('s3cr3t-made-2', 2)

    def test_a_plain_token_replaces_it(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        state = published(answerable(), opencti)
        monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
        assert token_in(tell(opencti, expired(state))) == NEW_TOKEN

    def test_it_is_announced_until_it_is_replaced(
        self, make: TokenFactory, monkeypatch: pytest.MonkeyPatch
    ):
        state = expired(published(answerable()))
        with monkeypatch.context() as patch:
            patch.setattr(OpenctiCharm, '_on_available', lambda *_: None)
            for _ in range(2):
                context = opencti_context()
                state = tell(context, state)
                assert context.emitted() == [DUE]
                assert context.removed_secret_revisions == []
        # A charm that deferred the event makes the token in a later hook.
        assert token_in(published(state)) == 's3cr3t-made-2'

    def test_the_old_revision_stays_until_the_connector_has_read_the_new_one(
        self, opencti: Context, make: TokenFactory
    ):
        state = published(answerable(), opencti)
        secret = only_secret(state)
        connector_reads(opencti, secret)
        state = tell(opencti, state)
        opencti.emitted_events.clear()
        # So Juju goes on reporting the old one, which was replaced and is not announced.
        state = tell(opencti, state)
        assert opencti.emitted() == []
        assert len(make.made) == 2
        state = opencti.run(opencti.on.update_status(), state)
        assert opencti.removed_secret_revisions == []
        assert opencti.ledger.obsolete('opencti') == []

        connector_reads(opencti, secret)
        ((_, revision),) = opencti.ledger.obsolete('opencti')
        opencti.run(opencti.on.secret_remove(only_secret(state), revision=revision), state)
        assert opencti.removed_secret_revisions == [1]

    @pytest.mark.parametrize('label', ['opencti-connector-token-8', 'of-the-charm', None])
    def test_other_secrets_are_ignored(self, opencti: Context, label: str | None):
        secret = testing.Secret({'token': TOKEN}, owner='app', label=label)
        tell(opencti, dataclasses.replace(answerable(), secrets={secret}))
        assert opencti.emitted() == []

    def test_a_former_leader_announces_nothing(self, opencti: Context):
        state = published(answerable(), opencti)
        opencti.emitted_events.clear()
        tell(opencti, dataclasses.replace(state, leader=False))
        assert opencti.emitted() == []

    def test_only_its_secret_changes(self, opencti: Context, make: TokenFactory):
        state = testing.State(leader=True, relations={related(id=7), related(id=9), relation()})
        state = opencti.run(opencti.on.config_changed(), state)
        before = {s.label: s.latest_content for s in state.secrets}
        (secret,) = (s for s in state.secrets if s.label == 'opencti-connector-token-9')
        out = opencti.run(opencti.on.secret_expired(secret, revision=1), state)
        after = {s.label: s.latest_content for s in out.secrets}
        changed = {label for label in before if before[label] != after[label]}
        assert changed == {'opencti-connector-token-9'}
