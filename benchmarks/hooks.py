# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The round trips of each hook."""

import collections
import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import ops
from ops import testing

from opencti_connector.testing import relation_for_provider, relation_for_requirer
from tests.round_trips import JUJU, PEBBLE, counted

from . import charms

NAMES = (*JUJU, *PEBBLE)


class Runner:
    """Runs hooks of one charm, each with the state from the one before."""

    def __init__(self, charm: type[ops.CharmBase], state: testing.State, **context: Any):
        self.state = state
        self._new_context: Callable[[], testing.Context[Any]] = lambda: testing.Context(
            charm, app_name='app', **context
        )

    @property
    def relation(self) -> testing.Relation:
        """The only relation."""
        (relation,) = self.state.relations
        assert isinstance(relation, testing.Relation)
        return relation

    def run(self, event: Callable[[testing.CharmEvents], Any]) -> collections.Counter[str]:
        """Run a hook and count its round trips."""
        context = self._new_context()
        with counted() as calls:
            self.state = context.run(event(context.on), self.state)
        return calls

    def rotate(self, of: str) -> None:
        """Give the secret that holds a token a newer revision."""
        (secret,) = (s for s in self.state.secrets if 'token' in (s.latest_content or {}))
        rotated = dataclasses.replace(secret, latest_content={'token': of})
        others = {s for s in self.state.secrets if s.id != secret.id}
        self.state = dataclasses.replace(self.state, secrets={*others, rotated})

    @property
    def token_secret(self) -> testing.Secret:
        """The secret that holds the token."""
        (secret,) = (s for s in self.state.secrets if 'token' in (s.latest_content or {}))
        return secret


def _connector(charm: type[ops.CharmBase]) -> Runner:
    relation, secrets = relation_for_provider(connector_id=None)
    state = testing.State(leader=True, relations={relation}, secrets=secrets)
    return Runner(charm, state, **charms.CONNECTOR)


def _k8s() -> Runner:
    relation, secrets = relation_for_provider(connector_id=None)
    credentials = testing.Secret({'client-secret': 'x'})
    state = testing.State(
        leader=True,
        relations={relation},
        secrets={*secrets, credentials},
        config={
            'crowdstrike-client-id': 'x',
            'crowdstrike-client-secret': credentials.id,
        },
        containers={testing.Container(charms.CONTAINER, can_connect=True)},
    )
    return Runner(charms.K8sCharm, state)


def _opencti(charm: type[ops.CharmBase]) -> Runner:
    relation, _ = relation_for_requirer()
    state = testing.State(leader=True, relations={relation})
    return Runner(charm, state, **charms.OPENCTI)


def _bare() -> Runner:
    return _connector(charms.BareCharm)


def measure() -> Iterator[tuple[str, str, collections.Counter[str]]]:
    """Yield the round trips of each charm and hook."""
    bare = _bare()
    yield 'bare', 'any other hook', bare.run(lambda on: on.update_status())
    yield 'bare', 'relation-broken', bare.run(lambda on: on.relation_broken(bare.relation))

    for name, runner in ('endpoint object', _connector(charms.ConnectorCharm)), ('mixin', _k8s()):
        yield (
            name,
            'relation-changed, first',
            runner.run(lambda on, r=runner: on.relation_changed(r.relation, remote_unit=0)),
        )
        yield (
            name,
            'relation-changed, no-op',
            runner.run(lambda on, r=runner: on.relation_changed(r.relation, remote_unit=0)),
        )
        for event in ('config_changed', 'update_status', 'leader_elected', 'upgrade_charm'):
            calls = runner.run(lambda on, e=event: getattr(on, e)())
            yield name, f'{event.replace("_", "-")}, no-op', calls
        runner.rotate('new')
        yield (
            name,
            'secret-changed, rotated',
            runner.run(lambda on, r=runner: on.secret_changed(r.token_secret)),
        )
        yield (
            name,
            'relation-broken',
            runner.run(lambda on, r=runner: on.relation_broken(r.relation)),
        )

    opencti = _opencti(charms.OpenctiCharm)
    for label in ('first', 'no-op'):
        calls = opencti.run(lambda on: on.relation_changed(opencti.relation, remote_unit=0))
        yield 'OpenCTI', f'relation-changed, {label}', calls
    for event in ('config_changed', 'update_status', 'leader_elected', 'upgrade_charm'):
        calls = opencti.run(lambda on, e=event: getattr(on, e)())
        yield 'OpenCTI', f'{event.replace("_", "-")}, no-op', calls
    opencti.state = dataclasses.replace(opencti.state, config={'token': 'new'})
    yield 'OpenCTI', 'config-changed, rotated', opencti.run(lambda on: on.config_changed())
    yield (
        'OpenCTI',
        'relation-broken',
        opencti.run(lambda on: on.relation_broken(opencti.relation)),
    )


def table() -> list[str]:
    """Return the table in Markdown, without columns that have no calls."""
    rows = list(measure())
    names = [name for name in NAMES if any(calls[name] for _, _, calls in rows)]
    # Show only what charm and library ask, not what ops asks by itself.
    heads = ['leader_questions' if name == 'is_leader' else name for name in names]
    lines = [
        f'| charm | hook | {" | ".join(heads)} |',
        '|---|---|' + '---|' * len(heads),
    ]
    for charm, group in itertools.groupby(rows, key=lambda row: row[0]):
        for _, hook, calls in group:
            cells = (str(calls[head] or '') for head in heads)
            lines.append(f'| {charm} | {hook} | {" | ".join(cells)} |')
    return lines
