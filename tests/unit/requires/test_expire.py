# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A token that expires: Juju reports it, and the charm replaces it."""

import dataclasses
import datetime
import time
from collections.abc import Iterator

import pytest
from ops import testing

from ..conftest import (
    NEW_TOKEN,
    TOKEN,
    URL,
    Context,
    OpenctiCharm,
    TokenFactory,
    only_relation,
    opencti_context,
    relation,
)
from ..requires_charm import (
    connector_reads,
    endpoint_of,
    only_secret,
    published,
    related,
    token_in,
)

MONTH = datetime.timedelta(days=30)
PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
DUE = 'connector_token_due'


def expiry(state: testing.State) -> datetime.timedelta | None:
    """How long the token is still in use."""
    expire = only_secret(state).expire
    return expire and expire - datetime.datetime.now(tz=datetime.timezone.utc)


def is_a_month(left: datetime.timedelta | None) -> bool:
    return left is not None and MONTH - datetime.timedelta(hours=1) < left <= MONTH


def expired(state: testing.State) -> testing.State:
    """The state when the token's time is over."""
    secret = dataclasses.replace(only_secret(state), expire=PAST)
    return dataclasses.replace(state, secrets={secret})


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


class TestExpiry:
    @pytest.fixture(autouse=True)
    def _a_month(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(OpenctiCharm, 'token', TokenFactory())
        monkeypatch.setattr(OpenctiCharm, 'expire', MONTH)

    def test_it_is_set_with_the_first_token(self):
        state = published(testing.State(leader=True, relations={related()}))
        assert is_a_month(expiry(state))

    def test_a_quiet_hook_does_not_prolong_it(self, opencti: Context):
        first = published(testing.State(leader=True, relations={related()}), opencti)
        second = published(first, opencti)
        assert only_secret(second).expire == only_secret(first).expire

    def test_a_plain_token_that_is_new_gets_it_in_the_next_hook(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        state = published(testing.State(leader=True, relations={related()}), opencti)
        monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
        state = published(published(state, opencti), opencti)
        assert token_in(state) == NEW_TOKEN
        assert is_a_month(expiry(state))

    def test_one_that_an_action_replaced_gets_it_in_the_next_hook(self, opencti: Context):
        state = testing.State(leader=True, relations={related()})
        for _ in range(2):
            state = opencti.run(opencti.on.config_changed(), state)
        with opencti(opencti.on.start(), state) as manager:
            (connector,) = endpoint_of(manager).connectors
            endpoint_of(manager).publish_connection(connector.relation, url=URL, token=NEW_TOKEN)
            state = manager.run()
        assert only_secret(state).expire is None
        state = opencti.run(opencti.on.config_changed(), state)
        assert token_in(state) == NEW_TOKEN
        assert is_a_month(expiry(state))

    def test_the_next_token_gets_its_own(self, opencti: Context):
        state = published(testing.State(leader=True, relations={related()}), opencti)
        state = tell(opencti, expired(state))
        assert opencti.emitted()[-1] == DUE
        assert token_in(state) == 's3cr3t-made-2'
        assert is_a_month(expiry(state))

    def test_a_published_token_without_one_gets_it(self, opencti: Context):
        state = published(testing.State(leader=True, relations={related()}))
        forever = dataclasses.replace(only_secret(state), expire=None)
        state = published(dataclasses.replace(state, secrets={forever}))
        assert is_a_month(expiry(state))

    def test_without_one_the_old_stays(self, monkeypatch: pytest.MonkeyPatch):
        state = published(testing.State(leader=True, relations={related()}))
        monkeypatch.setattr(OpenctiCharm, 'expire', None)
        assert is_a_month(expiry(published(state)))


class TestTime:
    EAST = datetime.timezone(datetime.timedelta(hours=5))

    @pytest.mark.parametrize(
        'expire',
        [
            datetime.datetime(2099, 1, 1, 5, tzinfo=EAST),
            datetime.datetime(2099, 1, 1, tzinfo=datetime.timezone.utc),
            # Without a time zone it is this machine's time, as always in Python. Juju would take
            # it for UTC.
            datetime.datetime(2099, 1, 1, 9),
        ],
    )
    def test_it_reaches_juju_in_utc(self, opencti: Context, expire: datetime.datetime):
        state = testing.State(leader=True, relations={related()})
        with opencti(opencti.on.start(), state) as manager:
            (connector,) = endpoint_of(manager).connectors
            endpoint_of(manager).publish_connection(
                connector.relation, url=URL, token=TokenFactory(), expire=expire
            )
            out = manager.run()
        found = only_secret(out).expire
        assert found == datetime.datetime(2099, 1, 1, tzinfo=datetime.timezone.utc)
        assert found.tzinfo is datetime.timezone.utc

    @pytest.mark.parametrize(
        'expire',
        [
            datetime.timedelta(0),
            datetime.timedelta(seconds=-1),
            PAST,
            datetime.datetime(2020, 1, 1),
            datetime.datetime.now(tz=datetime.timezone.utc),
        ],
    )
    def test_it_must_be_in_the_future(
        self, opencti: Context, expire: datetime.datetime | datetime.timedelta
    ):
        with pytest.raises(ValueError, match=r'^expire: must be in the future$'):
            self.publish(opencti, expire)

    @pytest.mark.parametrize(
        'expire',
        [
            datetime.timedelta(days=10_000_000),
            datetime.datetime.max.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-5))),
            datetime.datetime.min,  # Without a time zone, east of UTC.
        ],
    )
    def test_it_must_be_a_time_that_utc_can_hold(
        self, opencti: Context, expire: datetime.datetime | datetime.timedelta
    ):
        with pytest.raises(ValueError, match=r'^expire: must be in the years 1 to 9999$'):
            self.publish(opencti, expire)

    @pytest.mark.parametrize('expire', [7, '2099-01-01', datetime.date(2099, 1, 1)])
    def test_it_must_be_a_time(self, opencti: Context, expire: object):
        with pytest.raises(TypeError, match=r'^expire: must be a datetime\.datetime or a date'):
            self.publish(opencti, expire)

    def publish(self, context: Context, expire: object) -> None:
        state = testing.State(leader=True, relations={related()})
        with context(context.on.start(), state) as manager:
            (connector,) = endpoint_of(manager).connectors
            endpoint_of(manager).publish_connection(
                connector.relation,
                url=URL,
                token=TOKEN,
                expire=expire,  # type: ignore[arg-type]
            )


class TestDue:
    @pytest.fixture
    def make(self, monkeypatch: pytest.MonkeyPatch) -> TokenFactory:
        factory = TokenFactory()
        monkeypatch.setattr(OpenctiCharm, 'token', factory)
        return factory

    def test_the_charm_is_told_and_makes_a_new_token(self, opencti: Context, make: TokenFactory):
        state = published(testing.State(leader=True, relations={related(id=7)}), opencti)
        state = tell(opencti, state)  # Juju's clock is ahead of this unit's.
        assert opencti.emitted()[-1] == DUE
        event = opencti.emitted_events[-1]
        assert (event.relation_name, event.relation_id) == ('opencti-connector', 7)
        assert event.connector.user_name == 'charm-connector-a-connector-7'
        assert (token_in(state), len(make.made)) == ('s3cr3t-made-2', 2)

    def test_a_plain_token_replaces_it(self, opencti: Context, monkeypatch: pytest.MonkeyPatch):
        state = published(testing.State(leader=True, relations={related()}), opencti)
        monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
        state = tell(opencti, expired(state))
        assert token_in(state) == NEW_TOKEN

    def test_it_is_announced_until_it_is_replaced(self, make: TokenFactory):
        class Unable(OpenctiCharm):
            def _on_available(self, event: object):
                pass

        state = expired(published(testing.State(leader=True, relations={related()})))
        for _ in range(2):
            context = opencti_context(Unable)
            state = tell(context, state)
            assert context.emitted() == [DUE]
            assert context.removed_secret_revisions == []
        # A charm that deferred the event makes the token in a later hook.
        assert token_in(published(state)) == 's3cr3t-made-2'

    def test_one_that_was_replaced_is_not_announced(self, opencti: Context, make: TokenFactory):
        state = published(testing.State(leader=True, relations={related()}), opencti)
        connector_reads(opencti, only_secret(state))
        state = tell(opencti, state)
        opencti.emitted_events.clear()
        # The connector has not read the new one yet, so Juju goes on reporting the old one.
        state = tell(opencti, state)
        assert opencti.emitted() == []
        assert len(make.made) == 2

    def test_the_old_revision_stays_until_the_connector_has_read_the_new_one(
        self, opencti: Context, make: TokenFactory
    ):
        state = published(testing.State(leader=True, relations={related()}), opencti)
        secret = only_secret(state)
        connector_reads(opencti, secret)
        state = tell(opencti, state)
        state = tell(opencti, state)
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
        state = testing.State(leader=True, relations={related(id=7)}, secrets={secret})
        with opencti(opencti.on.secret_expired(secret, revision=1), state) as manager:
            manager.run()
        assert opencti.emitted() == []

    def test_a_former_leader_announces_nothing(self, opencti: Context):
        state = published(testing.State(leader=True, relations={related()}), opencti)
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


def test_a_withdrawn_token_is_not_due(opencti: Context, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(OpenctiCharm, 'token', TokenFactory())
    monkeypatch.setattr(OpenctiCharm, 'expire', MONTH)
    state = published(testing.State(leader=True, relations={related()}), opencti)
    with opencti(opencti.on.start(), state) as manager:
        endpoint = endpoint_of(manager)
        endpoint.withdraw_connection(endpoint.connectors[0].relation)
        state = manager.run()
    opencti.emitted_events.clear()
    state = tell(opencti, expired(state))
    assert opencti.emitted() == []
    assert only_relation(state).local_app_data == {}
