# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The model whose histories are tried: an OpenCTI and three connectors, one on a machine."""

from typing import Any

from hypothesis import strategies as st
from ops import testing

from fakes import juju

from . import charms

CONNECTORS = st.sampled_from(['one-mixin', 'another-mixin', 'events'])
MIXINS = st.sampled_from(['one-mixin', 'another-mixin'])
PODS = st.sampled_from(['one-mixin', 'another-mixin', 'opencti'])
APPLICATIONS = st.sampled_from(['one-mixin', 'another-mixin', 'events', 'opencti', 'opencti'])
MOST_UNITS = 3
UNITS = st.integers(0, MOST_UNITS - 1)


class Deployment(juju.Model):
    """A model with the charms of these tests, which handle all events for now."""

    def __init__(self, version: juju.Version, *, removes_later: bool):
        charms.EventsCharm.workloads.clear()
        charms.Platform.begin()
        charms.Trouble.end()
        mixins = [
            juju.Application(name, charms.MixinCharm, **charms.MIXIN)
            for name in ('one-mixin', 'another-mixin')
        ]
        super().__init__(
            juju.Application('opencti', charms.OpenctiCharm, **charms.OPENCTI),
            *mixins,
            juju.Application('events', charms.EventsCharm, **charms.EVENTS),
            version=version,
            removes_later=removes_later,
        )
        for mixin in mixins:
            mixin.config['api-key'] = 'a key'
        for application in (*mixins, self.opencti):
            (name,) = application.context['meta']['containers']
            application.update(containers={testing.Container(name, can_connect=True)})

        self.all_links: dict[int, juju.Link] = {}
        self.was_tampered_with = False
        """Whether somebody wrote to OpenCTI's databags by hand."""
        self.may_refuse: int | None = None
        """The number of the hook in the middle of which a relation goes."""

    def relate(self, connector: juju.Application) -> int:
        """Relate a connector, and keep the relation in mind when it is gone."""
        relation_id = super().relate(connector)
        self.all_links[relation_id] = self.links[relation_id]
        return relation_id

    def delete_pod(self, unit: juju.Unit, **how: Any) -> None:
        """Delete a pod, and with it what its charm remembered of relations that are gone."""
        super().delete_pod(unit, **how)
        for link in self.all_links.values():
            if link.id not in unit.relations:
                link.members.discard(unit.name)

    def configure(self, application: juju.Application, **options: Any) -> None:
        """Configure an application; `None` resets an option."""
        config = {**application.config, **{k.replace('_', '-'): v for k, v in options.items()}}
        application.config = {k: v for k, v in config.items() if v is not None}
        for unit in application.units:
            unit.wait('config', lambda on: on.config_changed())

    def unit(self, application: juju.Application, number: int) -> juju.Unit | None:
        """Return one of the units, if there is any."""
        units = application.units
        return units[number % len(units)] if units else None

    def let_opencti_hear_first(self, link: juju.Link) -> None:
        """On 3.6, let nothing come between the end of a relation and OpenCTI's hearing of it.

        In between, 3.6 refuses a grant, and OpenCTI cannot know. That hook fails for good.
        """
        if self.ledger.version is juju.Version.V4_0:
            return
        charms.Trouble.fails = False
        for unit in list(self.opencti.units):
            while unit.failed or any(p.cause == f'relation {link.id}' for p in unit.pending):
                causes = [pending.cause for pending in unit.pending]
                index = 0 if unit.failed else causes.index(f'relation {link.id}')
                self.deliver(unit, index)

    def tell_of_expired(self) -> None:
        """Tell OpenCTI's leader of what has expired."""
        if self.opencti.leader is not None:
            self.tell_expired(self.opencti.leader)

    def do_removals(self) -> None:
        """Do the removals that wait."""
        self.ledger.run_removals()
        self.relay()

    def let_all_run(self) -> None:
        """Let all hooks run that wait, and update-status, until nothing more follows."""
        self.settle()
        self.do_removals()
        for unit in list(self.units):
            self.run(unit, lambda on: on.update_status())
        self.tell_of_expired()
        self.settle()
        self.do_removals()
        self.settle()
