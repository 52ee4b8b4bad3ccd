# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""When the mixin starts, restarts and stops the workload, and when it leaves it as it is."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from tests.round_trips import WRITES, counted

from ..states import only_relation, relation, replace_relation
from ..values import CONNECTOR_ID, MARK, NEW_TOKEN, TOKEN, URL
from .charms import CONFIG, NAME, run
from .looks import container, environment, is_running, planned
from .states import (
    ready_state,
    replace_container,
    running,
    with_failed_service,
    with_rotated_token,
    without_relation,
)

ACTIVE = ops.pebble.ServiceStatus.ACTIVE


class TestRuns:
    @pytest.fixture
    def state(self, pebble_calls: list[str]) -> testing.State:
        state = running()
        pebble_calls.clear()
        return state

    def test_nothing_changed(self, state: testing.State, pebble_calls: list[str]):
        with counted() as calls:
            again = run(state, event='config_changed')
        assert pebble_calls == []
        assert not any(calls[write] for write in WRITES)
        assert again == dataclasses.replace(state, stored_states=again.stored_states)

    def test_a_rotated_token_restarts_it_once(self, state: testing.State, pebble_calls: list[str]):
        out = run(with_rotated_token(state), event='secret_changed')
        assert pebble_calls == ['stop', 'add_layer', 'start']
        assert environment(out)['OPENCTI_TOKEN'] == NEW_TOKEN
        pebble_calls.clear()
        run(out)
        assert pebble_calls == []
        # As if a later observer failed: ops commits no stored state, but Pebble has it all.
        run(dataclasses.replace(out, stored_states=state.stored_states))
        assert 'stop' not in pebble_calls

    def test_one_that_stopped_by_itself_is_started(
        self, state: testing.State, pebble_calls: list[str]
    ):
        assert is_running(run(with_failed_service(state)))
        assert pebble_calls == ['start']

    @pytest.mark.parametrize('config', [CONFIG, {}])
    def test_one_that_pebble_is_about_to_restart_is_stopped_before_it_changes(
        self, state: testing.State, config: dict[str, Any], pebble_calls: list[str]
    ):
        state = with_rotated_token(with_failed_service(state))
        out = run(dataclasses.replace(state, config=config), event='secret_changed')
        assert pebble_calls == ['stop', 'add_layer', *(['start'] if config else [])]
        assert is_running(out) == bool(config)

    def test_an_option_that_is_unset_leaves_the_environment(self, state: testing.State):
        state = run(dataclasses.replace(state, config={**CONFIG, 'interval': 5}))
        assert environment(state)['INTERVAL'] == '5'
        state = run(dataclasses.replace(state, config=CONFIG), event='config_changed')
        assert 'INTERVAL' not in environment(state)


class TestOtherLayers:
    def test_other_services_are_left_alone(self):
        services = {
            name: {'override': 'replace', 'command': 'x', 'startup': 'enabled'}
            for name in ('stopped-on-purpose', 'going')
        }
        layer = ops.pebble.Layer({'services': services})
        out = replace_container(
            ready_state(), layers={'other': layer}, service_statuses={'going': ACTIVE}
        )
        for relations, connector in (
            (out.relations, {'connector': ACTIVE}),
            (set(), {'connector': ops.pebble.ServiceStatus.INACTIVE}),
        ):
            out = run(dataclasses.replace(out, relations=relations))
            assert container(out).layers['other'] == layer
            assert container(out).service_statuses == {'going': ACTIVE, **connector}

    def test_what_the_old_base_class_wrote_is_taken_over_once(self, pebble_calls: list[str]):
        service = {
            'startup': 'enabled',
            'on-failure': 'restart',
            'override': 'replace',
            'command': 'bash /entrypoint.sh',
            'environment': {
                'OPENCTI_URL': URL,
                'OPENCTI_TOKEN': TOKEN,
                'CONNECTOR_ID': CONNECTOR_ID,
                'CONNECTOR_NAME': 'test-connector',
                'CONNECTOR_TYPE': 'EXTERNAL_IMPORT',
                'API_KEY': 'a-key',
                'LOG_LEVEL': 'info',
            },
        }
        layer = {'summary': NAME, 'description': NAME, 'services': {'connector': service}}
        state = replace_container(
            ready_state(),
            layers={'connector': ops.pebble.Layer(layer)},  # type: ignore[arg-type]
            service_statuses={'connector': ACTIVE},
        )
        published = {
            'connector_charm_name': NAME,
            'connector_type': 'EXTERNAL_IMPORT',
            'connector_id': CONNECTOR_ID,
        }
        state = replace_relation(state, local_app_data=published)
        out = run(state, event='upgrade_charm')
        assert 'stop' not in pebble_calls  # Pebble compares, and restarts it only if it must.
        assert is_running(out)
        assert only_relation(out).local_app_data == published
        assert container(out).plan.to_dict() == container(state).plan.to_dict()
        assert out.unit_status == testing.ActiveStatus()
        pebble_calls.clear()
        with counted() as calls:
            run(out)
        assert pebble_calls == []
        assert not any(calls[write] for write in WRITES)

    def test_a_service_of_the_image_with_the_same_name(self, pebble_calls: list[str]):
        """The container restarts with it, and without what the library wrote."""
        service = {'override': 'replace', 'command': 'of-the-image', 'startup': 'enabled'}
        layer = ops.pebble.Layer({'services': {'connector': service}})  # type: ignore[arg-type]
        restarted = testing.Container(
            NAME,
            can_connect=True,
            layers={'of-the-image': layer},
            service_statuses={'connector': ACTIVE},
        )
        state = running(containers={restarted})
        pebble_calls.clear()
        out = run(state, event='pebble_ready')
        assert pebble_calls == ['add_layer', 'stop', 'start']
        assert planned(out)['environment']['CONNECTOR_ID']


class TestStopped:
    @pytest.mark.parametrize(
        ('changes', 'data', 'message'),
        [
            ({'relations': set()}, None, 'missing relation opencti-connector'),
            ({'config': {}}, None, 'missing configuration: api-key'),
            ({}, {'opencti_url': URL, 'opencti_token': TOKEN}, 'opencti_token: must be the id of'),
            ({}, {}, 'waiting for opencti_url and opencti_token'),
            ({'secrets': set()}, None, 'waiting for access to the secret with the token'),
        ],
    )
    def test_it_stops_and_comes_back(
        self,
        changes: dict[str, Any],
        data: dict[str, str] | None,
        message: str,
        pebble_calls: list[str],
    ):
        before = running()
        state = before if data is None else replace_relation(before, remote_app_data=data)
        stopped = run(dataclasses.replace(state, **changes))
        assert not is_running(stopped)
        assert MARK not in str(container(stopped).plan.to_dict())
        is_waiting = message.startswith('waiting')
        assert stopped.unit_status.name == ('waiting' if is_waiting else 'blocked')
        assert stopped.unit_status.message.startswith(message)

        # Somebody else's replan must not start it.
        command = planned(before)['command']  # Pebble wants one of each service.
        assert planned(stopped) == {
            'startup': 'disabled',
            'override': 'replace',
            'command': command,
        }
        pebble_calls.clear()
        again = run(stopped)
        assert pebble_calls == []

        fixed = dataclasses.replace(
            again, relations=before.relations, secrets=before.secrets, config=before.config
        )
        back = run(fixed)
        assert is_running(back)
        assert planned(back) == planned(before)
        assert back.unit_status == testing.ActiveStatus()

    def test_a_person_who_starts_it_meanwhile(self):
        stopped = run(without_relation(running()))
        out = run(replace_container(stopped, service_statuses={'connector': ACTIVE}))
        assert not is_running(out)

    def test_in_the_hook_in_which_the_relation_breaks(self):
        out = run(running(), event='relation_broken')
        assert not is_running(out)
        assert MARK not in str(container(out).plan.to_dict())
        assert out.unit_status == testing.BlockedStatus(
            'missing relation opencti-connector: integrate with OpenCTI'
        )

    def test_what_never_ran_is_not_stopped(self, pebble_calls: list[str]):
        out = run(without_relation(ready_state()))
        assert pebble_calls == []
        assert planned(out) == {}

    def test_each_missing_option_is_named(self):
        options = {
            name: {'type': 'string', 'optional': False} for name in ('first', 'second', 'third')
        }
        out = run(ready_state(config={'second': 'x'}), options=options)
        assert out.unit_status == testing.BlockedStatus(
            'missing configuration: first, third (set with juju config)'
        )


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
