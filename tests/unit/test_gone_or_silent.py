# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which relations are gone: some that Juju still lists, but none whose databags are only empty."""

import dataclasses
from typing import Any

import pytest
from ops import testing

from fakes import juju

from .charms import ConnectorCharm, Context, OpenctiCharm, WithStatus, opencti_context
from .requires.calls import seen
from .requires.states import answerable, published
from .states import only_relation, relation, replace_relation
from .values import NEW_TOKEN, REMOVED

ENDPOINT = {'interface': 'opencti_connector'}
ACCOUNT = 'charm-connector-a-connector-1'


@pytest.fixture(params=juju.REFUSALS)
def refusal(request: pytest.FixtureRequest) -> str:
    return request.param


def deployed(opencti_charm: type[WithStatus] = WithStatus) -> juju.Model:
    """A model with OpenCTI and two connectors that have their connections."""
    meta = {'name': 'opencti', 'requires': {'opencti-connector': ENDPOINT}}
    opencti = juju.Application('opencti', opencti_charm, meta=meta)
    meta = {'name': 'a-connector', 'provides': {'opencti-connector': ENDPOINT}}
    names = ('a-connector', 'another')
    connectors = [juju.Application(name, ConnectorCharm, meta=meta) for name in names]
    model = juju.Model(opencti, *connectors)
    for connector in connectors:
        model.relate(connector)
    model.settle()
    return model


# Juju enters a relation's scope with an empty unit databag if the unit has no address yet, and
# deletes the addresses at `config-changed` if it has none any more, as a pod that is rescheduled
# (`oneEnterScope` and `updateUnitNetworkInfo` in apiserver/facades/agent/uniter/uniter.go in Juju
# 3.6's source, `unitNetworkToUnitSettings` and `updatedNetworkInfo` in that of 4.0).
def empty(**kwargs: Any) -> testing.State:
    """A state in which neither side has anything in its databags."""
    named = {'remote_app_name': 'a-connector', 'local_unit_data': {}, **kwargs}
    return testing.State(leader=True, relations={relation(**named)})


def test_a_connector_without_an_address_publishes_who_it_is(connector: Context):
    state = empty()
    out = connector.run(connector.on.relation_created(only_relation(state)), state)
    assert only_relation(out).local_app_data['connector_type'] == 'EXTERNAL_IMPORT'


def test_a_connector_without_an_address_does_not_ask_for_a_relation(connector: Context):
    out = connector.run(connector.on.update_status(), empty())
    assert isinstance(out.unit_status, testing.WaitingStatus)


def test_a_silent_connector_is_waited_for():
    out = published(empty(), opencti_context(WithStatus))
    assert isinstance(out.unit_status, testing.WaitingStatus)


def test_the_end_of_a_standing_relation_is_not_announced(opencti: Context):
    """It was seen with an address; then the pod has none, and the connector is silent."""
    state = testing.State(leader=True, relations={relation()})
    state = replace_relation(published(state, opencti), local_unit_data={})
    opencti.run(opencti.on.config_changed(), state)
    assert OpenctiCharm.removed == []


def test_a_leader_that_juju_no_longer_knows_announces_nothing_and_keeps_all_accounts(refusal: str):
    """`juju remove-unit --force --no-wait` of the leader: Juju refuses all that its hook asks.

    A charm that reconciles switches off the accounts of all that are not listed.
    """
    names: list[list[str]] = []

    class Reconciling(WithStatus):
        def _on_collect_unit_status(self, event: Any):
            names.append([c.user_name for c in self.opencti_connector.connectors])

    model = deployed(Reconciling)
    for relation_id in (1, 2):
        model.opencti.unit.severed[relation_id] = refusal
    model.goal_state_error = 'permission denied'
    model.run(model.opencti, lambda on: on.update_status())
    assert names[-1] == ['charm-connector-a-connector-1', 'charm-connector-another-2']
    assert OpenctiCharm.removed == []
    assert len(model.opencti.secrets) == 2


def test_a_silent_connector_is_listed():
    assert [c.relation.id for c in seen(empty(id=3), lambda end: end.connectors)] == [3]


def test_a_new_leader_announces_no_end(opencti: Context):
    state = published(dataclasses.replace(empty(), leader=False), opencti)
    opencti.run(opencti.on.leader_elected(), dataclasses.replace(state, leader=True))
    assert OpenctiCharm.removed == []


@pytest.mark.parametrize('state', [empty(id=7), published(answerable())], ids=['silent', 'not'])
def test_a_relation_goes_during_a_quiet_hook(opencti: Context, state: testing.State):
    """Juju takes back what a unit read of its own databag; the relation must be there then."""
    state = opencti.run(opencti.on.update_status(), state)
    opencti.relations[7] = juju.Relation('a', juju.Life.GONE)
    opencti.run(opencti.on.update_status(), state)


def assert_its_end_was_announced(model: juju.Model) -> None:
    """Once, and of the two secrets its own is gone."""
    assert OpenctiCharm.removed == [(1, ACCOUNT)]
    assert [s.label for s in model.opencti.secrets] == ['opencti-connector-token-2']
    assert model.opencti.state.unit_status == testing.ActiveStatus()


def update_status(model: juju.Model) -> None:
    for unit in model.units:
        model.run(unit, lambda on: on.update_status())
    model.settle()


@pytest.mark.parametrize('is_told', [True, False], ids=['departed', 'no hook'])
def test_its_end_is_announced_once_and_its_secret_goes(refusal: str, is_told: bool):
    model = deployed()
    model.force_removal(1, refusal)
    if is_told:
        model.settle()
    else:
        for unit in model.units:
            unit.drop('relation 1')
    for _ in range(2):
        update_status(model)
        assert_its_end_was_announced(model)
    model.restart_agent(model.opencti.unit)
    update_status(model)
    assert_its_end_was_announced(model)


def test_the_end_of_another_is_announced_while_goal_state_fails(refusal: str):
    model = deployed()
    model.force_removal(1, refusal)
    update_status(model)
    assert_its_end_was_announced(model)
    model.goal_state_error = 'permission denied'
    model.remove_relation(2)
    model.settle()
    update_status(model)
    assert [account for _, account in OpenctiCharm.removed][1:] == ['charm-connector-another-2']


def test_a_new_pod_that_never_read_it_announces_it(refusal: str):
    """Of a pod that went, nothing is remembered, but the agent of the new one lists it."""
    model = deployed()
    model.delete_pod(model.opencti.unit)
    model.force_removal(1, refusal)
    model.settle()
    for _ in range(2):
        update_status(model)
        assert_its_end_was_announced(model)


def test_one_that_comes_back_can_end_again(refusal: str):
    model = deployed()
    model.opencti.unit.severed[1] = refusal
    update_status(model)
    assert_its_end_was_announced(model)
    del model.opencti.unit.severed[1]
    for _ in range(2):
        update_status(model)
    assert len(model.opencti.secrets) == 2
    model.remove_relation(1)
    model.settle()
    assert OpenctiCharm.removed == [(1, ACCOUNT)] * 2
    assert [s.label for s in model.opencti.secrets] == ['opencti-connector-token-2']


def test_the_next_leader_announces_it(refusal: str):
    model = deployed()
    other = model.add_unit(model.opencti)
    model.settle()
    model.elect(None, model.opencti)
    model.force_removal(1, refusal)
    model.settle()
    assert OpenctiCharm.removed == []
    model.elect(other)
    model.settle()
    assert_its_end_was_announced(model)


def test_a_silent_connector_is_not_taken_for_gone():
    model = deployed()
    model.write(model.connectors[0], 1, {})
    model.write(model.opencti, 1, {})
    model.run(model.opencti, lambda on: on.update_status())
    assert OpenctiCharm.removed == []


def test_the_connector_asks_for_a_relation(refusal: str):
    model = deployed()
    connector = model.connectors[0]
    model.force_removal(1, refusal)
    update_status(model)
    assert isinstance(connector.state.unit_status, testing.BlockedStatus)
    assert connector.state.unit_status.message.startswith('missing relation')
    emitted = [name for h in model.hooks if h.unit == 'a-connector/0' for name in h.custom_events]
    assert REMOVED in emitted


def test_the_connector_can_be_related_again(refusal: str, monkeypatch: pytest.MonkeyPatch):
    model = deployed()
    connector = model.connectors[0]
    model.force_removal(1, refusal)
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    model.relate(connector)
    model.settle()
    assert connector.state.unit_status == testing.ActiveStatus()
    assert ConnectorCharm.seen[-1][1] == NEW_TOKEN
