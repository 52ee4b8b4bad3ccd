# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a charm gives to `ConnectorWorkload`, and what Juju says about the number of units."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, ConnectorWorkload
from opencti_connector.testing import relation_for_provider

from ..conftest import Context
from ..mixin_charm import (
    MixinCharm,
    is_running,
    planned,
    ready_state,
    run,
    running,
    without_relation,
)


def composed(**arguments: Any) -> type[ops.CharmBase]:
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            opencti = ConnectorProvides(self, 'EXTERNAL_IMPORT')
            self.workload = ConnectorWorkload(self, **{'opencti': opencti, **arguments})

    return Charm


@pytest.mark.parametrize(
    ('argument', 'value', 'error'),
    [
        ('command', '', TypeError),
        ('command', ['bash'], TypeError),
        ('boolean_style', 'yaml', ValueError),
        ('environment', {'MORE': 'x'}, TypeError),
        ('container', 'another', ValueError),
    ],
)
def test_an_argument_that_is_refused(argument: str, value: Any, error: type[Exception]):
    with pytest.raises(testing.errors.UncaughtCharmError) as info:
        run(ready_state(), composed(**{argument: value}))
    assert isinstance(info.value.__cause__, error)
    assert str(info.value.__cause__).startswith(f'{argument}: ')


def test_an_environment_that_returns_no_mapping():
    with pytest.raises(testing.errors.UncaughtCharmError, match='must map names to values, not l'):
        run(ready_state(), composed(environment=lambda: ['MORE']))


class TestContainer:
    def run(self, containers: list[str], **arguments: Any) -> set[str]:
        """Return the containers in which the workload runs."""
        metadata = {
            'name': 'my-connector',
            'containers': {name: {} for name in containers},
            'provides': {'opencti-connector': {'interface': 'opencti_connector'}},
        }
        context = Context(composed(**arguments), metadata, app_name='test-connector')
        state = ready_state(
            config={}, containers={testing.Container(c, can_connect=True) for c in containers}
        )
        out = context.run(context.on.update_status(), state)
        return {c.name for c in out.containers if c.service_statuses}

    def test_the_one_that_is_named(self):
        containers = ['my-connector', 'second']
        assert self.run(containers, container='second') == {'second'}

    def test_the_one_named_after_the_charm(self):
        assert self.run(['first', 'my-connector']) == {'my-connector'}

    def test_the_only_one(self):
        assert self.run(['first']) == {'first'}

    @pytest.mark.parametrize('containers', [[], ['first', 'second']])
    def test_there_is_no_default_among_several(self, containers: list[str]):
        with pytest.raises(
            testing.errors.UncaughtCharmError, match=r'it has (none|first, second)'
        ):
            self.run(containers)


def test_the_default_command():
    assert planned(run(ready_state(), composed()))['command'] == 'bash /entrypoint.sh'


def test_two_workloads():
    names = {'first', 'second'}

    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            self.workloads = [
                ConnectorWorkload(
                    self, ConnectorProvides(self, 'STREAM', relation_name=name), container=name
                )
                for name in names
            ]

    metadata = {
        'name': 'my-connector',
        'containers': {name: {} for name in names},
        'provides': {name: {'interface': 'opencti_connector'} for name in names},
    }
    ends = [relation_for_provider(name, connector_id=None) for name in names]
    state = testing.State(
        leader=True,
        planned_units=1,
        relations={end.relation for end in ends},
        secrets={secret for end in ends for secret in end.secrets},
        containers={testing.Container(name, can_connect=True) for name in names},
    )
    context = Context(Charm, metadata, app_name='test-connector')
    out = context.run(context.on.update_status(), state)
    assert {c.name for c in out.containers if c.service_statuses} == names


class InDirectory(MixinCharm):
    working_dir = '/opt/connector'


@pytest.mark.parametrize('charm_type', [composed(working_dir='/opt/connector'), InDirectory])
def test_the_working_directory(charm_type: type[ops.CharmBase]):
    out = run(ready_state(), charm_type)
    assert planned(out)['working-dir'] == '/opt/connector'
    assert 'working-dir' not in planned(run(ready_state(), MixinCharm))
    assert is_running(run(out, charm_type))


class AsUser(MixinCharm):
    connector_user = 'app'


@pytest.mark.parametrize(
    ('charm_type', 'keys'),
    [
        (AsUser, {'user': 'app'}),
        (composed(user='app:staff'), {'user': 'app', 'group': 'staff'}),
        (composed(user='1000:50'), {'user-id': 1000, 'group-id': 50}),
        (MixinCharm, {}),
    ],
)
def test_the_user(charm_type: type[ops.CharmBase], keys: dict[str, str | int]):
    out = run(ready_state(), charm_type)
    names = {'user', 'user-id', 'group', 'group-id'}
    assert {key: value for key, value in planned(out).items() if key in names} == keys
    assert is_running(run(out, charm_type))


@pytest.mark.parametrize('charm_type', [composed(), MixinCharm])
@pytest.mark.parametrize('error', [ops.ModelError('ERROR x'), RuntimeError('x'), ValueError('x')])
def test_juju_cannot_tell_how_many_units_there_are(
    charm_type: type[ops.CharmBase], error: Exception, monkeypatch: pytest.MonkeyPatch
):
    def planned_units(self: ops.Application) -> int:
        raise error

    monkeypatch.setattr(ops.Application, 'planned_units', planned_units)
    out = run(ready_state(), charm_type)
    assert is_running(out)
    assert out.unit_status == testing.ActiveStatus()


def get_broken_plan(self: ops.Container) -> Any:
    raise ValueError('month must be in 1..12')


@pytest.mark.parametrize('charm_type', [composed(), MixinCharm])
def test_a_plan_that_cannot_be_read_is_written_again(
    charm_type: type[ops.CharmBase], monkeypatch: pytest.MonkeyPatch
):
    state = dataclasses.replace(running(), config={'api-key': 'another'})
    with monkeypatch.context() as patch:
        patch.setattr(ops.Container, 'get_plan', get_broken_plan)
        out = run(state, charm_type)
    assert is_running(out)
    assert planned(out)['environment']['API_KEY'] == 'another'


@pytest.mark.parametrize('charm_type', [composed(), MixinCharm])
def test_a_workload_whose_plan_cannot_be_read_stops(
    charm_type: type[ops.CharmBase], monkeypatch: pytest.MonkeyPatch
):
    state = without_relation(running())
    with monkeypatch.context() as patch:
        patch.setattr(ops.Container, 'get_plan', get_broken_plan)
        out = run(state, charm_type)
    assert not is_running(out)
    assert 'environment' not in planned(out)
