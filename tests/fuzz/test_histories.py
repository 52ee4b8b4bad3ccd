# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Any history of what Juju and people do ends in the right state, once it has settled."""

import dataclasses
from typing import Any

import ops
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from ops import testing

from demo import juju

from . import charms, oracle, strategies
from .conftest import HISTORIES

MARK = 's3cr3t'
CONNECTORS = st.sampled_from(['one-mixin', 'another-mixin', 'events'])
APPLICATIONS = st.sampled_from(['one-mixin', 'another-mixin', 'events', 'opencti'])


class Histories(RuleBasedStateMachine):
    @initialize()
    def deploy(self) -> None:
        charms.EventsCharm.workload = None
        charms.OpenctiCharm.accounts.clear()
        self.model = juju.Model(
            juju.Application('opencti', charms.OpenctiCharm, **charms.OPENCTI),
            juju.Application('one-mixin', charms.MixinCharm, **charms.MIXIN),
            juju.Application('another-mixin', charms.MixinCharm, **charms.MIXIN),
            juju.Application('events', charms.EventsCharm, **charms.EVENTS),
        )
        self.by_name = {app.name: app for app in self.model.applications}
        self.dying: set[int] = set()
        self.connector_ids: dict[int, str] = {}
        self.checked_hooks = 0
        for name in ('one-mixin', 'another-mixin'):
            container = testing.Container(charms.CONTAINER, can_connect=True)
            self.by_name[name].update(containers={container}, config={'api-key': 'a key'})

    def wait(self, application: juju.Application, name: str) -> None:
        pending = juju.Pending(name, lambda on: getattr(on, name)())
        application.pending.append(pending)

    def configure(self, application: juju.Application, **options: Any) -> None:
        config = {**application.state.config, **options}
        application.update(config={k: v for k, v in config.items() if v is not None})
        self.wait(application, 'config_changed')

    # What people do.

    @rule(name=CONNECTORS)
    def relate(self, name: str) -> None:
        connector = self.by_name[name]
        if connector.relations.keys() <= self.dying:  # The endpoint has a limit of 1.
            self.model.relate(connector)

    @rule(name=CONNECTORS)
    def remove_relation(self, name: str) -> None:
        for relation_id in self.by_name[name].relations.keys() - self.dying:
            self.dying.add(relation_id)
            self.model.remove_relation(relation_id)

    @rule()
    def rotate_the_tokens(self) -> None:
        generation = self.model.opencti.state.config.get('generation', 0)
        self.configure(self.model.opencti, generation=int(generation) + 1)

    @rule(url=st.sampled_from(['https://opencti.example/prefix', 'http://[2001:db8::1]']))
    def change_the_url(self, url: str) -> None:
        self.configure(self.model.opencti, url=url)

    @rule(withdraws=st.booleans())
    def withdraw(self, withdraws: bool) -> None:
        self.configure(self.model.opencti, withdraws=withdraws)

    @rule(
        name=st.sampled_from(['one-mixin', 'another-mixin']),
        options=st.fixed_dictionaries(
            {
                'api-key': st.sampled_from([None, 'a key', 'näïve\n$x']),
                'level': st.sampled_from([None, 'debug']),
            }
        ),
    )
    def configure_a_connector(self, name: str, options: dict[str, str | None]) -> None:
        self.configure(self.by_name[name], **options)

    @rule(defer=st.booleans())
    def let_the_charm_defer(self, defer: bool) -> None:
        self.configure(self.by_name['events'], defer=defer)

    @rule(name=APPLICATIONS)
    def refresh(self, name: str) -> None:
        self.wait(self.by_name[name], 'upgrade_charm')

    @rule(name=APPLICATIONS, units=st.integers(1, 2))
    def scale(self, name: str, units: int) -> None:
        self.by_name[name].update(planned_units=units)

    @rule(name=CONNECTORS, garbage=strategies.details)
    def spoil_the_details(self, name: str, garbage: dict[str, str]) -> None:
        for relation_id, related in self.by_name[name].relations.items():
            kept = {k: v for k, v in related.local_app_data.items() if k == 'connector_id'}
            spoilt = {k: v for k, v in garbage.items() if v and k != 'connector_id'}
            # Which connector_id stands there is kept, by design.
            self.by_name[name].update_relation(relation_id, local_app_data={**spoilt, **kept})
        self.model.relay()

    @rule(garbage=strategies.connection)
    def spoil_the_connections(self, garbage: dict[str, str]) -> None:
        for relation_id in self.model.opencti.relations:
            spoilt = {k: v for k, v in garbage.items() if v}  # To Juju, '' is not there.
            self.model.opencti.update_relation(relation_id, local_app_data=spoilt)
        self.model.relay()

    @rule()
    def remove_the_secrets(self) -> None:
        self.model.opencti.update(secrets=set())
        self.model.relay()

    # What Juju does.

    @rule(name=APPLICATIONS, leads=st.booleans())
    def elect(self, name: str, leads: bool) -> None:
        application = self.by_name[name]
        if leads and not application.state.leader:
            self.wait(application, 'leader_elected')
        application.update(leader=leads)

    @rule(name=st.sampled_from(['one-mixin', 'another-mixin']), is_up=st.booleans())
    def restart_the_container(self, name: str, is_up: bool) -> None:
        application = self.by_name[name]
        empty = testing.Container(charms.CONTAINER, can_connect=is_up)
        application.update(containers={empty})

        def event(on: testing.CharmEvents) -> Any:
            (container,) = application.state.containers
            return on.pebble_ready(container) if container.can_connect else None

        if is_up:
            application.pending.append(juju.Pending('pebble_ready', event))

    @rule(name=APPLICATIONS, index=st.integers(0, 20), times=st.integers(1, 2))
    def deliver(self, name: str, index: int, times: int) -> None:
        application = self.by_name[name]
        if application.pending:
            before = list(application.pending)
            index %= len(before)
            self.model.deliver(application, index)
            (delivered,) = [p for p in before if p not in application.pending]
            if times == 2:
                self.model.run(application, delivered.event)

    @rule(name=APPLICATIONS)
    def run_update_status(self, name: str) -> None:
        self.model.run(self.by_name[name], lambda on: on.update_status())

    # What must hold.

    @precondition(lambda self: hasattr(self, 'model'))
    @invariant()
    def no_token_shows(self) -> None:
        for hook in self.model.hooks[self.checked_hooks :]:
            assert MARK not in str(hook.log)
        self.checked_hooks = len(self.model.hooks)
        for application in self.model.applications:
            state = application.state
            shown = (state.unit_status, state.stored_states, state.deferred)
            assert MARK not in str(shown)
            for related in application.relations.values():
                assert f'{MARK}-charm' not in str(related.local_app_data)

    @precondition(lambda self: hasattr(self, 'model'))
    @invariant()
    def connector_ids_stay(self) -> None:
        for connector in self.model.connectors:
            for relation_id, related in connector.relations.items():
                connector_id = related.local_app_data.get('connector_id')
                if connector_id:
                    first = self.connector_ids.setdefault(relation_id, connector_id)
                    assert connector_id == first

    @rule()
    def settle(self) -> None:
        self.model.settle()
        for application in self.model.applications:
            self.model.run(application, lambda on: on.update_status())
        self.model.settle()

        self.connector_ids_stay()
        self.check_opencti()
        for connector in self.model.connectors:
            self.check_connector(connector)

        before = [self.visible(application) for application in self.model.applications]
        for application in self.model.applications:
            self.model.run(application, lambda on: on.update_status())
        assert not any(application.pending for application in self.model.applications)
        assert [self.visible(a) for a in self.model.applications] == before

    def teardown(self) -> None:
        if hasattr(self, 'model'):
            self.settle()
            self.no_token_shows()

    def visible(self, application: juju.Application) -> object:
        """What a hook in which nothing changed leaves as it is."""
        nothing: Any = {'stored_states': frozenset(), 'deferred': []}
        return (
            dataclasses.replace(application.state, **nothing),
            dict(charms.EventsCharm.workload or {}),
        )

    def check_opencti(self) -> None:
        opencti = self.model.opencti
        names = {
            relation_id: f'charm-connector-{related.remote_app_name}-{relation_id}'
            for relation_id, related in opencti.relations.items()
        }
        assert len(set(names.values())) == len(names)
        if not opencti.state.leader:
            return

        secrets = {secret.label: secret for secret in opencti.state.secrets}
        assert len(secrets) == len(opencti.state.secrets)
        labels = {f'opencti-connector-token-{relation_id}' for relation_id in names}
        assert secrets.keys() <= labels
        assert charms.OpenctiCharm.accounts <= set(names.values())

        config = {'url': 'http://opencti.example:8080', 'generation': 0, **opencti.state.config}
        for relation_id, related in opencti.relations.items():
            if oracle.details(dict(related.remote_app_data)) != {'valid'}:
                continue
            secret = secrets.get(f'opencti-connector-token-{relation_id}')
            if config.get('withdraws'):
                assert secret is None
                assert not related.local_app_data.keys() & {'opencti_url', 'opencti_token'}
                continue
            assert secret is not None
            assert secret.latest_content == {'token': charms.token(names[relation_id], config)}
            assert secret.remote_grants == {relation_id: {related.remote_app_name}}
            assert related.local_app_data['opencti_url'] == config['url']
            assert related.local_app_data['opencti_token'] == secret.id

    def check_connector(self, connector: juju.Application) -> None:
        status, wanted = self.expected(connector)
        assert connector.state.unit_status.name == status
        if wanted is not None:
            assert self.workload(connector) == wanted

    def workload(self, connector: juju.Application) -> dict[str, str]:
        """The environment of what runs; nothing if nothing does."""
        if connector.name == 'events':
            return dict(charms.EventsCharm.workload or {})
        (container,) = connector.state.containers
        status = container.service_statuses.get('connector')
        if status != ops.pebble.ServiceStatus.ACTIVE:
            assert MARK not in str(container.plan.to_dict())
            return {}
        return dict(container.plan.services['connector'].environment)

    def expected(self, connector: juju.Application) -> tuple[str, dict[str, str] | None]:
        """The status, and the workload's environment: none at all for it to be stopped.

        No environment is expected where the workload is left as it is.
        """
        state, config = connector.state, connector.state.config
        is_mixin = connector.name != 'events'
        can_connect = all(container.can_connect for container in state.containers)
        stopped: dict[str, str] | None = {} if can_connect else None
        if is_mixin and state.planned_units > 1:
            return 'blocked', None
        if is_mixin and 'api-key' not in config:
            return 'blocked', stopped
        if not connector.relations:
            return 'blocked', stopped
        if not state.leader:
            return 'waiting', None

        ((relation_id, related),) = connector.relations.items()
        databag = dict(related.remote_app_data)
        secret = connector.secrets.get(databag.get('opencti_token', ''))
        content = dict(secret.latest_content or {}) if secret else None
        (outcome,) = oracle.connection(databag, strategies.Secret(content, content))
        if outcome != 'valid':
            return 'blocked' if outcome == 'invalid' else 'waiting', stopped
        if not can_connect:
            return 'waiting', None
        if config.get('defer'):
            return 'active', None
        assert content is not None
        environment = {
            'OPENCTI_URL': databag['opencti_url'],
            'OPENCTI_TOKEN': content['token'],
            'CONNECTOR_ID': self.connector_ids[relation_id],
            'CONNECTOR_NAME': connector.name,
            'CONNECTOR_TYPE': 'EXTERNAL_IMPORT' if is_mixin else 'INTERNAL_EXPORT_FILE',
        }
        if is_mixin:
            environment |= {'API_KEY': config['api-key'], 'LEVEL': config.get('level', 'info')}
        return 'active', environment


def test_histories():
    run_state_machine_as_test(
        Histories, settings=settings(max_examples=HISTORIES, stateful_step_count=40)
    )
