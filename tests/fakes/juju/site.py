# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A model with one of each charm, related."""

from typing import Any

import ops
from ops import testing

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
    """The model; the connector's charm has the containers that are named."""

    def __init__(self, *containers: str) -> None:
        Charm.departing = []
        option = {'token': {'type': 'string', 'default': ''}}
        owner: dict[str, Any] = {
            'meta': {'name': 'opencti', 'requires': ENDPOINT},
            'config': {'options': option},
        }
        reader: dict[str, Any] = {
            'meta': {
                'name': 'conn',
                'provides': ENDPOINT,
                'containers': {name: {} for name in containers},
            }
        }
        self.opencti = juju.Application('opencti', Owner, **owner)
        self.conn = juju.Application('conn', Reader, **reader)
        self.conn.update(containers={testing.Container(n, can_connect=True) for n in containers})
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
