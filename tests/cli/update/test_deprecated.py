# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A deprecated option that a charm keeps is never ignored in silence."""

from typing import Any

import pytest

from tests.cli.generated import Generated
from tests.cli.update.kept import Kept

# A value that is a part of an option's name, as upstream's own scopes are.
SCOPE: dict[str, Any] = {'X_SCOPE': {'type': 'string', 'default': 'x-interval'}}
OLD: dict[str, Any] = {**SCOPE, 'X_INTERVAL': {'type': 'integer'}}
DEPRECATED: dict[str, Any] = {
    **SCOPE,
    'X_INTERVAL': {
        'type': 'integer',
        'deprecated': True,
        'description': 'Use X_PERIOD instead. (removal scheduled for 2027-06-30)',
    },
    'X_PERIOD': {'type': 'string', 'format': 'duration', 'default': 'P3D'},
}


@pytest.fixture
def deprecated(kept: Kept) -> Kept:
    """A charm whose option upstream has deprecated since."""
    kept.upstream(OLD)
    kept.new()
    kept.upstream(DEPRECATED)
    return kept


def test_the_successor_has_no_default(deprecated: Kept):
    output = ' '.join(deprecated.update().split())

    assert 'x-interval kept deprecated by upstream, replaced by x-period' in output
    assert deprecated.options['x-period'] == {'type': 'string'}
    charm = Generated(deprecated.charm)
    assert charm.environment(charm.run({'x-interval': 1}))['X_INTERVAL'] == '1'
    assert 'X_PERIOD' not in charm.environment(charm.run({'x-interval': 1}))
    assert 'X_INTERVAL' not in charm.environment(charm.run({'x-period': 'P1D'}))
    assert charm.run({}).unit_status.name == 'active'
    deprecated.update('--check')


def test_both_are_set(deprecated: Kept):
    deprecated.update()
    status = Generated(deprecated.charm).run({'x-interval': 1, 'x-period': 'P1D'}).unit_status

    assert status.name == 'blocked'
    assert 'x-period: replaces x-interval, and both are set' in status.message


def test_the_old_one_has_a_default(kept: Kept):
    kept.upstream({'X_INTERVAL': {'type': 'integer', 'default': 1}})
    kept.new()
    kept.upstream({**DEPRECATED, 'X_INTERVAL': {**DEPRECATED['X_INTERVAL'], 'default': 1}})
    kept.update()
    charm = Generated(kept.charm)

    assert charm.run({'x-period': 'P1D'}).unit_status.name == 'active'
    assert charm.run({'x-interval': 2, 'x-period': 'P1D'}).unit_status.name == 'blocked'
    assert charm.run({'x-interval': 2}).unit_status.name == 'active'


def test_a_successor_that_is_replaced_itself(kept: Kept):
    kept.upstream({'X_A': {'type': 'string'}})
    kept.new()
    kept.upstream(
        {
            'X_A': {'type': 'string', 'deprecated': True, 'description': 'Use X_B instead.'},
            'X_B': {
                'type': 'string',
                'deprecated': True,
                'description': 'Use X_C instead.',
                'default': 'b',
            },
            'X_C': {'type': 'string', 'default': 'c'},
        }
    )
    kept.update('--deprecated')
    charm = Generated(kept.charm)

    assert not any('default' in each for each in kept.options.values())
    for both in ('x-a', 'x-b'), ('x-b', 'x-c'):
        assert charm.run(dict.fromkeys(both, 'b')).unit_status.name == 'blocked'
    assert charm.run({'x-b': 'b'}).unit_status.name == 'active'


def test_an_option_that_replaces_itself(kept: Kept):
    kept.upstream(
        {
            'X': {
                'type': 'string',
                'deprecated': True,
                'description': 'Use X instead.',
                'default': 'x',
            }
        }
    )
    kept.new('--deprecated')

    assert kept.options['x']['default'] == 'x'


@pytest.mark.parametrize('name', ['INTERVAL', 'X_INTERVAL', 'X_INTERVAL_SEC'])
def test_an_interval_names_no_successor(kept: Kept, name: str):
    """Upstream's Urlhaus and AlienVault replace it all the same."""
    kept.upstream({name: {'type': 'integer'}})
    kept.new()
    old = {'type': 'integer', 'deprecated': True, 'description': 'Polling interval in hours.'}
    kept.upstream({name: old, 'CONNECTOR_DURATION_PERIOD': DEPRECATED['X_PERIOD']})
    output = kept.update()

    assert kept.options['connector-duration-period'] == {'type': 'string'}
    assert 'deprecated by upstream, replaced by connector-duration-period' in output


@pytest.mark.parametrize('required', ['X_PERIOD', 'X_INTERVAL'])
def test_one_is_required(deprecated: Kept, required: str):
    deprecated.upstream(
        {**DEPRECATED, 'X_PERIOD': {'type': 'string', 'format': 'duration'}}, required=(required,)
    )
    deprecated.update()
    charm = Generated(deprecated.charm)

    status = charm.run({}).unit_status
    assert status.name == 'blocked'
    assert 'x-period: must be set, or what it replaces: x-interval' in status.message
    assert charm.run({'x-interval': 1}).unit_status.name == 'active'
    assert charm.run({'x-period': 'P1D'}).unit_status.name == 'active'


def test_new_with_deprecated_options(kept: Kept):
    kept.upstream(DEPRECATED)
    kept.new('--deprecated')

    assert 'default' not in kept.options['x-period']


def test_the_charm_passed_both(deprecated: Kept):
    deprecated.update()
    deprecated.edit('charmcraft.yaml', 'x-period:\n', 'x-period:\n      default: P3D # ours\n')
    deprecated.update()

    assert deprecated.options['x-period']['default'] == 'P3D'
    status = Generated(deprecated.charm).run({'x-interval': 1}).unit_status
    assert 'x-period: replaces x-interval, and both are set' in status.message


def test_without_the_old_one_the_default_is_back(deprecated: Kept):
    deprecated.update()
    deprecated.decide('[options.x-interval]\nomit = true\nreason = "use x-period"')
    output = ' '.join(deprecated.update().split())

    assert "x-period changed default: none to 'P3D'" in output
    assert 'x-interval removed decided yes' in output
    assert deprecated.options['x-period'] == {'type': 'string', 'default': 'P3D'}


@pytest.mark.parametrize(
    ('old', 'new'),
    [
        ({'type': 'boolean', 'default': True}, {'type': 'boolean', 'default': False}),
        ({'type': 'string', 'default': 'error'}, {'type': 'string', 'default': 'debug'}),
        ({'type': 'string', 'default': 'P3D'}, {'type': 'string'}),
    ],
)
def test_a_default_that_changes_is_breaking(kept: Kept, old: Any, new: Any):
    kept.upstream({'X': old})
    kept.new()
    kept.upstream({'X': new})
    (row,) = (line for line in kept.update().splitlines() if line.startswith('  x '))

    assert row.split()[-1] == 'yes'
