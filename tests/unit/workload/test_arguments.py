# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a charm gives to `ConnectorWorkload`."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, ConnectorWorkload
from opencti_connector.testing import relation_for_provider

from ..failures import raising
from .charms import NAME, MixinCharm, run
from .looks import container, environment, is_running, planned, started
from .states import ready_state, running, without_relation


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


@pytest.mark.parametrize(
    ('containers', 'argument', 'expected'),
    [
        ([NAME, 'second'], {'container': 'second'}, 'second'),
        (['first', NAME], {}, NAME),  # The one named after the charm.
        (['first'], {}, 'first'),
    ],
)
def test_the_container(containers: list[str], argument: dict[str, str], expected: str):
    out = run(ready_state(containers), composed(**argument), containers=containers)
    assert started(out) == {expected}


@pytest.mark.parametrize('containers', [[], ['first', 'second']])
def test_there_is_no_default_among_several_containers(containers: list[str]):
    with pytest.raises(testing.errors.UncaughtCharmError, match=r'it has (none|first, second)'):
        run(ready_state(containers), composed(), containers=containers)


def test_the_default_command():
    assert planned(run(ready_state(), composed()))['command'] == 'bash /entrypoint.sh'


def test_two_workloads():
    names = ('first', 'second')

    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            ends = {n: ConnectorProvides(self, 'STREAM', relation_name=n) for n in names}
            self.workloads = [ConnectorWorkload(self, ends[n], container=n) for n in names]

    ends = [relation_for_provider(name, connector_id=None) for name in names]
    state = ready_state(
        names,
        relations={end.relation for end in ends},
        secrets={secret for end in ends for secret in end.secrets},
    )
    assert started(run(state, Charm, containers=names, endpoints=names)) == {*names}


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
        # ops leaves out a 0 when it writes a layer. Pebble then asks for the user's own group,
        # which a user that the image does not know has not.
        (composed(user='1000:0'), {'user-id': 1000, 'group-id': 0}),
        (composed(user='0'), {'user-id': 0}),
        (MixinCharm, {}),
    ],
)
def test_the_user(charm_type: type[ops.CharmBase], keys: dict[str, str | int]):
    out = run(ready_state(), charm_type)
    service = container(out).layers['connector'].services['connector']
    names = ('user', 'user-id', 'group', 'group-id')
    found = {name: getattr(service, name.replace('-', '_')) for name in names}
    assert {name: value for name, value in found.items() if value not in (None, '')} == keys
    assert is_running(run(out, charm_type))


@pytest.mark.parametrize('charm_type', [composed(), MixinCharm])
@pytest.mark.parametrize('stops', [False, True])
def test_a_plan_that_cannot_be_read_is_written_again(
    charm_type: type[ops.CharmBase], stops: bool, monkeypatch: pytest.MonkeyPatch
):
    state = dataclasses.replace(running(), config={'api-key': 'another'})
    if stops:
        state = without_relation(state)
    with monkeypatch.context() as patch:
        unreadable = raising(ValueError('month must be in 1..12'))
        patch.setattr(ops.Container, 'get_plan', unreadable)
        out = run(state, charm_type)
    assert is_running(out) is not stops
    if stops:
        assert 'environment' not in planned(out)
    else:
        assert environment(out)['API_KEY'] == 'another'
