# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A relation whose databags are all empty is not gone.

Juju enters a relation's scope with an empty unit databag if the unit has no address yet, and
deletes the addresses at `config-changed` if it has none any more, as a pod that is rescheduled
(`oneEnterScope` and `updateUnitNetworkInfo` in apiserver/facades/agent/uniter/uniter.go in Juju
3.6's source, `unitNetworkToUnitSettings` and `updatedNetworkInfo` in that of 4.0).
"""

import dataclasses
from typing import Any

import pytest
from ops import testing

from fakes import juju

from .conftest import OpenctiCharm, connector_context, only_relation, opencti_context
from .requires_charm import WithStatus, published, related, seen
from .test_removed_by_force import deployed


def empty(**kwargs: Any) -> testing.Relation:
    return testing.Relation('opencti-connector', 'opencti_connector', local_unit_data={}, **kwargs)


def test_a_connector_without_an_address_publishes_who_it_is():
    context = connector_context()
    relation = empty(remote_app_name='opencti')
    state = testing.State(leader=True, relations={relation})
    out = context.run(context.on.relation_created(relation), state)
    assert out.get_relation(relation.id).local_app_data['connector_type'] == 'EXTERNAL_IMPORT'


def test_a_connector_without_an_address_does_not_ask_for_a_relation():
    context = connector_context()
    relation = empty(remote_app_name='opencti')
    state = testing.State(leader=True, relations={relation})
    out = context.run(context.on.update_status(), state)
    assert isinstance(out.unit_status, testing.WaitingStatus)


def test_a_silent_connector_is_waited_for():
    context = opencti_context(WithStatus)
    relation = empty(remote_app_name='a-connector')
    state = testing.State(leader=True, relations={relation})
    out = context.run(context.on.relation_created(relation), state)
    assert isinstance(out.unit_status, testing.WaitingStatus)


def test_the_end_of_a_standing_relation_is_not_announced():
    """It was seen with an address; then the pod has none, and the connector is silent."""
    context = opencti_context()
    relation = testing.Relation(
        'opencti-connector', 'opencti_connector', remote_app_name='a-connector'
    )
    state = testing.State(leader=True, relations={relation})
    out = context.run(context.on.relation_created(relation), state)
    out = dataclasses.replace(
        out, relations={dataclasses.replace(only_relation(out), local_unit_data={})}
    )
    context.run(context.on.config_changed(), out)
    assert OpenctiCharm.removed == []


@pytest.mark.parametrize('refusal', juju.REFUSALS)
def test_a_leader_that_juju_no_longer_knows_announces_nothing(refusal: str):
    """`juju remove-unit --force --no-wait` of the leader: Juju refuses all that its hook asks."""
    model = deployed()
    for relation_id in (1, 2):
        model.opencti.unit.severed[relation_id] = refusal
    model.goal_state_error = 'permission denied'
    model.run(model.opencti, lambda on: on.update_status())
    assert OpenctiCharm.removed == []
    assert len(model.opencti.secrets) == 2


@pytest.mark.parametrize('refusal', juju.REFUSALS)
def test_a_leader_that_juju_no_longer_knows_keeps_all_accounts(refusal: str):
    """A charm that reconciles switches off the accounts of all that are not listed."""
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


def test_a_silent_connector_is_listed():
    state = testing.State(leader=True, relations={empty(id=3)})
    assert [c.relation.id for c in seen(state, lambda end: end.connectors)] == [3]


def test_a_new_leader_announces_no_end():
    context = opencti_context()
    related = empty(id=3, remote_app_name='a-connector')
    state = testing.State(leader=False, relations={related})
    state = context.run(context.on.relation_created(related), state)
    context.run(context.on.leader_elected(), dataclasses.replace(state, leader=True))
    assert OpenctiCharm.removed == []


@pytest.mark.parametrize('is_silent', [False, True])
def test_a_relation_goes_during_a_quiet_hook(is_silent: bool):
    """Juju takes back what a unit read of its own databag; the relation must be there then."""
    if is_silent:
        state = testing.State(leader=True, relations={empty(id=7, remote_app_name='a')})
    else:
        state = published(testing.State(leader=True, relations={related(id=7)}))
    context = opencti_context()
    state = context.run(context.on.update_status(), state)
    context.relations[7] = juju.Relation('a', juju.Life.GONE)
    context.run(context.on.update_status(), state)
