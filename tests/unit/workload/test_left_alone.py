# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""When the mixin leaves the workload as it is."""

import dataclasses
from typing import Any

import pytest
from ops import testing

from ..states import relation
from ..values import NEW_TOKEN
from .charms import run
from .looks import environment, is_running
from .states import ready_state, replace_container, running, with_rotated_token

SECOND = relation(remote_app_name='another')


@pytest.mark.parametrize(
    ('changes', 'status'),
    [
        ({'leader': False}, testing.WaitingStatus('waiting for this unit to become the leader')),
        (
            {'planned_units': 2},
            testing.BlockedStatus(
                'connector charm cannot have multiple units, scale down to one with '
                '`juju scale-application`, or `juju remove-unit` on machines'
            ),
        ),
        (
            {'relations': {SECOND}},
            testing.BlockedStatus('2 relations opencti-connector: remove all but one'),
        ),
    ],
)
def test_for_what_passes(
    changes: dict[str, Any], status: testing.BlockedStatus, pebble_calls: list[str]
):
    before = running()
    if 'relations' in changes:
        changes = {'relations': {*before.relations, SECOND}}
    pebble_calls.clear()
    out = run(dataclasses.replace(before, **changes), event='config_changed')
    assert pebble_calls == []
    assert is_running(out)
    assert out.unit_status == status

    own = {r for r in out.relations if r.id != SECOND.id}
    out = dataclasses.replace(out, leader=True, planned_units=1, relations=own)
    out = run(with_rotated_token(out), event='leader_elected')
    assert environment(out)['OPENCTI_TOKEN'] == NEW_TOKEN
    assert out.unit_status == testing.ActiveStatus()


def test_a_unit_that_never_led_starts_nothing(pebble_calls: list[str]):
    out = run(ready_state(leader=False))
    assert pebble_calls == []
    assert out.unit_status.name == 'waiting'


def test_the_relation_is_gone_while_another_unit_leads():
    assert not is_running(run(running(leader=False), event='relation_broken'))


def test_the_container_is_not_ready_and_then_it_is():
    out = run(replace_container(ready_state(), can_connect=False))
    assert out.unit_status == testing.WaitingStatus('waiting for the container')
    out = run(replace_container(out, can_connect=True), event='pebble_ready')
    assert is_running(out)


def test_a_person_must_act_though_the_container_is_not_ready():
    out = run(replace_container(ready_state(config={}), can_connect=False))
    assert out.unit_status.name == 'blocked'
    assert out.unit_status.message.startswith('missing configuration: api-key')
