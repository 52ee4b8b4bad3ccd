# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Any history of what Juju and people do ends in the right state, once it has settled."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fakes import juju

from . import charms, memory, outcomes, strategies
from .conftest import HISTORIES
from .deployment import APPLICATIONS, CONNECTORS, MIXINS, MOST_UNITS, UNITS, Deployment
from .mishaps import Mishaps

ANSWERS = st.lists(st.sampled_from(['publish', 'withdraw']), min_size=1, max_size=3).map(' '.join)
KINDS = (
    'opencti_connection_available',
    'opencti_connection_invalid',
    'opencti_connection_removed',
    'connector_available',
    'connector_invalid',
    'connector_removed',
    'connector_token_due',
)


class Histories(Mishaps):
    @initialize(
        version=st.sampled_from(juju.Version),
        removes_later=st.booleans(),
        shows_once=st.booleans(),
        expires=st.booleans(),
        related=st.sets(CONNECTORS),
    )
    def deploy(
        self,
        version: juju.Version,
        removes_later: bool,
        shows_once: bool,
        expires: bool,
        related: set[str],
    ) -> None:
        self.model = Deployment(version, removes_later=removes_later)
        self.by_name = {app.name: app for app in self.model.applications}
        self.connector_ids: dict[int, str] = {}
        self.checked_hooks = 0
        self.model.opencti.config.update({'shows-once': shows_once, 'expires': expires})
        for name in sorted(related):
            self.relate(name)

    # What people do.

    @rule(name=CONNECTORS)
    def relate(self, name: str) -> None:
        connector = self.by_name[name]
        links = self.model.links_of(connector)
        if not any(link.life is juju.Life.ALIVE for link in links):  # There is a limit of 1.
            self.model.relate(connector)

    @rule(name=CONNECTORS)
    def remove_relation(self, name: str) -> None:
        for link in self.model.links_of(self.by_name[name]):
            if link.life is juju.Life.ALIVE:
                self.model.let_opencti_hear_first(link)
                self.model.remove_relation(link.id)
                self.model.let_opencti_hear_first(link)

    @rule(name=APPLICATIONS)
    def add_unit(self, name: str) -> None:
        application = self.by_name[name]
        if len(application.units) < MOST_UNITS:
            self.model.add_unit(application)

    @rule(name=APPLICATIONS, number=UNITS)
    def remove_unit(self, name: str, number: int) -> None:
        application = self.by_name[name]
        unit = self.model.unit(application, number)
        # With the last unit of a connector nothing is left to look at.
        staying = [u for u in application.units if not u.is_dying]
        is_last = application is not self.model.opencti and staying == [unit]
        if unit is not None and not unit.is_dying and not is_last:
            self.model.remove_unit(unit)

    @rule()
    def rotate_the_tokens(self) -> None:
        generation = self.model.opencti.config.get('generation', 0)
        self.model.configure(self.model.opencti, generation=int(generation) + 1)

    @rule(url=st.sampled_from(['https://opencti.example/prefix', 'http://[2001:db8::1]']))
    def change_the_url(self, url: str) -> None:
        self.model.configure(self.model.opencti, url=url)

    @rule(answers=ANSWERS)
    def change_the_answers(self, answers: str) -> None:
        self.model.configure(self.model.opencti, answers=answers)

    @rule(shows_once=st.booleans(), expires=st.booleans())
    def change_the_tokens(self, shows_once: bool, expires: bool) -> None:
        self.model.configure(self.model.opencti, shows_once=shows_once, expires=expires)

    @rule(
        name=MIXINS,
        options=st.fixed_dictionaries(
            {
                'api-key': st.sampled_from([None, 'a key', 'näïve\n$x']),
                'level': st.sampled_from([None, 'debug']),
            }
        ),
    )
    def configure_a_connector(self, name: str, options: dict[str, str | None]) -> None:
        self.model.configure(self.by_name[name], **options)

    @rule(kinds=st.sets(st.sampled_from(KINDS)), fails=st.booleans())
    def keep_charms_from_acting(self, kinds: set[str], fails: bool) -> None:
        charms.Trouble.deferred, charms.Trouble.fails = kinds, fails

    @rule(name=APPLICATIONS)
    def refresh(self, name: str) -> None:
        for unit in self.by_name[name].units:
            unit.wait('refresh', lambda on: on.upgrade_charm())

    @rule(name=CONNECTORS, garbage=strategies.details)
    def spoil_the_details(self, name: str, garbage: dict[str, str]) -> None:
        connector = self.by_name[name]
        for link in self.model.links_of(connector):
            before = link.databags.get(name, {})
            # The connector_id in the databag is kept, by design.
            kept = {k: v for k, v in before.items() if k == 'connector_id'}
            spoilt = {k: v for k, v in garbage.items() if v and k != 'connector_id'}
            self.model.write(connector, link.id, {**spoilt, **kept})

    @rule(garbage=strategies.connection)
    def spoil_the_connections(self, garbage: dict[str, str]) -> None:
        self.model.was_tampered_with = True
        for link in self.model.links_of(self.model.opencti):
            spoilt = {k: v for k, v in garbage.items() if v}  # To Juju, '' is not there.
            self.model.write(self.model.opencti, link.id, spoilt)

    # What Juju does.

    @rule(name=APPLICATIONS, number=st.none() | UNITS)
    def elect(self, name: str, number: int | None) -> None:
        application = self.by_name[name]
        unit = None if number is None else self.model.unit(application, number)
        if unit is None or not unit.is_dying:
            self.model.elect(unit, application)

    @rule()
    def expire_the_tokens(self) -> None:
        for secret in self.model.opencti.secrets:
            juju.expire(secret)
        self.model.tell_of_expired()

    @rule()
    def tell_of_expired(self) -> None:
        self.model.tell_of_expired()

    @rule()
    def do_removals(self) -> None:
        self.model.do_removals()

    @rule(
        name=APPLICATIONS,
        number=UNITS,
        index=st.integers(0, 20),
        is_killed=st.sampled_from([False, False, False, True]),
    )
    def deliver(self, name: str, number: int, index: int, is_killed: bool) -> None:
        unit = self.model.unit(self.by_name[name], number)
        if unit is not None and unit.is_waiting:
            self.model.deliver(unit, index % (len(unit.pending) or 1), is_killed=is_killed)

    @rule(name=APPLICATIONS, number=UNITS)
    def run_update_status(self, name: str, number: int) -> None:
        unit = self.model.unit(self.by_name[name], number)
        if unit is not None and not unit.failed and not unit.first:
            self.model.run(unit, lambda on: on.update_status())

    # What must hold.

    @precondition(lambda self: hasattr(self, 'model'))
    @invariant()
    def nothing_goes_wrong(self) -> None:
        for number, hook in enumerate(self.model.hooks[self.checked_hooks :], self.checked_hooks):
            outcomes.check_hook(hook, may_refuse=number == self.model.may_refuse)
        self.checked_hooks = len(self.model.hooks)
        outcomes.check_what_shows(self.model)
        outcomes.check_what_ended(self.model)

    @precondition(lambda self: hasattr(self, 'model'))
    @invariant()
    def connector_ids_stay(self) -> None:
        for connector in self.model.connectors:
            for link in self.model.links_of(connector):
                connector_id = link.databags.get(connector.name, {}).get('connector_id')
                if connector_id:
                    first = self.connector_ids.setdefault(link.id, connector_id)
                    assert connector_id == first

    @rule()
    def settle(self) -> None:
        charms.Trouble.end()
        self.model.ledger.failing_lists = []
        self.model.goal_state_error = None
        self.model.let_all_run()
        self.model.let_all_run()  # What a hook left for the next one.

        self.nothing_goes_wrong()
        self.connector_ids_stay()
        outcomes.check_opencti(self.model)
        for connector in self.model.connectors:
            outcomes.check_connector(self.model, connector, self.connector_ids)

        # Who withdraws and publishes anew, wants a new token each time.
        charms.Trouble.wavers = False
        before, made = outcomes.visible(self.model), charms.Platform.made
        for unit in self.model.units:
            self.model.run(unit, lambda on: on.update_status())
        assert not any(unit.is_waiting for unit in self.model.units)
        assert outcomes.visible(self.model) == before
        assert charms.Platform.made == made
        charms.Trouble.wavers = True

    def teardown(self) -> None:
        if hasattr(self, 'model'):
            self.settle()
            self.nothing_goes_wrong()
        memory.free()


def test_histories():
    run_state_machine_as_test(
        Histories, settings=settings(max_examples=HISTORIES, stateful_step_count=40)
    )
