# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How a charm meets Juju's rules in a unit test, through `ops`."""

import dataclasses
import subprocess
from collections.abc import Callable
from typing import Any

import ops
import pytest
import yaml
from ops import testing

from fakes import juju

META: dict[str, Any] = {
    'name': 'opencti',
    'requires': {'conn': {'interface': 'any'}},
    'containers': {'workload': {}},
}
RELATION = testing.Relation('conn', remote_app_name='conn')
CONTAINER = testing.Container('workload', can_connect=True)
STATE = testing.State(leader=True, relations={RELATION}, containers={CONTAINER})

Handler = Callable[[ops.CharmBase], None]


def charm(handler: Handler) -> type[ops.CharmBase]:
    """A charm that does one thing in each update-status."""

    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.update_status, self._on_update_status)

        def _on_update_status(self, _: ops.EventBase):
            handler(self)

    return Charm


def context(handler: Handler, **kwargs: Any) -> juju.Context:
    return juju.Context(charm(handler), META, **kwargs)


def update(ctx: testing.Context, *secrets: testing.Secret, **changes: Any) -> testing.State:
    """The state after the handler has run, in which there are only these secrets."""
    state = dataclasses.replace(STATE, secrets={*secrets}, **changes)
    return ctx.run(ctx.on.update_status(), state)


def run(handler: Handler, *secrets: testing.Secret, **changes: Any) -> testing.State:
    return update(context(handler), *secrets, **changes)


def remove_and_add(charm: ops.CharmBase) -> None:
    charm.model.get_secret(label='L').remove_all_revisions()
    charm.app.add_secret({'token': 'b'}, label='L')


def own_secret(**kwargs: Any) -> testing.Secret:
    return testing.Secret({'token': 'a'}, owner='app', label='L', **kwargs)


class TestOwnedSecrets:
    def test_a_write_is_visible_after_the_hook(self):
        secret = own_secret(remote_grants={RELATION.id: {'conn'}})

        def handler(charm: ops.CharmBase):
            found = charm.model.get_secret(id=secret.id)
            found.set_content({'token': 'b'})
            assert found.get_info().revision == 1

        out = run(handler, secret)
        assert out.get_secret(id=secret.id).latest_content == {'token': 'b'}
        assert out.get_secret(id=secret.id).remote_grants == {RELATION.id: {'conn'}}

    def test_what_the_flush_refuses_fails_the_hook(self):
        with pytest.raises(juju.HookFailed, match='already exists'):
            run(remove_and_add, own_secret())

    def test_not_found_and_refused_are_ops_errors(self):
        def handler(charm: ops.CharmBase):
            with pytest.raises(ops.SecretNotFoundError):
                charm.model.get_secret(label='K')
            with pytest.raises(ops.ModelError, match='not the leader'):
                charm.app.add_secret({'token': 'b'})

        run(handler, leader=False)

    def test_pins_outlive_the_hook(self):
        secret = own_secret()
        ctx = context(lambda charm: charm.model.get_secret(label='L').get_content())
        out = update(ctx, secret)
        ctx.run(ctx.on.update_status(), out)
        assert ctx.ledger.find(secret.id).consumers == {'opencti/0': 1}

    def test_a_state_in_which_the_unit_is_behind_pins_it(self):
        secret = own_secret(latest_content={'token': 'b'})
        ctx = context(lambda charm: None)
        out = update(ctx, secret)
        assert ctx.ledger.find(secret.id).consumers == {'opencti/0': 1}
        assert out.get_secret(id=secret.id).tracked_content == {'token': 'a'}

    def test_a_secret_that_is_not_in_the_state_is_gone(self):
        ctx = context(lambda charm: None)
        update(ctx, own_secret())
        update(ctx)
        assert not ctx.ledger.secrets

    def test_a_removed_secret_can_stay_for_a_while(self):
        ctx = context(
            lambda charm: charm.model.get_secret(label='L').remove_all_revisions(),
            removes_later=True,
        )
        out = update(ctx, own_secret())
        assert len(out.secrets) == 1
        ctx.ledger.run_removals()
        assert not ctx.ledger.secrets


class TestForeignSecrets:
    @pytest.mark.parametrize(
        ('version', 'words'),
        [
            (juju.Version.V3_6, 'permission denied'),
            (juju.Version.V4_0, '"opencti/0" is not allowed to read this secret'),
        ],
    )
    def test_one_that_is_withheld_is_refused(self, version: juju.Version, words: str):
        secret = testing.Secret({'token': 'a'})

        def handler(charm: ops.CharmBase):
            with pytest.raises(ops.ModelError, match=words):
                charm.model.get_secret(id=secret.id)

        ctx = context(handler, version=version)
        ctx.withheld.add(secret.id)
        update(ctx, secret)

    def test_one_in_the_state_is_granted(self):
        secret = testing.Secret({'token': 'a'}, latest_content={'token': 'b'})

        def handler(charm: ops.CharmBase):
            found = charm.model.get_secret(id=secret.id)
            assert found.get_content() == {'token': 'a'}
            assert found.get_content(refresh=True) == {'token': 'b'}

        out = run(handler, secret)
        assert out.get_secret(id=secret.id).tracked_content == {'token': 'b'}


class TestRelations:
    def test_one_that_is_gone_fails_the_hook_that_writes(self):
        def handler(charm: ops.CharmBase):
            charm.model.relations['conn'][0].data[charm.app]['key'] = 'value'

        ctx = context(handler)
        ctx.relations[RELATION.id] = juju.Relation('conn', juju.Life.GONE)
        with pytest.raises(juju.HookFailed, match='relation not found'):
            update(ctx)

    def test_one_that_is_gone_in_another_model_cannot_be_read(self):
        def handler(charm: ops.CharmBase):
            relation = charm.model.relations['conn'][0]
            if hasattr(ops.model._ModelBackend, '_relation_is_gone'):
                assert not relation.data[relation.app]
            else:
                with pytest.raises(ops.ModelError, match='permission denied'):
                    str(relation.data[relation.app])

        ctx = context(handler)
        ctx.unreadable_relations[RELATION.id] = 'permission denied'
        update(ctx)


class TestGoalState:
    def test_there_is_none_in_the_simulator(self):
        def handler(_: ops.CharmBase):
            with pytest.raises(FileNotFoundError):
                subprocess.run(['goal-state'])

        run(handler)

    def test_it_answers(self):
        def handler(_: ops.CharmBase):
            command = ['goal-state', '--format=json']
            answer = yaml.safe_load(subprocess.run(command, capture_output=True).stdout)
            assert answer['units']['opencti/0']['status'] == 'dying'

        ctx = context(handler)
        ctx.goal_state = juju.GoalState({'opencti/0': 'dying'})
        update(ctx)

    def test_it_fails(self):
        def handler(_: ops.CharmBase):
            done = subprocess.run(['goal-state'], capture_output=True, text=True)
            assert (done.returncode, done.stderr) == (1, 'ERROR permission denied\n')

        ctx = context(handler)
        ctx.goal_state = juju.GoalState(error='permission denied')
        update(ctx)


class TestPebble:
    """Of a real Pebble: `tests/functional/test_daemon.py`."""

    @staticmethod
    def layer(**environment: object) -> Any:
        service = {'override': 'replace', 'command': 'run', 'environment': environment}
        return {'services': {'service': service}}

    def test_values_come_back_as_text(self):
        def handler(charm: ops.CharmBase):
            container = charm.unit.get_container('workload')
            container.add_layer('one', self.layer(A=80, B=True, C='80', D='x\ny'))
            environment = container.get_plan().services['service'].environment
            assert environment == {'A': '80', 'B': 'true', 'C': '80', 'D': 'x\ny'}

        run(handler)

    @pytest.mark.parametrize('value', ['=', '<<'])
    def test_some_values_make_the_plan_unreadable(self, value: str):
        def handler(charm: ops.CharmBase):
            container = charm.unit.get_container('workload')
            container.add_layer('one', self.layer(A=value))
            with pytest.raises(yaml.YAMLError):
                container.get_plan()

        run(handler)

    def test_a_service_that_ended_is_in_backoff(self):
        def handler(charm: ops.CharmBase):
            services = charm.unit.get_container('workload').get_services()
            assert services['service'].current == juju.BACKOFF

        workload = dataclasses.replace(
            CONTAINER,
            layers={'one': ops.pebble.Layer(self.layer())},
            service_statuses={'service': juju.BACKOFF},
        )
        out = run(handler, containers={workload})
        assert out.get_container('workload').service_statuses == {'service': juju.BACKOFF}


def test_a_context_of_ops_stays_as_it_is():
    out = update(testing.Context(charm(remove_and_add), META), own_secret())
    assert out.get_secret(label='L').latest_content == {'token': 'b'}
