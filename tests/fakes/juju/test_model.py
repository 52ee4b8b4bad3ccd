# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which hooks the units of a model run, as seen on a running Juju 4.0.15 and 3.6.28."""

from typing import Any

import ops
import pytest

from fakes import juju

ENDPOINT = {'opencti-connector': {'interface': 'opencti_connector'}}
HOOK = 'opencti-connector-relation-'


class Charm(ops.CharmBase):
    """Records what it learns about a unit that departs."""

    departing: list[tuple[str, str]]

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on['opencti-connector'].relation_departed, self._on_departed)

    def _on_departed(self, event: ops.RelationDepartedEvent):
        assert event.departing_unit is not None
        self.departing.append((self.unit.name, event.departing_unit.name))


class Owner(Charm):
    """Grants a secret to its first connector, and sets its content when configured."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        framework.observe(self.on['opencti-connector'].relation_created, self._on_created)
        framework.observe(self.on.config_changed, self._on_config_changed)

    def _on_created(self, event: ops.RelationCreatedEvent):
        if self.unit.is_leader() and not event.relation.data[self.app]:
            secret = self.app.add_secret({'token': 'a'}, label='L')
            secret.grant(event.relation)
            event.relation.data[self.app]['secret'] = str(secret.id)

    def _on_config_changed(self, _: ops.EventBase):
        if self.unit.is_leader() and self.config['token']:
            content = {'token': str(self.config['token'])}
            secret_id = self.model.relations['opencti-connector'][0].data[self.app]['secret']
            # ops.Secret would read it first, and pin it.
            self.model._backend.secret_set(secret_id, content=content)


class Reader(Charm):
    """Reads what it was granted."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        for event in (self.on['opencti-connector'].relation_changed, self.on.secret_changed):
            framework.observe(event, self._on_change)

    def _on_change(self, _: ops.EventBase):
        relation = self.model.relations['opencti-connector'][0]
        secret_id = relation.data[relation.app].get('secret')
        if secret_id:
            self.model.get_secret(id=secret_id).get_content(refresh=True)


class Site:
    """A model with one of each charm, related."""

    def __init__(self) -> None:
        Charm.departing = []
        option = {'token': {'type': 'string', 'default': ''}}
        owner: dict[str, Any] = {
            'meta': {'name': 'opencti', 'requires': ENDPOINT},
            'config': {'options': option},
        }
        reader: dict[str, Any] = {'meta': {'name': 'conn', 'provides': ENDPOINT}}
        self.opencti = juju.Application('opencti', Owner, **owner)
        self.conn = juju.Application('conn', Reader, **reader)
        self.model = juju.Model(self.opencti, self.conn)
        self.relation_id = self.model.relate(self.conn)
        self.settle_anew()

    def settle_anew(self) -> None:
        """Run all hooks that wait; `hooks` tells none of them."""
        self.model.settle()
        self.seen = len(self.model.hooks)

    def hooks(self, unit: str) -> list[str]:
        """Return the hooks that a unit ran since the last call, or since the model was made."""
        hooks = [
            h.event.replace('_', '-') for h in self.model.hooks[self.seen :] if h.unit == unit
        ]
        return [hook.replace(HOOK, '') for hook in hooks]

    def configure(self, token: str) -> None:
        """Let OpenCTI set a token."""
        self.opencti.config['token'] = token
        for unit in self.opencti.units:
            unit.wait('config', lambda on: on.config_changed())


@pytest.fixture
def site() -> Site:
    return Site()


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
        assert 'secret-changed' not in site.hooks('conn/0')

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
