# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""When the mixin starts, restarts and stops the workload."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from tests.round_trips import WRITES, counted

from ..conftest import (
    CONNECTOR_ID,
    MARK,
    NEW_TOKEN,
    TOKEN,
    URL,
    only_relation,
    replace_relation,
)
from ..mixin_charm import (
    CONFIG,
    NAME,
    Change,
    container,
    environment,
    is_running,
    mixin_context,
    planned,
    ready_state,
    run,
    running,
    with_garbage,
    without_config,
    without_data,
    without_relation,
    without_secret,
)


class TestWorkload:
    def test_nothing_changed(self, pebble_calls: list[str]):
        state = running()
        pebble_calls.clear()
        with counted() as calls:
            again = run(state, event='config_changed')
        assert pebble_calls == []
        assert not any(calls[write] for write in WRITES)
        assert (calls['relation_get'], calls['secret_get'], calls['leader_questions']) == (2, 1, 1)
        assert again == dataclasses.replace(state, stored_states=again.stored_states)

    def test_a_rotated_token_restarts_it_once(self, pebble_calls: list[str]):
        state = running()
        (secret,) = state.secrets
        rotated = testing.Secret(
            {'token': TOKEN}, latest_content={'token': NEW_TOKEN}, id=secret.id
        )
        state = dataclasses.replace(state, secrets={rotated})
        pebble_calls.clear()
        context = mixin_context()
        state = context.run(context.on.secret_changed(rotated), state)
        assert pebble_calls == ['stop', 'add_layer', 'start']
        assert environment(state)['OPENCTI_TOKEN'] == NEW_TOKEN
        pebble_calls.clear()
        run(state)
        assert pebble_calls == []

    def test_one_that_stopped_by_itself_is_started(self, pebble_calls: list[str]):
        state = running()
        stopped = dataclasses.replace(
            container(state), service_statuses={'connector': ops.pebble.ServiceStatus.ERROR}
        )
        pebble_calls.clear()
        assert is_running(run(dataclasses.replace(state, containers={stopped})))
        assert pebble_calls == ['start']

    @pytest.mark.parametrize('config', [CONFIG, {}])
    def test_one_that_pebble_is_about_to_restart_is_stopped_before_it_changes(
        self, config: dict[str, Any], pebble_calls: list[str]
    ):
        state = running(config=config)
        failed = dataclasses.replace(
            container(state), service_statuses={'connector': ops.pebble.ServiceStatus.ERROR}
        )
        state = dataclasses.replace(state, containers={failed})
        (secret,) = state.secrets
        rotated = testing.Secret({'token': NEW_TOKEN}, id=secret.id)
        pebble_calls.clear()
        out = run(dataclasses.replace(state, secrets={rotated}))
        assert pebble_calls == ['stop', 'add_layer', *(['start'] if config else [])]
        assert is_running(out) == bool(config)

    def test_an_option_that_is_unset_leaves_the_environment(self):
        state = run(ready_state(config={**CONFIG, 'interval': 5}))
        assert environment(state)['INTERVAL'] == '5'
        state = run(dataclasses.replace(state, config=CONFIG), event='config_changed')
        assert 'INTERVAL' not in environment(state)

    def test_other_layers_and_services_are_left_alone(self, pebble_calls: list[str]):
        services = {
            name: {'override': 'replace', 'command': 'x', 'startup': 'enabled'}
            for name in ('stopped-on-purpose', 'going')
        }
        layer = ops.pebble.Layer({'services': services})
        active = ops.pebble.ServiceStatus.ACTIVE
        other = testing.Container(
            NAME, can_connect=True, layers={'other': layer}, service_statuses={'going': active}
        )
        out = run(ready_state(containers={other}))
        assert container(out).layers['other'] == layer
        assert container(out).service_statuses == {'going': active, 'connector': active}
        out = run(dataclasses.replace(out, relations=set()))
        assert container(out).layers['other'] == layer
        assert container(out).service_statuses['going'] == active
        assert 'stopped-on-purpose' not in container(out).service_statuses

    def test_what_the_old_base_class_wrote_is_taken_over_once(self, pebble_calls: list[str]):
        state = ready_state()
        layer = ops.pebble.Layer(
            {
                'summary': NAME,
                'description': NAME,
                'services': {
                    'connector': {
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
                },
            }
        )
        deployed = testing.Container(
            NAME,
            can_connect=True,
            layers={'connector': layer},
            service_statuses={'connector': ops.pebble.ServiceStatus.ACTIVE},
        )
        published = {
            'connector_charm_name': NAME,
            'connector_type': 'EXTERNAL_IMPORT',
            'connector_id': CONNECTOR_ID,
        }
        state = replace_relation(
            dataclasses.replace(state, containers={deployed}), local_app_data=published
        )
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
        state = run(ready_state())
        service = {'override': 'replace', 'command': 'of-the-image', 'startup': 'enabled'}
        restarted = testing.Container(
            NAME,
            can_connect=True,
            layers={'of-the-image': ops.pebble.Layer({'services': {'connector': service}})},  # type: ignore[arg-type]
            service_statuses={'connector': ops.pebble.ServiceStatus.ACTIVE},
        )
        pebble_calls.clear()
        state = dataclasses.replace(state, containers={restarted})
        out = run(state, event='pebble_ready')
        assert pebble_calls == ['add_layer', 'stop', 'start']
        assert planned(out)['environment']['CONNECTOR_ID']


class TestStopped:
    @pytest.mark.parametrize(
        ('change', 'status', 'message'),
        [
            (without_relation, 'blocked', 'missing relation opencti-connector'),
            (without_data, 'waiting', 'waiting for opencti_url and opencti_token'),
            (with_garbage, 'blocked', 'opencti_token: must be the id of a Juju secret'),
            (without_secret, 'waiting', 'waiting for access to the secret with the token'),
            (without_config, 'blocked', 'missing configuration: api-key'),
        ],
    )
    def test_it_stops_and_comes_back(
        self, change: Change, status: str, message: str, pebble_calls: list[str]
    ):
        before = running()
        stopped = run(change(before))
        assert not is_running(stopped)
        assert MARK not in str(container(stopped).plan.to_dict())
        assert stopped.unit_status.name == status
        assert stopped.unit_status.message.startswith(message)

        # Somebody else's replan must not start it.
        assert planned(stopped)['startup'] == 'disabled'
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
