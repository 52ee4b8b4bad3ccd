# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What comes back from the plan of a real Pebble, whatever the values are."""

import hypothesis
import ops
import pytest
from hypothesis import strategies

from opencti_connector import _environment

from .conftest import ACTIVE, Daemon, Unit, assert_runs_with

# What YAML may read as something else, and any other text that is valid in UTF-8.
_VALUES = strategies.one_of(
    strategies.text('=<~-+.0123456789_:eEnNyYob tT|>!&*?%@`"\'#,[]{}\n\r\t\\', max_size=9),
    strategies.from_regex(r'[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}([ tT][0-9:.+Z-]{0,14})?'),
    strategies.text(strategies.characters(exclude_categories=['Cs']), max_size=9),
).filter(_environment.is_readable)


@hypothesis.settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(strategies.lists(_VALUES, min_size=20, max_size=40))
def test_each_value_that_is_not_refused_comes_back(daemon: Daemon, values: list[str]):
    wanted = {f'V{i}': value for i, value in enumerate(values)}
    service = {'override': 'replace', 'command': 'true', 'environment': wanted}
    layer = ops.pebble.Layer({'services': {'connector': service}})  # type: ignore[arg-type]
    daemon.client.add_layer('connector', layer, combine=True)
    found = daemon.client.get_plan().services['connector'].environment
    assert [v for name, v in wanted.items() if not _environment.is_value(found[name], v)] == []


@pytest.mark.parametrize('value', ['=', '<<', '2024-99-99', '\t\nx'])
def test_a_plan_that_cannot_be_read_is_written_again(unit: Unit, value: str):
    service = {'override': 'replace', 'command': unit.command, 'environment': {'MORE': value}}
    layer = ops.pebble.Layer({'services': {'connector': service}})  # type: ignore[arg-type]
    unit.daemon.client.add_layer('connector', layer, combine=True)
    assert_runs_with(unit, unit.run())
    assert 'MORE' not in unit.daemon.client.get_plan().services['connector'].environment


def test_further_layers_restart_nothing(unit: Unit):
    unit.run()
    service = {
        'override': 'merge',
        'working-dir': '/tmp',
        'on-check-failure': {'up': 'ignore'},
        'environment': {'OF_ANOTHER': 'x'},
    }
    layer = ops.pebble.Layer({'services': {'connector': service}})  # type: ignore[arg-type]
    unit.daemon.client.add_layer('another', layer)
    for _ in range(3):
        unit.run('config_changed')
    assert unit.status == ACTIVE
    assert len(unit.workload.pids) == 1
