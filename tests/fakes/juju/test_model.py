# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which hooks the units of a model run, as seen on a running Juju 4.0.15 and 3.6.28."""

from typing import Any

import pytest

from fakes import juju

from .site import Charm, Site


class TestRelation:
    def test_the_other_end_sees_a_databag(self, site: Site):
        site.model.write(site.opencti, site.relation_id, {'key': 'value'})
        site.model.settle()
        assert site.hooks('conn/0') == ['changed']

    def test_when_it_is_removed_the_remote_units_depart(self, site: Site):
        site.model.remove_relation(site.relation_id)
        site.model.settle()
        assert site.hooks('opencti/0') == ['departed', 'broken']
        assert site.hooks('conn/0') == ['departed', 'broken']
        assert ('opencti/0', 'conn/0') in Charm.departing
        assert not site.model.links
        assert site.opencti.secrets[0].grants == {}

    def test_it_exists_until_the_last_unit_has_left(self, site: Site):
        site.model.remove_relation(site.relation_id)
        while site.conn.units[0].pending:
            site.model.deliver(site.conn.units[0])
        assert site.relation_id in site.model.links


class TestDyingUnit:
    def test_it_leaves_a_relation_that_goes_on(self, site: Site):
        unit = site.opencti.units[0]
        site.model.remove_unit(unit)
        site.model.settle()
        assert site.hooks('opencti/0') == ['departed', 'broken', 'stop', 'remove']
        assert Charm.departing.count(('opencti/0', 'opencti/0')) == 1
        assert site.hooks('conn/0') == ['departed']
        assert site.model.links[site.relation_id].life is juju.Life.ALIVE

    def test_if_nobody_is_at_the_other_end_no_unit_departs(self, site: Site):
        site.model.remove_unit(site.conn.units[0])
        site.settle_anew()
        site.model.remove_unit(site.opencti.units[0])
        site.model.settle()
        assert site.hooks('opencti/0') == ['broken', 'stop', 'remove']

    def test_it_leads_until_it_is_gone_and_then_another_does(self, site: Site):
        heir = site.model.add_unit(site.opencti)
        site.model.settle()
        leader = site.opencti.units[0]
        site.model.remove_unit(leader)
        while leader.pending:
            assert leader.is_leader
            site.model.deliver(leader)
        site.model.settle()
        assert heir.is_leader
        assert site.hooks('opencti/1')[-1] == 'leader-elected'

    def test_the_next_unit_finds_everything_as_it_was(self, site: Site):
        secrets = list(site.opencti.secrets)
        site.model.remove_unit(site.opencti.units[0])
        site.settle_anew()
        unit = site.model.add_unit(site.opencti)
        assert (unit.name, unit.is_leader) == ('opencti/1', True)
        assert not unit.state.stored_states
        site.model.settle()
        assert site.model.databag(site.opencti)['secret'] == site.opencti.secrets[0].uri
        assert site.hooks('conn/0') == ['joined', 'changed']
        assert secrets[0] in site.opencti.secrets


class TestSecretEvents:
    def test_a_reader_hears_of_a_new_revision_and_the_leader_of_the_old_one(self, site: Site):
        site.configure('b')
        site.model.settle()
        assert site.hooks('conn/0') == ['secret-changed']
        assert site.hooks('opencti/0') == ['config-changed', 'secret-remove']

    def test_a_unit_of_the_owner_that_has_read_hears_it_too_and_can_let_go(self, site: Site):
        (secret,) = site.opencti.secrets
        how: dict[str, Any] = {'label': '', 'refresh': True, 'peek': False, 'is_leader': True}

        def read() -> None:
            site.model.ledger.read('opencti/0', secret_id=secret.id, **how)

        read()
        site.configure('b')
        site.model.settle()
        assert site.hooks('opencti/0') == ['config-changed', 'secret-changed']
        assert site.model.ledger.obsolete('opencti') == []
        read()
        site.model.relay()
        site.model.settle()
        assert site.hooks('opencti/0')[-1] == 'secret-remove'

    def test_a_restart_of_the_readers_agent_swallows_it(self, site: Site):
        site.configure('b')
        site.model.deliver(site.opencti.units[0])
        site.model.restart_agent(site.conn.units[0])
        site.model.settle()
        assert site.hooks('conn/0') == []

    def test_the_leader_hears_once_and_each_new_leader_again(self, site: Site):
        other = site.model.add_unit(site.opencti)
        site.configure('b')
        site.settle_anew()
        site.model.run(site.opencti, lambda on: on.update_status())
        site.model.settle()
        assert site.hooks('opencti/0') == ['update-status']
        site.model.elect(other)
        site.model.settle()
        assert site.hooks('opencti/1') == ['leader-elected', 'secret-remove']

    def test_a_former_leader_hears_it_late(self, site: Site):
        site.model.add_unit(site.opencti)
        site.settle_anew()
        site.configure('b')
        leader = site.opencti.units[0]
        site.model.deliver(leader)
        site.model.deliver(site.conn.units[0])
        site.model.elect(site.opencti.units[1])
        site.model.settle()
        assert site.hooks('opencti/0') == ['config-changed', 'secret-remove']

    def test_expiry_is_reported_again_and_again(self, site: Site):
        (secret,) = site.opencti.secrets
        newest = secret.revisions[secret.newest]
        assert newest.expire is None
        newest.expire = juju.secret_events.LONG_AGO
        for _ in range(2):
            site.model.tell_expired(site.opencti.units[0])
            site.model.settle()
        assert site.hooks('opencti/0') == ['secret-expired', 'secret-expired']


class TestFailedHook:
    def test_it_runs_again_before_any_other(self, site: Site):
        unit = site.opencti.units[0]
        site.configure('b')
        site.model.deliver(unit, is_killed=True)
        assert site.opencti.secrets[0].newest == 1
        unit.pending.insert(0, juju.Pending('else', lambda on: on.update_status()))
        site.model.settle()
        assert site.opencti.secrets[0].newest == 2
        assert site.hooks('opencti/0')[:3] == ['config-changed', 'config-changed', 'update-status']

    def test_one_that_fails_for_good_is_raised(self, site: Site):
        site.opencti.secrets[0].owner = 'another'
        site.configure('b')
        with pytest.raises(juju.HookFailed, match='is not allowed to manage'):
            site.model.settle()
