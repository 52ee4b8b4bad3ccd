# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The charms whose histories are tried: one for each way of using the library.

They defer and fail when the history says so, as charms do that wait for their platform.
"""

import datetime
from typing import Any, ClassVar

import ops

from opencti_connector import (
    ConnectorAvailableEvent,
    ConnectorProvides,
    ConnectorRemovedEvent,
    ConnectorTokenDueEvent,
    OpenctiConnectionAvailableEvent,
    OpenctiConnectorMixin,
    OpenctiRequires,
)

ENDPOINT = {'interface': 'opencti_connector'}
CONTAINER = 'opencti-mixin-connector'

MIXIN: dict[str, Any] = {
    'meta': {
        'name': CONTAINER,
        'provides': {'opencti-connector': ENDPOINT},
        'containers': {CONTAINER: {}},
    },
    'config': {
        'options': {
            'api-key': {'type': 'string', 'optional': False},
            'level': {'type': 'string', 'default': 'info'},
        }
    },
}
EVENTS: dict[str, Any] = {
    'meta': {
        'name': 'opencti-events-connector',
        'provides': {'opencti-connector': ENDPOINT},
    },
}
OPENCTI: dict[str, Any] = {
    'meta': {
        'name': 'opencti',
        'requires': {'opencti-connector': ENDPOINT},
        'containers': {'opencti': {}},
    },
    'config': {
        'options': {
            'url': {'type': 'string', 'default': 'http://opencti.example:8080'},
            'generation': {'type': 'int', 'default': 0},
            'answers': {'type': 'string', 'default': 'publish'},
            'shows-once': {'type': 'boolean', 'default': False},
            'expires': {'type': 'boolean', 'default': False},
        }
    },
}

MARK = 's3cr3t'


class Injected(Exception):
    """A handler fails because the history says so."""


class Trouble:
    """What keeps the charms from handling their events."""

    deferred: ClassVar[set[str]] = set()
    """The kinds of events that are deferred for now."""
    wavers: ClassVar[bool] = True
    """Whether OpenCTI gives all of its answers, one after the other, or just the last."""
    fails: ClassVar[bool] = False
    """Whether the next handler fails."""

    @classmethod
    def end(cls) -> None:
        """Let the charms handle all events again."""
        cls.deferred = set()
        cls.fails = False
        cls.wavers = True

    @classmethod
    def befalls(cls, event: ops.EventBase) -> bool:
        """Fail, or defer the event and return true, if that is how it is."""
        if cls.fails:
            cls.fails = False
            raise Injected
        if event.handle.kind in cls.deferred:
            event.defer()
            return True
        return False


class MixinCharm(OpenctiConnectorMixin, ops.CharmBase):
    connector_type = 'EXTERNAL_IMPORT'


class EventsCharm(ops.CharmBase):
    """Lives by the events alone; a unit's workload is an environment, or nothing."""

    workloads: ClassVar[dict[str, dict[str, str]]] = {}

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti = ConnectorProvides(self, 'INTERNAL_EXPORT_FILE')
        framework.observe(self.opencti.on.opencti_connection_available, self._on_available)
        framework.observe(self.opencti.on.opencti_connection_invalid, self._on_gone)
        framework.observe(self.opencti.on.opencti_connection_removed, self._on_gone)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_available(self, event: OpenctiConnectionAvailableEvent):
        if Trouble.befalls(event) or event.connection is None:
            return
        self.workloads[self.unit.name] = self.opencti.environment()

    def _on_gone(self, event: ops.EventBase):
        if not Trouble.befalls(event):
            self.workloads.pop(self.unit.name, None)

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        event.add_status(self.opencti.get_status())


class Platform:
    """The accounts, and the tokens that were made for them."""

    accounts: ClassVar[set[str]] = set()
    ended: ClassVar[set[int]] = set()
    """The relations of which an end was announced."""
    made: ClassVar[int] = 0
    renewed: ClassVar[dict[str, int]] = {}

    @classmethod
    def begin(cls) -> None:
        """Forget all."""
        cls.accounts, cls.ended, cls.made, cls.renewed = set(), set(), 0, {}

    @classmethod
    def make(cls, user_name: str) -> str:
        """Make a token that is shown once."""
        cls.made += 1
        return f'{MARK}-{user_name}-once-{cls.made}'

    @classmethod
    def token(cls, user_name: str, generation: object) -> str:
        """Return the token that can be asked for again."""
        return f'{MARK}-{user_name}-{generation}.{cls.renewed.get(user_name, 0)}'


class OpenctiCharm(ops.CharmBase):
    """Gives each account tokens that tell whose they are; the generation rotates all of them."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.connectors = OpenctiRequires(self)
        framework.observe(self.connectors.on.connector_available, self._on_available)
        framework.observe(self.connectors.on.connector_invalid, self._on_invalid)
        framework.observe(self.connectors.on.connector_removed, self._on_removed)
        framework.observe(self.connectors.on.connector_token_due, self._on_token_due)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_available(self, event: ConnectorAvailableEvent):
        if not Trouble.befalls(event):
            self._answer(event)

    def _on_invalid(self, event: ops.EventBase):
        Trouble.befalls(event)

    def _on_token_due(self, event: ConnectorTokenDueEvent):
        if Trouble.befalls(event) or event.connector is None:
            return
        name = event.connector.user_name
        Platform.renewed[name] = Platform.renewed.get(name, 0) + 1
        self._answer(event)

    def _answer(self, event: ConnectorAvailableEvent | ConnectorTokenDueEvent):
        if event.connector is None:
            return
        name = event.connector.user_name
        Platform.accounts.add(name)
        answers = str(self.config['answers']).split()
        for answer in answers if Trouble.wavers else answers[-1:]:
            if answer == 'withdraw':
                self.connectors.withdraw_connection(event.relation)
            else:
                self._publish(event.relation, name)

    def _publish(self, relation: ops.Relation, name: str):
        expire = datetime.timedelta(days=90) if self.config['expires'] else None
        token = Platform.token(name, self.config['generation'])
        self.connectors.publish_connection(
            relation,
            url=str(self.config['url']),
            token=(lambda: Platform.make(name)) if self.config['shows-once'] else token,
            expire=expire,
        )

    def _on_removed(self, event: ConnectorRemovedEvent):
        Platform.ended.add(event.relation_id)
        if not Trouble.befalls(event):
            Platform.accounts.discard(event.user_name)

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        event.add_status(self.connectors.get_status())
