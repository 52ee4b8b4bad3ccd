# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A unit without addresses yet: its databag is empty, and the relation stands. Each test fails.

Juju writes addresses only if it knows some: `unitNetworkToUnitSettings` (4.0) and `EnterScope`
(3.6) in apiserver/facades/agent/uniter/uniter.go, and both clear them when there are none.
"""

import dataclasses

from ops import testing

from .conftest import (
    OpenctiCharm,
    connector_context,
    only_relation,
    opencti_context,
    relation,
)
from .requires_charm import seen


def test_the_connector_says_who_it_is():
    context = connector_context()
    state = testing.State(leader=True, relations={relation(id=3, local_unit_data={})})
    out = context.run(context.on.relation_created(only_relation(state)), state)
    assert only_relation(out).local_app_data.get('connector_charm_name')


def test_a_silent_connector_is_listed():
    state = testing.State(leader=True, relations={relation(id=3, local_unit_data={})})
    assert [c.relation.id for c in seen(state, lambda end: end.connectors)] == [3]


def test_a_new_leader_announces_no_end():
    context = opencti_context()
    related = relation(id=3, local_unit_data={}, remote_app_name='a-connector')
    state = testing.State(leader=False, relations={related})
    state = context.run(context.on.relation_created(related), state)
    context.run(context.on.leader_elected(), dataclasses.replace(state, leader=True))
    assert OpenctiCharm.removed == []
