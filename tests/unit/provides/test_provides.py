# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a connector publishes, and the connection that it gets."""

import dataclasses
import uuid

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, ConnectorType, NotReady
from opencti_connector.testing import relation_for_provider
from tests.round_trips import WRITES, counted

from ..charms import ConnectorCharm, Context, connector_context
from ..states import connected_state, only_relation, relation
from ..values import AVAILABLE, CONNECTOR_ID, MARK, NEW_TOKEN, TOKEN, URL


class TestDetails:
    def test_the_leader_publishes_them_when_the_relation_is_created(self, connector: Context):
        created = relation()
        out = connector.run(
            connector.on.relation_created(created), testing.State(leader=True, relations={created})
        )
        data = only_relation(out).local_app_data
        assert data['connector_charm_name'] == 'opencti-test-connector'
        assert data['connector_type'] == 'EXTERNAL_IMPORT'
        assert uuid.UUID(data['connector_id']).version == 4
        assert data.keys() == {'connector_charm_name', 'connector_type', 'connector_id'}
        of_juju = {'egress-subnets', 'ingress-address', 'private-address'}
        assert only_relation(out).local_unit_data.keys() <= of_juju
        assert connector.emitted() == []

    @pytest.mark.parametrize('connector_id', [CONNECTOR_ID, 'minted-by-somebody-else'])
    def test_a_published_connector_id_is_kept(self, connector: Context, connector_id: str):
        kept = {'connector_id': connector_id, 'more': 'of it'}
        old = {'connector_charm_name': 'old-name', 'connector_type': 'external-import'}
        upgraded = relation(local_app_data={**old, **kept})
        out = connector.run(
            connector.on.upgrade_charm(), testing.State(leader=True, relations={upgraded})
        )
        assert only_relation(out).local_app_data == {
            'connector_charm_name': 'opencti-test-connector',
            'connector_type': 'EXTERNAL_IMPORT',
            **kept,
        }

    def test_a_charm_name_of_ones_own(self):
        class Charm(ops.CharmBase):
            def __init__(self, framework: ops.Framework):
                super().__init__(framework)
                self.opencti = ConnectorProvides(
                    self, ConnectorType.STREAM, connector_charm_name='another-name'
                )

        context = connector_context(Charm)
        created = relation()
        out = context.run(
            context.on.relation_created(created), testing.State(leader=True, relations={created})
        )
        assert only_relation(out).local_app_data['connector_charm_name'] == 'another-name'
        assert only_relation(out).local_app_data['connector_type'] == 'STREAM'

    def test_a_new_leader_publishes_them(self, connector: Context):
        state = testing.State(leader=False, relations={relation()})
        state = connector.run(connector.on.update_status(), state)
        assert only_relation(state).local_app_data == {}
        state = dataclasses.replace(state, leader=True)
        state = connector.run(connector.on.leader_elected(), state)
        assert 'connector_id' in only_relation(state).local_app_data


@pytest.mark.parametrize(
    'event',
    [
        'relation_created',
        'relation_joined',
        'relation_changed',
        'config_changed',
        'leader_elected',
        'update_status',
        'upgrade_charm',
    ],
)
def test_a_connection_is_announced_in_each_hook_that_may_have_brought_it(
    connector: Context, event: str
):
    state = connected_state()
    about = [only_relation(state)] if event.startswith('relation') else []
    out = connector.run(getattr(connector.on, event)(*about), state)
    assert connector.emitted() == [AVAILABLE]
    assert ConnectorCharm.seen == [(URL, TOKEN)]
    assert out.unit_status == testing.ActiveStatus()


@pytest.mark.parametrize('is_told', [True, False])
def test_a_token_that_was_rotated_is_announced(connector: Context, is_told: bool):
    state = connected_state()
    (secret,) = state.secrets
    rotated = testing.Secret({'token': TOKEN}, latest_content={'token': NEW_TOKEN}, id=secret.id)
    # secret-changed may have come when this unit was not the leader.
    on = connector.on
    event = on.secret_changed(rotated) if is_told else on.leader_elected()
    connector.run(event, dataclasses.replace(state, secrets={rotated}))
    assert ConnectorCharm.seen == [(URL, NEW_TOKEN)]


class TestEnvironment:
    def test_it_holds_what_connectors_require(self, connector: Context):
        state = connected_state(connector_id=CONNECTOR_ID)
        event = connector.on.relation_changed(only_relation(state))
        with connector(event, state) as manager:
            manager.run()
            assert manager.charm.opencti.connector_id == CONNECTOR_ID
            assert manager.charm.opencti.environment() == {
                'OPENCTI_URL': URL,
                'OPENCTI_TOKEN': TOKEN,
                'CONNECTOR_ID': CONNECTOR_ID,
                'CONNECTOR_NAME': 'test-connector',
                'CONNECTOR_TYPE': 'EXTERNAL_IMPORT',
            }

    def test_it_waits_until_the_details_are_published(self, connector: Context):
        with connector(connector.on.start(), connected_state()) as manager:
            assert manager.charm.opencti.connector_id is None
            with pytest.raises(
                NotReady, match=r"^waiting for the connector's details to be published$"
            ):
                manager.charm.opencti.environment()


class TestRoundTrips:
    def test_with_nothing_changed_nothing_is_written(self, connector: Context):
        state = connected_state()
        state = connector.run(connector.on.relation_changed(only_relation(state)), state)
        with counted() as calls:
            context = connector_context()
            again = context.run(context.on.relation_changed(only_relation(state)), state)
        assert not any(calls[write] for write in WRITES)
        assert again.relations == state.relations
        assert again.secrets == state.secrets

    def test_the_connection_is_read_once_a_hook(self, connector: Context):
        state = connected_state()
        with counted() as calls, connector(connector.on.config_changed(), state) as manager:
            manager.run()
            for _ in range(10):
                manager.charm.opencti.get_status()
                manager.charm.opencti.environment()
                assert manager.charm.opencti.connection is not None
        assert (calls['relation_get'], calls['secret_get'], calls['leader_questions']) == (2, 1, 1)

    def test_an_unreadable_secret_is_tried_once_a_hook(self, connector: Context):
        state = dataclasses.replace(connected_state(), secrets=set())
        with counted() as calls:
            connector.run(connector.on.config_changed(), state)
        assert calls['secret_get'] == 1


def test_two_endpoints_in_one_charm():
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            self.first = ConnectorProvides(self, 'STREAM', relation_name='first')
            self.second = ConnectorProvides(self, 'EXTERNAL_IMPORT', relation_name='second')

    context = connector_context(Charm, 'first', 'second')
    first, second = (
        relation_for_provider(name, token=token, connector_id=None)
        for name, token in (('first', TOKEN), ('second', NEW_TOKEN))
    )
    relations = {first.relation, second.relation}
    state = testing.State(
        leader=True, relations=relations, secrets={*first.secrets, *second.secrets}
    )
    with context(context.on.config_changed(), state) as manager:
        out = manager.run()
        tokens = [
            endpoint.get_connection().token.get_secret_value()
            for endpoint in (manager.charm.first, manager.charm.second)
        ]
    assert tokens == [TOKEN, NEW_TOKEN]
    assert context.emitted() == [AVAILABLE, AVAILABLE]
    published = [out.get_relation(end.relation.id).local_app_data for end in (first, second)]
    assert [data['connector_type'] for data in published] == ['STREAM', 'EXTERNAL_IMPORT']
    assert published[0]['connector_id'] != published[1]['connector_id']
    assert MARK not in str(published)
