# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a hook costs, counted: a new round trip or module is a decision, made here."""

import collections
import functools
import pathlib

import pytest

from benchmarks import charms, hooks, scale, startup
from benchmarks.dispatch import prepare

# What ops asks for as soon as a charm looks at a relation.
OF_RELATIONS = {'relation_ids': 1, 'relation_list': 1}
# The databag of each side, the token, and who leads.
READS = {**OF_RELATIONS, 'relation_get': 2, 'secret_get': 1, 'leader_questions': 1}
# The number of units, of which Juju tells by itself nothing. ops sets the status in each hook.
CONNECTOR = {**READS, 'planned_units': 1, 'status_set': 1}
# The configuration with a secret of its own, and what Pebble runs.
MIXIN = {**CONNECTOR, 'config_get': 1, 'secret_get': 2, 'get_plan': 1, 'get_services': 1}
# The charm's answer asks for the configuration; ops' backend remembers who leads. The owner reads
# no content of a secret.
OPENCTI = {
    **OF_RELATIONS,
    'relation_get': 2,
    'secret_info_get': 1,
    'leader_questions': 4,
    'config_get': 1,
}
# A grant that was lost comes back, and Juju itself compares the token that the charm repeats:
# neither is a write where nothing changed.
OPENCTI_NO_OP = {**OPENCTI, 'secret_grant': 1, 'secret_set': 1}
# The plan that comes of the layer is remembered; the mock asks for it, too.
START = {'get_plan': 3, 'add_layer': 1, 'start_services': 1}

NO_OP = (
    'relation-changed, no-op',
    'config-changed, no-op',
    'update-status, no-op',
    'leader-elected, no-op',
    'upgrade-charm, no-op',
)
EXPECTED: dict[tuple[str, str], dict[str, int]] = {
    ('bare', 'any other hook'): {},
    ('endpoint object', 'relation-changed, first'): {**CONNECTOR, 'relation_set': 1},
    **{('endpoint object', hook): CONNECTOR for hook in NO_OP},
    ('endpoint object', 'secret-changed, rotated'): CONNECTOR,
    ('mixin', 'relation-changed, first'): {**MIXIN, **START, 'relation_set': 1},
    **{('mixin', hook): MIXIN for hook in NO_OP},
    ('mixin', 'secret-changed, rotated'): {**MIXIN, **START, 'stop_services': 1},
    ('OpenCTI', 'relation-changed, first'): {
        **OPENCTI,
        'secret_add': 1,
        'secret_grant': 1,
        'relation_set': 1,
    },
    **{('OpenCTI', hook): OPENCTI_NO_OP for hook in NO_OP},
    ('OpenCTI', 'config-changed, rotated'): OPENCTI_NO_OP,
}
NAMES = ({*hooks.NAMES} - {'is_leader'}) | {'leader_questions'}


@functools.cache
def measured() -> dict[tuple[str, str], collections.Counter[str]]:
    return {(charm, hook): calls for charm, hook, calls in hooks.measure()}


@pytest.mark.parametrize(('charm', 'hook'), EXPECTED)
def test_the_round_trips_of_a_hook(charm: str, hook: str):
    calls = {name: n for name, n in measured()[charm, hook].items() if name in NAMES and n}
    assert calls == {name: n for name, n in EXPECTED[charm, hook].items() if n}


def test_no_hook_is_left_out():
    charms = ('bare', 'endpoint object', 'mixin', 'OpenCTI')
    assert measured().keys() == EXPECTED.keys() | {(name, 'relation-broken') for name in charms}


def test_the_processes_of_a_whole_hook(tmp_path: pathlib.Path):
    """The real backend of ops, with stand-ins for Juju's programs, asks no more than the mock."""
    dispatch = prepare(tmp_path)['k8s-connector']
    dispatch.processes()  # The first hook finds no stored state.
    calls = dispatch.processes()
    del calls['juju-log']  # How much ops logs differs with its version.
    assert calls == {
        'config-get': 1,
        'goal-state': 1,
        'is-leader': 1,
        'relation-get': 2,
        'relation-ids': 1,
        'relation-list': 1,
        'secret-get': 2,
        'status-set': 1,
    }


class TestScale:
    @functools.cached_property
    def rows(self) -> dict[tuple[str, int], scale.Row]:
        return {(row.hook, row.relations): row for row in scale.measure((3, 6, 24))}

    # Reads of databags, looks at secrets, and writes. In update-status these are the grants, which
    # change nothing. One connector costs one connector's work, however many others there are.
    @pytest.mark.parametrize('number', [3, 6, 24])
    def test_it_is_linear(self, number: int):
        rows = {hook: row for (hook, relations), row in self.rows.items() if relations == number}
        costs = {n: (r.relation_gets, r.secret_infos, r.writes) for n, r in rows.items()}
        assert costs['cold'] == (2 * number, number, 3 * number)
        assert costs['no-op'] == (number, 0, 0)
        assert costs['update-status'] == (2 * number, number, number)
        assert costs['one new'] == (2, 1, 3)

    def test_the_units_of_a_relation_are_listed_once(self):
        # ops asks for all of them, for a charm that does nothing, too.
        state = scale.related(6)
        _, bare = scale.run(charms.BareCharm, state, scale.one_changed)
        _, ours = scale.run(charms.OpenctiCharm, state, scale.one_changed)
        assert (bare.relation_lists, ours.relation_lists) == (6, 6)


class TestImport:
    """Only modules of other packages count, so that splitting one of ours costs nothing."""

    def others(self, code: str) -> set[str]:
        return {m for m in startup.modules(code) if m.partition('.')[0] != 'opencti_connector'}

    def packages(self, code: str) -> set[str]:
        return {name.partition('.')[0] for name in self.others(code)}

    @pytest.mark.parametrize('end', ['ConnectorProvides', 'OpenctiRequires'])
    def test_it_costs_no_more_than_a_model_of_two_fields(self, end: str):
        base = startup.modules(startup.IMPORTS['import ops, pydantic; a model of two fields'])
        loaded = self.others(f'from opencti_connector import {end}')
        assert len(loaded) <= len(base)
        assert {name for name in loaded - base if not name.startswith('pydantic')} == set()

    @pytest.mark.parametrize(
        ('name', 'packages'),
        [
            ('ConnectorProvides', {'_provides', '_relation', '_juju'}),
            ('OpenctiConnectionAvailableEvent', {'_provides', '_relation', '_juju'}),
            ('OpenctiRequires', {'_requires', '_relation', '_juju'}),
            ('ConnectorWorkload', {'_workload', '_provides', '_relation', '_juju'}),
            ('OpenctiConnectorMixin', {'_workload', '_provides', '_relation', '_juju'}),
            ('Blocked', set()),
        ],
    )
    def test_each_end_loads_only_itself(self, name: str, packages: set[str]):
        loaded = startup.modules(f'from opencti_connector import {name}')
        ours = {m.split('.')[1] for m in loaded if m.startswith('opencti_connector.')}
        assert ours - {'_errors', '_events'} == packages

    def test_the_mixin_loads_no_further_package(self):
        code = 'from opencti_connector import OpenctiConnectorMixin'
        two_fields = startup.IMPORTS['import ops, pydantic; a model of two fields']
        assert self.packages(code) - self.packages(two_fields) == set()
        assert not {m for m in startup.modules(code) if m.startswith('opencti_connector.cli')}
