# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The connectors that OpenCTI is told of."""

import dataclasses
import re

import ops
import pytest
from ops import testing

from opencti_connector import (
    ConnectorInvalidEvent,
    ConnectorType,
    OpenctiRequires,
)
from tests.round_trips import WRITES, counted

from .conftest import (
    CONNECTOR_ID,
    DETAILS,
    NEW_TOKEN,
    TOKEN,
    URL,
    Context,
    OpenctiCharm,
    forget_remote_application,
    only_relation,
    opencti_context,
    relation,
    replace_relation,
)
from .requires_charm import only_secret, published, related

AVAILABLE, INVALID, REMOVED = 'connector_available', 'connector_invalid', 'connector_removed'


class TestAvailable:
    @pytest.mark.parametrize(
        'event', ['config_changed', 'leader_elected', 'update_status', 'upgrade_charm']
    )
    def test_each_connector_is_announced(self, opencti: Context, event: str):
        relations = {related(id=i, remote_app_name=f'connector-{i}') for i in (3, 1, 2)}
        out = opencti.run(
            getattr(opencti.on, event)(), testing.State(leader=True, relations=relations)
        )
        assert opencti.emitted() == [AVAILABLE] * 3
        assert [e.relation_id for e in opencti.emitted_events[1:]] == [1, 2, 3]
        assert len(out.secrets) == 3

    @pytest.mark.parametrize('event', ['created', 'joined', 'changed'])
    def test_a_relations_event_concerns_that_relation_alone(self, opencti: Context, event: str):
        one, another = related(remote_app_name='one'), related(remote_app_name='another')
        opencti.run(
            getattr(opencti.on, f'relation_{event}')(one),
            testing.State(leader=True, relations={one, another}),
        )
        assert opencti.emitted() == [AVAILABLE]
        assert opencti.emitted_events[-1].relation_id == one.id

    def test_the_connector(self, opencti: Context):
        data = {**DETAILS, 'connector_type': 'internal-export-file', 'connector_id': CONNECTOR_ID}
        changed = related(id=7, remote_app_data=data)
        state = testing.State(leader=True, relations={changed})
        with opencti(opencti.on.relation_changed(changed), state) as manager:
            manager.run()
            (connector,) = manager.charm.opencti_connector.connectors
        assert connector.relation_id == 7
        assert connector.app_name == 'a-connector'
        assert connector.details.connector_charm_name == 'connector-charm-name'
        assert connector.details.connector_type is ConnectorType.INTERNAL_EXPORT_FILE
        assert connector.details.connector_id == CONNECTOR_ID
        assert connector.user_name == 'charm-connector-a-connector-7'
        assert opencti.emitted_events[-1].connector == connector

    def test_connectors_are_the_valid_ones_in_order(self, opencti: Context):
        silent = relation(id=4)
        wrong = related(id=5, remote_app_data={**DETAILS, 'connector_type': 'ROOT'})
        relations = {related(id=9), wrong, related(id=2), silent, related(id=6)}
        # Any unit can read what the connectors published.
        state = testing.State(leader=False, relations=relations)
        with opencti(opencti.on.update_status(), state) as manager:
            connectors = manager.charm.opencti_connector.connectors
        assert [connector.relation_id for connector in connectors] == [2, 6, 9]

    @pytest.mark.parametrize(
        'data', [{}, {'connector_charm_name': 'a'}, {'connector_type': 'STREAM'}]
    )
    def test_a_connector_that_has_not_said_all_is_waited_for(
        self, opencti: Context, data: dict[str, str]
    ):
        changed = relation(remote_app_data=data)
        out = opencti.run(
            opencti.on.relation_changed(changed), testing.State(leader=True, relations={changed})
        )
        assert opencti.emitted() == []
        assert not out.secrets

    def test_one_that_is_waited_for_does_not_hide_another(self, opencti: Context):
        relations = {relation(id=1), related(id=2)}
        out = opencti.run(
            opencti.on.config_changed(), testing.State(leader=True, relations=relations)
        )
        assert opencti.emitted() == [AVAILABLE]
        assert out.get_relation(2).local_app_data.keys() == {'opencti_url', 'opencti_token'}

    def test_the_remote_application_is_not_known_yet(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        created = relation(remote_app_name='later')
        state = testing.State(leader=True, relations={created})
        with monkeypatch.context() as patch:
            forget_remote_application(patch)
            state = opencti.run(opencti.on.relation_created(created), state)
        assert opencti.emitted() == []

        state = published(replace_relation(state, remote_app_data=DETAILS))
        assert len(state.secrets) == 1
        broken = opencti_context()
        broken.run(broken.on.relation_broken(only_relation(state)), state)
        assert OpenctiCharm.removed == [(created.id, f'charm-connector-later-{created.id}')]


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('connector_type', 'ROOT'),
        ('connector_type', 'INTERNAL_EXPORT_FILE '),
        ('connector_charm_name', 'x' * 65536),
        ('connector_charm_name', 'a\nb'),
        ('connector_id', TOKEN),
    ],
)
def test_unusable_details_are_refused(opencti: Context, field: str, value: str):
    wrong = related(remote_app_data={**DETAILS, field: value})
    neighbour = related(remote_app_name='neighbour')
    out = opencti.run(
        opencti.on.config_changed(), testing.State(leader=True, relations={wrong, neighbour})
    )
    assert sorted(opencti.emitted()) == [AVAILABLE, INVALID]
    (event,) = [e for e in opencti.emitted_events if isinstance(e, ConnectorInvalidEvent)]
    assert (event.relation_name, event.relation_id) == ('opencti-connector', wrong.id)
    assert re.match(rf'{field}: must be', event.error)
    assert value not in event.error
    assert len(event.error) < 200
    assert out.get_relation(wrong.id).local_app_data == {}
    assert len(out.secrets) == 1


class TestRemoved:
    def test_it_is_announced_and_the_secret_removed_in_that_very_hook(self):
        state = published(testing.State(leader=True, relations={related(id=7)}))
        context = opencti_context()
        # The connector's data may be gone by then.
        state = replace_relation(state, remote_app_data={})
        out = context.run(context.on.relation_broken(only_relation(state)), state)
        assert context.emitted() == [REMOVED]
        assert context.emitted_events[-1].relation_name == 'opencti-connector'
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        assert not out.secrets

    def test_the_neighbours_keep_their_secrets(self):
        one, another = related(remote_app_name='one'), related(remote_app_name='another')
        context = opencti_context()
        state = testing.State(leader=True, relations={one, another})
        state = context.run(context.on.config_changed(), state)
        context = opencti_context()
        state = context.run(context.on.relation_broken(state.get_relation(one.id)), state)
        assert context.emitted() == [REMOVED]
        assert only_secret(state).remote_grants == {another.id: {'another'}}

    def test_the_remote_application_is_unknown_by_then(self, monkeypatch: pytest.MonkeyPatch):
        state = published(testing.State(leader=True, relations={related(id=7)}))
        forget_remote_application(monkeypatch)
        context = opencti_context()
        out = context.run(context.on.relation_broken(only_relation(state)), state)
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        assert not out.secrets

    def test_the_remote_application_was_never_known_to_this_unit(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        state = published(testing.State(leader=True, relations={related(id=7)}))
        state = dataclasses.replace(state, stored_states=set())
        forget_remote_application(monkeypatch)
        context = opencti_context()
        out = context.run(context.on.relation_broken(only_relation(state)), state)
        assert not out.secrets
        assert context.emitted() == []
        warnings = [line.message for line in context.juju_log if line.level == 'WARNING']
        assert warnings == ['relation 7 is gone, and with whom it was is unknown']

    def test_one_that_is_unknown_does_not_hide_another(self, monkeypatch: pytest.MonkeyPatch):
        # Both ended while another unit led; of the older one this unit never knew the application.
        older, newer = related(id=6), related(id=7)
        state = testing.State(leader=False, relations={older})
        with monkeypatch.context() as patch:
            forget_remote_application(patch)
            context = opencti_context()
            state = context.run(context.on.relation_created(older), state)
        state = dataclasses.replace(state, relations={newer})
        context = opencti_context()
        state = context.run(context.on.relation_created(newer), state)
        state = dataclasses.replace(state, leader=True, relations=set())
        context = opencti_context()
        context.run(context.on.leader_elected(), state)
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]

    def test_without_any_memory_the_application_is_enough(self):
        context = opencti_context()
        broken = related(id=7)
        context.run(
            context.on.relation_broken(broken), testing.State(leader=True, relations={broken})
        )
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]

    def test_a_later_leader_makes_up_for_it(self):
        # The relation broke when this unit did not lead, and the one that did missed the hook.
        state = published(testing.State(leader=True, relations={related(id=7)}))
        state = dataclasses.replace(state, leader=False)
        context = opencti_context()
        state = context.run(context.on.relation_broken(only_relation(state)), state)
        assert context.emitted() == []
        assert len(state.secrets) == 1

        state = dataclasses.replace(state, leader=True, relations=set())
        context = opencti_context()
        state = context.run(context.on.leader_elected(), state)
        assert context.emitted() == [REMOVED]
        assert OpenctiCharm.removed == [(7, 'charm-connector-a-connector-7')]
        assert not state.secrets

        context = opencti_context()
        context.run(context.on.update_status(), state)
        assert context.emitted() == []

    def test_a_broken_relation_cannot_be_published_to(self):
        state = published(testing.State(leader=True, relations={related()}))
        context = opencti_context()
        with context(context.on.relation_broken(only_relation(state)), state) as manager:
            charm = manager.charm
            broken = charm.model.get_relation('opencti-connector', only_relation(state).id)
            assert broken is not None
            with counted() as calls:
                charm.opencti_connector.publish_connection(broken, url=URL, token=NEW_TOKEN)
                charm.opencti_connector.withdraw_connection(broken)
                assert charm.opencti_connector.connectors == []
            assert not any(calls[write] for write in WRITES)
            out = manager.run()
        assert not out.secrets

    def test_nothing_is_published_to_an_application_that_is_not_known(
        self, opencti: Context, monkeypatch: pytest.MonkeyPatch
    ):
        forget_remote_application(monkeypatch)
        state = testing.State(leader=True, relations={related()})
        with opencti(opencti.on.start(), state) as manager:
            (related_to,) = manager.charm.model.relations['opencti-connector']
            manager.charm.opencti_connector.publish_connection(related_to, url=URL, token=TOKEN)
            out = manager.run()
        assert not out.secrets
        assert only_relation(out).local_app_data == {}


def test_reads_grow_linearly_with_the_relations():
    def calls(number: int) -> dict[str, int]:
        relations = {related(remote_app_name=f'connector-{i}') for i in range(number)}
        context = opencti_context()
        state = testing.State(leader=True, relations=relations)
        state = context.run(context.on.config_changed(), state)
        with counted() as calls:
            context = opencti_context()
            context.run(context.on.config_changed(), state)
        return {name: calls[name] for name in ('relation_get', 'relation_list', 'secret_get')}

    assert calls(4) == {'relation_get': 8, 'relation_list': 4, 'secret_get': 4}
    assert calls(12) == {'relation_get': 24, 'relation_list': 12, 'secret_get': 12}


def test_two_endpoints_in_one_charm():
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            for name in ('first', 'second'):
                endpoint = OpenctiRequires(self, relation_name=name)
                framework.observe(endpoint.on.connector_available, self._on_available)
                setattr(self, name, endpoint)

        def _on_available(self, event: ops.EventBase):
            endpoint = getattr(self, event.relation_name)
            endpoint.publish_connection(event.relation, url=URL, token=TOKEN)

    endpoint = {'interface': 'opencti_connector'}
    context = Context(Charm, {'name': 'two', 'requires': {'first': endpoint, 'second': endpoint}})
    relations = {
        testing.Relation(name, 'opencti_connector', id=i, remote_app_data=DETAILS)
        for i, name in enumerate(('first', 'second'))
    }
    out = context.run(context.on.config_changed(), testing.State(leader=True, relations=relations))
    assert context.emitted() == [AVAILABLE, AVAILABLE]
    assert {secret.label for secret in out.secrets} == {'first-token-0', 'second-token-1'}


def test_an_endpoint_that_the_charm_does_not_require():
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            OpenctiRequires(self, relation_name='opencti')

    context = opencti_context(Charm)
    with pytest.raises(testing.errors.UncaughtCharmError) as info:
        context.run(context.on.start(), testing.State())
    assert isinstance(info.value.__cause__, ValueError)
    assert str(info.value.__cause__) == (
        "relation_name: the charm's metadata has no endpoint 'opencti' under 'requires', which is "
        "OpenCTI's end of the interface"
    )
