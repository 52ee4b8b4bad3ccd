# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Any databag, any secret, any hook: no crash, no leak, and the outcome that the data deserve."""

from typing import Any

import hypothesis
import ops
import pytest
from hypothesis import strategies as st
from ops import testing

from opencti_connector import ConnectorProvides, OpenctiRequires, RelatedConnector
from tests.unit.conftest import (
    MARK,
    ConnectorCharm,
    Context,
    OpenctiCharm,
    connector_context,
    opencti_context,
    relation,
    token_secret,
)

from . import memory, oracle, strategies
from .conftest import DATABAGS

HOOKS = (
    'relation_created',
    'relation_joined',
    'relation_changed',
    'relation_departed',
    'relation_broken',
    'secret_changed',
    'config_changed',
    'update_status',
    'upgrade_charm',
    'leader_elected',
)
# What the library does not observe, as nothing follows from it.
SILENT = ('relation_departed',)


def event(
    context: Context, hook: str, related: testing.Relation, secret: testing.Secret | None
) -> Any:
    if hook == 'secret_changed':
        return context.on.update_status() if secret is None else context.on.secret_changed(secret)
    make = getattr(context.on, hook)
    return make(related) if hook.startswith('relation') else make()


def assert_shows_no_token(*shown: object) -> None:
    for thing in shown:
        assert MARK not in f'{thing} {thing!r}'


class TestConnector:
    @hypothesis.settings(max_examples=DATABAGS)
    @hypothesis.given(
        strategies.connection, strategies.secrets, st.sampled_from(HOOKS), st.booleans()
    )
    def test_the_outcome_is_the_deserved_one(
        self, databag: dict[str, str], content: strategies.Secret, hook: str, leader: bool
    ):
        memory.free()
        ConnectorCharm.seen.clear()
        related = relation(remote_app_name='opencti', remote_app_data=databag)
        secret = None
        if content.tracked is not None and oracle.secret_id(databag.get('opencti_token', '')):
            secret = testing.Secret(
                content.tracked, latest_content=content.newest, id=databag['opencti_token']
            )
        if secret is None:
            content = strategies.Secret(None, None)
        state = testing.State(
            leader=leader, relations={related}, secrets={secret} if secret else set()
        )

        context = connector_context()
        with context(event(context, hook, related, secret), state) as manager:
            out = manager.run()
            endpoint: ConnectorProvides = manager.charm.opencti
            assert_shows_no_token(endpoint, endpoint.connection, endpoint.get_status())

        expected = oracle.connection(databag, content)
        if hook == 'relation_broken':
            expected = {'broken'}
        elif not leader:
            expected = {'not leader'}
        elif hook in SILENT and 'valid' in expected:
            expected = expected - {'valid'} | {
                'unpublished'
            }  # The connector has not said who it is.
        outcome = next(
            outcome
            for outcome, (status, message) in {
                'valid': ('active', ''),
                'invalid': ('blocked', 'opencti_'),
                'missing': ('waiting', 'waiting for opencti_'),
                'unavailable': ('waiting', 'waiting for access'),
                'not leader': ('waiting', 'waiting for this unit'),
                'unpublished': ('waiting', "waiting for the connector's details"),
                'broken': ('blocked', 'missing relation'),
            }.items()
            if out.unit_status.name == status and out.unit_status.message.startswith(message)
        )
        assert outcome in expected
        emitted = {
            'valid': ['opencti_connection_available'],
            'invalid': ['opencti_connection_invalid'],
        }
        assert context.emitted() == ([] if hook in SILENT else emitted.get(outcome, []))
        assert ConnectorCharm.seen == (
            [(databag['opencti_url'], (content.newest or {})['token'])]
            if outcome == 'valid' and hook not in SILENT
            else []
        )
        assert len(out.unit_status.message) < 300
        assert out.unit_status.message.isprintable()


class TestOpencti:
    @hypothesis.settings(max_examples=DATABAGS)
    @hypothesis.given(strategies.details, st.sampled_from(HOOKS), st.booleans())
    def test_the_outcome_is_the_deserved_one(
        self, databag: dict[str, str], hook: str, leader: bool
    ):
        memory.free()
        OpenctiCharm.removed.clear()
        related = relation(id=7, remote_app_name='a-connector', remote_app_data=databag)
        own = token_secret(owner='app')
        state = testing.State(leader=leader, relations={related}, secrets={own})

        context = opencti_context()
        hook = 'update_status' if hook == 'secret_changed' else hook
        with context(event(context, hook, related, None), state) as manager:
            out = manager.run()
            endpoint: OpenctiRequires = manager.charm.opencti_connector
            connectors = endpoint.connectors
            assert_shows_no_token(endpoint)

        expected = oracle.details(databag) if hook != 'relation_broken' else {'broken'}
        assert len(connectors) == (0 if expected == {'broken'} else 1)
        for connector in connectors:
            assert (connector.details is not None) == (expected == {'valid'})
            self.assert_is_safe(connector)
        (outcome,) = expected

        emitted = {
            'valid': ['connector_available'],
            'invalid': ['connector_invalid'],
            'broken': ['connector_removed'],
        }
        is_heard = leader and hook not in SILENT
        assert context.emitted() == (emitted.get(outcome, []) if is_heard else [])
        is_published = is_heard and outcome == 'valid'
        assert len(out.secrets) == (2 if is_published else 1)
        assert bool(out.get_relation(7).local_app_data) == is_published
        assert OpenctiCharm.removed == (
            [(7, 'charm-connector-a-connector-7')] if is_heard and outcome == 'broken' else []
        )
        for emitted_event in context.emitted_events:
            error = getattr(emitted_event, 'error', '')
            assert len(error) < 500
            assert error.isprintable()

    def assert_is_safe(self, connector: RelatedConnector) -> None:
        assert connector.user_name == 'charm-connector-a-connector-7'
        details = connector.details
        if details is None:
            assert connector.error
            return
        shown = [details.connector_charm_name, str(details.connector_type)]
        shown += [details.connector_id] if details.connector_id else []
        for text in shown:
            assert text.isascii()
            assert text.isprintable()
            assert len(text) <= 128


class TestApi:
    """What a charm passes to `publish_connection`."""

    @hypothesis.settings(max_examples=DATABAGS // 10)
    @hypothesis.given(strategies.connection, strategies.secrets)
    def test_what_is_refused_writes_nothing(
        self, databag: dict[str, str], content: strategies.Secret
    ):
        memory.free()
        related = relation(id=7)
        url = databag.get('opencti_url', '')
        token = (content.newest or {}).get('token', '')
        verdicts = {oracle.url(url) if url else False, oracle.token({'token': token})}

        context = opencti_context()
        state = testing.State(leader=True, relations={related})
        with context(context.on.start(), state) as manager:
            (to,) = manager.charm.model.relations['opencti-connector']
            refusal = None
            try:
                manager.charm.opencti_connector.publish_connection(to, url=url, token=token)
            except ValueError as error:
                refusal = error
            out = manager.run()
        is_refused = refusal is not None
        if refusal is not None:
            assert_shows_no_token(refusal, refusal.__cause__, refusal.__context__)
        assert is_refused if False in verdicts else True
        assert not is_refused if verdicts == {True} else True
        assert bool(out.secrets) != is_refused
        assert bool(out.get_relation(7).local_app_data) != is_refused


@pytest.mark.parametrize('managed', [True, False])
def test_the_context_would_find_a_leak(managed: bool):
    class Leaky(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.start, self._on_start)

        def _on_start(self, event: ops.StartEvent):
            for related in self.model.relations['opencti-connector']:
                related.data[self.app]['opencti_token'] = f'{MARK}-x'

    context = opencti_context(Leaky)
    start, state = context.on.start(), testing.State(leader=True, relations={relation()})

    def run() -> None:
        if managed:
            with context(start, state) as manager:
                manager.run()
        else:
            context.run(start, state)

    with pytest.raises(AssertionError, match=MARK):
        run()
