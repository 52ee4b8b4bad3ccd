# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which hooks follow when an agent, a pod or a container starts anew, and what is left.

Read from Juju's source, where 3.6 and 4.0 are alike; `fakes/juju/agents.py` names the files.
"""

import pytest
from ops import pebble, testing

from fakes import juju

from .site import Site

START = ['start', 'workload-pebble-ready']
NEW_POD = ['upgrade-charm', 'config-changed', *START]
LAYER = pebble.Layer({'services': {'connector': {'override': 'replace', 'command': 'run'}}})


@pytest.fixture
def site() -> Site:
    """A model on Kubernetes, where the connector runs its workload."""
    site = Site('workload')
    workload = testing.Container(
        'workload',
        can_connect=True,
        layers={'connector': LAYER},
        service_statuses={'connector': pebble.ServiceStatus.ACTIVE},
    )
    site.conn.update(containers={workload}, stored_states={testing.StoredState()})
    return site


@pytest.fixture
def unit(site: Site) -> juju.Unit:
    """The connector's."""
    return site.conn.unit


def fail(site: Site, unit: juju.Unit, cause: str) -> None:
    """Let the next hook of a cause fail."""
    index = [pending.cause for pending in unit.pending].index(cause)
    site.model.deliver(unit, index, is_killed=True)
    assert unit.failed is not None
    site.seen = len(site.model.hooks)


def configure(unit: juju.Unit) -> None:
    unit.wait('config', lambda on: on.config_changed())


class TestAgent:
    def test_on_kubernetes_each_start_counts_as_a_reboot(self, site: Site, unit: juju.Unit):
        site.model.restart_agent(unit)
        site.model.settle()
        assert site.hooks('conn/0') == START
        assert unit.services
        assert unit.state.stored_states

    def test_on_a_machine_no_hook_follows(self, site: Site):
        site.model.restart_agent(site.opencti.unit)
        site.model.settle()
        assert site.hooks('opencti/0') == []

    def test_the_hook_that_failed_comes_first(self, site: Site, unit: juju.Unit):
        configure(unit)
        fail(site, unit, 'config')
        site.model.restart_agent(unit)
        site.model.settle()
        assert site.hooks('conn/0') == ['config-changed', *START]

    def test_a_failed_pebble_ready_is_skipped_and_comes_anew(self, site: Site, unit: juju.Unit):
        juju.restart_containers(unit)
        fail(site, unit, 'pebble-ready')
        site.model.restart_agent(unit)
        site.model.settle()
        assert site.hooks('conn/0') == START

    def test_before_its_first_start_there_is_no_further_one(self, site: Site):
        new = site.model.add_unit(site.conn)
        site.model.restart_agent(new)
        site.model.settle()
        assert site.hooks('conn/1').count('start') == 1


class TestPod:
    @pytest.mark.parametrize(('is_killed', 'before'), [(False, ['stop']), (True, [])])
    def test_it_is_deployed_as_in_an_upgrade(
        self, site: Site, unit: juju.Unit, is_killed: bool, before: list[str]
    ):
        site.model.delete_pod(unit, is_killed=is_killed)
        site.model.settle()
        assert site.hooks('conn/0') == [*before, *NEW_POD]
        # Its address is another.
        assert site.hooks('opencti/0') == ['changed']

    def test_nothing_on_its_disks_is_left_but_all_that_juju_has(self, site: Site, unit: juju.Unit):
        site.model.delete_pod(unit)
        (workload,) = unit.state.containers
        assert (dict(workload.layers), unit.services, workload.can_connect) == ({}, {}, True)
        assert not unit.state.stored_states
        assert (unit.name, unit.is_leader, unit.relations) == ('conn/0', True, {1})
        assert site.opencti.secrets[0].is_granted_to('conn/0')

    def test_another_unit_leads_from_then_on(self, site: Site, unit: juju.Unit):
        heir = site.model.add_unit(site.conn)
        site.settle_anew()
        site.model.delete_pod(unit, heir=heir)
        site.model.settle()
        assert heir.is_leader
        assert site.hooks('conn/0') == ['stop', *NEW_POD]
        assert site.hooks('conn/1') == ['leader-elected']

    def test_a_hook_that_failed_runs_instead_of_upgrade_charm(self, site: Site, unit: juju.Unit):
        site.model.write(site.opencti, 1, {'key': 'value'})
        fail(site, unit, 'relation 1')
        site.model.delete_pod(unit, is_killed=True)
        site.model.settle()
        hooks = site.hooks('conn/0')
        assert hooks[:2] == ['changed', 'start']
        assert sorted(hooks[2:]) == ['config-changed', 'workload-pebble-ready']

    def test_stop_runs_instead_of_a_hook_that_failed(self, site: Site, unit: juju.Unit):
        site.model.write(site.opencti, 1, {'key': 'value'})
        fail(site, unit, 'relation 1')
        site.model.delete_pod(unit)
        site.model.settle()
        # Juju sees that the unit does not know the databag yet.
        assert site.hooks('conn/0') == ['stop', *NEW_POD[:3], 'changed', NEW_POD[3]]

    def test_leader_elected_that_failed_is_forgotten(self, site: Site, unit: juju.Unit):
        site.model.elect(None, site.conn)
        site.model.elect(unit)
        fail(site, unit, 'leader')
        site.model.delete_pod(unit)
        site.model.settle()
        assert unit.is_leader
        assert site.hooks('conn/0') == ['stop', *NEW_POD]

    def test_it_goes_again_while_it_comes_back(self, site: Site, unit: juju.Unit):
        site.model.delete_pod(unit)
        site.model.deliver(unit)
        site.model.delete_pod(unit)
        site.model.settle()
        # What was queued is told at once, and upgrade-charm is not repeated.
        assert site.hooks('conn/0') == ['stop', *NEW_POD]

    def test_a_secret_changed_is_swallowed(self, site: Site, unit: juju.Unit):
        site.configure('b')
        site.model.deliver(site.opencti.unit)
        site.model.delete_pod(unit)
        site.model.settle()
        assert 'secret-changed' not in site.hooks('conn/0')


class TestContainer:
    def test_it_comes_back_alone(self, site: Site, unit: juju.Unit):
        juju.restart_containers(unit)
        site.model.settle()
        assert site.hooks('conn/0') == START[1:]
        assert unit.services == {}
        assert unit.state.stored_states

    def test_one_that_stays_away_is_not_ready(self, site: Site, unit: juju.Unit):
        juju.restart_containers(unit, is_up=False)
        site.model.settle()
        assert site.hooks('conn/0') == []

    def test_a_new_unit_has_its_own(self, site: Site):
        new = site.model.add_unit(site.conn)
        assert new.services == {}
        site.model.settle()
        assert START[1] in site.hooks('conn/1')


def test_a_service_that_ended_is_in_backoff_and_juju_does_not_hear(site: Site, unit: juju.Unit):
    juju.end_services(unit)
    site.model.settle()
    assert unit.services == {'connector': 'backoff, 0 variables'}
    assert site.hooks('conn/0') == []


class TestLeaderElected:
    def test_who_does_not_lead_any_more_does_not_run_it(self, site: Site, unit: juju.Unit):
        """`Prepare` in `internal/worker/uniter/operation/runhook.go`."""
        other = site.model.add_unit(site.conn)
        site.settle_anew()
        site.model.elect(other)
        site.model.elect(unit)
        site.model.settle()
        assert site.hooks('conn/1') == []
        assert site.hooks('conn/0') == ['leader-elected']


class TestByForce:
    def test_an_application_goes_without_a_hook_and_with_its_secrets(self, site: Site):
        (old,) = site.opencti.units
        new = site.model.replace_by_force(site.opencti)
        site.model.settle()
        assert site.hooks(old.name) == []
        assert site.opencti.units == [new]
        assert new.is_leader
        assert site.opencti.secrets == []
        assert site.hooks('conn/0') == ['departed']
        assert site.model.links[1].life is juju.Life.GONE

    def test_a_relation_goes_in_the_middle_of_a_hook(self, site: Site):
        (unit,) = site.opencti.units
        site.configure('b')
        unit.first.append(unit.pending.pop())
        site.model.force_removal_in_hook(1, unit)
        assert site.hooks('opencti/0') == ['config-changed']
        assert site.model.hooks[-1].error is None
        assert unit.severed.keys() == {1}

    def test_a_hook_that_writes_into_it_fails(self, site: Site):
        (unit,) = site.opencti.units
        link = site.model.links[1]
        link.databags.clear()
        site.model.ledger.secrets.clear()
        unit.wait('again', lambda on: on.relation_created(link.seen_by(unit)))
        site.model.force_removal_in_hook(1, unit)
        assert str(site.model.hooks[-1].error) == 'relation not found'
