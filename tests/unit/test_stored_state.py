# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Where each object keeps what it remembers: code that moves must not lose it.

ops keeps stored state under the charm's class and the handle paths of objects, which hold their
class names. What changes here is lost in each deployed charm when it is refreshed.
"""

import dataclasses

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, ConnectorWorkload

from .charms import WithStatus, connector_context, opencti_context
from .failures import raising
from .requires.calls import withdrawn
from .requires.states import answerable, published, related
from .states import connected
from .workload.charms import NAME, MixinCharm, run
from .workload.states import ready_state

OF_PROVIDES = {'ConnectorProvides[opencti-connector]': {'connected_to'}}
OF_WORKLOAD = {f'ConnectorWorkload[connector-workload-{NAME}]': {'layer', 'plan'}}
OF_REQUIRES = {
    'OpenctiRequires[opencti-connector]/Accounts[accounts]': {
        'names',
        'announced',
        'unit_is_leaving',
    },
    'OpenctiRequires[opencti-connector]/Problems[problems]': {'known', 'by_leader'},
    'OpenctiRequires[opencti-connector]/Leftovers[leftovers]': {'ended'},
    'OpenctiRequires[opencti-connector]/Publisher[publisher]': {
        'withdrawals',
        'failed',
        'confirmed',
    },
}


class ComposedCharm(ops.CharmBase):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.workload = ConnectorWorkload(self, ConnectorProvides(self, 'EXTERNAL_IMPORT'))


def stored(out: testing.State) -> dict[str, set[str]]:
    """The attributes that each object of the charm stored, by its path below the charm."""
    return {path: set(content) for path, content in values(out).items()}


def values(out: testing.State) -> dict[str, dict[str, object]]:
    """What each object of the charm stored, by its path below the charm."""
    states = [state for state in out.stored_states if state.owner_path]
    assert {state.name for state in states} == {'_stored'}
    return {str(s.owner_path).partition('/')[2]: s.content for s in states}


def test_the_end_of_a_connector():
    context = connector_context()
    relation, secret = connected()
    state = testing.State(leader=True, relations={relation}, secrets={secret})
    assert stored(context.run(context.on.update_status(), state)) == OF_PROVIDES


def test_the_end_of_opencti():
    assert stored(published(testing.State(leader=True, relations={related()}))) == OF_REQUIRES


@pytest.mark.parametrize('call', ['grant', 'revoke'])
def test_nothing_stays_of_a_relation_that_ended(monkeypatch: pytest.MonkeyPatch, call: str):
    """Not even of one whose last write Juju refused: it would grow with each relation."""
    context = opencti_context(WithStatus)
    state = answerable()
    if call == 'revoke':
        state = published(state, context)
    with monkeypatch.context() as patch:
        patch.setattr(ops.Secret, call, raising(ops.ModelError('ERROR timed out')))
        state = withdrawn(context, state) if call == 'revoke' else published(state, context)
    state = context.run(context.on.relation_broken(state.get_relation(7)), state)
    state = context.run(context.on.start(), dataclasses.replace(state, relations=set()))
    fresh = context.run(context.on.start(), testing.State(leader=True))
    assert values(state) == values(fresh)


def test_a_composed_workload():
    assert stored(run(ready_state(), ComposedCharm)) == {**OF_PROVIDES, **OF_WORKLOAD}


def test_the_mixin_is_composed_of_the_same():
    """So a charm that outgrows the mixin keeps what it remembers."""
    assert stored(run(ready_state(), MixinCharm)) == {**OF_PROVIDES, **OF_WORKLOAD}
