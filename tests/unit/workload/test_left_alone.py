# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""When the mixin leaves the workload as it is."""

import dataclasses

from ops import testing

from ..conftest import NEW_TOKEN, relation
from ..mixin_charm import NAME, environment, is_running, ready_state, run, running


def test_not_leader(pebble_calls: list[str]):
    state = running(leader=False)
    pebble_calls.clear()
    out = run(state)
    assert pebble_calls == []
    assert is_running(out)
    assert out.unit_status == testing.WaitingStatus('waiting for this unit to become the leader')

    (secret,) = out.secrets
    rotated = testing.Secret({'token': NEW_TOKEN}, id=secret.id)
    out = dataclasses.replace(out, leader=True, secrets={rotated})
    out = run(out, event='leader_elected')
    assert environment(out)['OPENCTI_TOKEN'] == NEW_TOKEN
    assert out.unit_status == testing.ActiveStatus()


def test_a_unit_that_never_led_starts_nothing(pebble_calls: list[str]):
    out = run(ready_state(leader=False))
    assert pebble_calls == []
    assert out.unit_status.name == 'waiting'


def test_the_relation_is_gone_while_another_unit_leads():
    assert not is_running(run(running(leader=False), event='relation_broken'))


def test_two_units(pebble_calls: list[str]):
    state = running(planned_units=2)
    pebble_calls.clear()
    out = run(state, event='config_changed')
    assert pebble_calls == []
    assert is_running(out)
    assert out.unit_status == testing.BlockedStatus(
        'connector charm cannot have multiple units, scale down to one with '
        '`juju scale-application`, or `juju remove-unit` on machines'
    )
    out = run(dataclasses.replace(out, planned_units=1))
    assert out.unit_status == testing.ActiveStatus()


def test_two_relations(pebble_calls: list[str]):
    state = running()
    second = relation(remote_app_name='another')
    pebble_calls.clear()
    out = run(dataclasses.replace(state, relations={*state.relations, second}))
    assert pebble_calls == []
    assert is_running(out)
    assert out.unit_status.name == 'blocked'
    out = run(dataclasses.replace(out, relations=state.relations))
    assert out.unit_status == testing.ActiveStatus()


def test_the_container_is_not_ready_and_then_it_is():
    away = testing.Container(NAME, can_connect=False)
    out = run(ready_state(containers={away}))
    assert out.unit_status == testing.WaitingStatus('waiting for the container')
    back = testing.Container(NAME, can_connect=True)
    out = run(dataclasses.replace(out, containers={back}), event='pebble_ready')
    assert is_running(out)


def test_a_person_must_act_though_the_container_is_not_ready():
    away = testing.Container(NAME, can_connect=False)
    out = run(ready_state(containers={away}, config={}))
    assert out.unit_status.name == 'blocked'
    assert out.unit_status.message.startswith('missing configuration: api-key')
