# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a connector publishes and announces, as long as all is well."""

import dataclasses
import uuid

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides, ConnectorType, NotReady
from tests.round_trips import WRITES, counted

from ..conftest import (
    CONNECTOR_ID,
    MARK,
    NEW_TOKEN,
    TOKEN,
    URL,
    ConnectorCharm,
    Context,
    connected,
    connector_context,
    only_relation,
    relation,
    token_secret,
)

AVAILABLE = 'opencti_connection_available'


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
        assert only_relation(out).local_unit_data.keys() <= {
            'egress-subnets',
            'ingress-address',
            'private-address',
        }
        assert connector.emitted() == []

    @pytest.mark.parametrize('connector_id', [CONNECTOR_ID, 'minted-by-somebody-else'])
    def test_a_published_connector_id_is_kept(self, connector: Context, connector_id: str):
        upgraded = relation(
            local_app_data={
                'connector_charm_name': 'old-name',
                'connector_type': 'external-import',
                'connector_id': connector_id,
                'more': 'of it',
            }
        )
        out = connector.run(
            connector.on.upgrade_charm(), testing.State(leader=True, relations={upgraded})
        )
        assert only_relation(out).local_app_data == {
            'connector_charm_name': 'opencti-test-connector',
            'connector_type': 'EXTERNAL_IMPORT',
            'connector_id': connector_id,
            'more': 'of it',
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
    related, secret = connected()
    make = getattr(connector.on, event)
    out = connector.run(
        make(related) if event.startswith('relation') else make(),
        testing.State(leader=True, relations={related}, secrets={secret}),
    )
    assert connector.emitted() == [AVAILABLE]
    assert ConnectorCharm.seen == [(URL, TOKEN)]
    assert out.unit_status == testing.ActiveStatus()


@pytest.mark.parametrize(
    'secret_id',
    ['secret:secret-id', 'secret://59060ecc-0495-4a80-8006-5f1fc13fd783/cjqub6vubg2s77p3'],
)
def test_the_interfaces_example(connector: Context, secret_id: str):
    related = relation(
        remote_app_data={
            'opencti_url': 'http://opencti-endpoints.stg-opencti.svc:8080',
            'opencti_token': secret_id,
        }
    )
    connector.run(
        connector.on.relation_changed(related),
        testing.State(leader=True, relations={related}, secrets={token_secret(id=secret_id)}),
    )
    assert ConnectorCharm.seen == [(URL, TOKEN)]


def test_the_url_is_not_touched(connector: Context):
    related, secret = connected()
    data = {**related.remote_app_data, 'opencti_url': 'HTTPS://Opencti.Example/prefix'}
    related = dataclasses.replace(related, remote_app_data=data)
    connector.run(
        connector.on.relation_changed(related),
        testing.State(leader=True, relations={related}, secrets={secret}),
    )
    assert ConnectorCharm.seen == [('HTTPS://Opencti.Example/prefix', TOKEN)]


class TestEnvironment:
    def test_it_holds_what_connectors_require(self, connector: Context):
        related, secret = connected(local_app_data={'connector_id': CONNECTOR_ID})
        state = testing.State(leader=True, relations={related}, secrets={secret})
        with connector(connector.on.relation_changed(related), state) as manager:
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
        related, secret = connected()
        state = testing.State(leader=True, relations={related}, secrets={secret})
        with connector(connector.on.start(), state) as manager:
            assert manager.charm.opencti.connector_id is None
            with pytest.raises(
                NotReady, match=r"^waiting for the connector's details to be published$"
            ):
                manager.charm.opencti.environment()


class TestRotation:
    def test_the_new_token_is_announced(self, connector: Context):
        related, secret = connected()
        rotated = testing.Secret(
            {'token': TOKEN}, latest_content={'token': NEW_TOKEN}, id=secret.id
        )
        connector.run(
            connector.on.secret_changed(rotated),
            testing.State(leader=True, relations={related}, secrets={rotated}),
        )
        assert ConnectorCharm.seen == [(URL, NEW_TOKEN)]

    def test_a_rotation_without_its_hook_is_not_missed(self, connector: Context):
        # secret-changed came when this unit was not the leader, say.
        related, secret = connected()
        rotated = testing.Secret(
            {'token': TOKEN}, latest_content={'token': NEW_TOKEN}, id=secret.id
        )
        connector.run(
            connector.on.leader_elected(),
            testing.State(leader=True, relations={related}, secrets={rotated}),
        )
        assert ConnectorCharm.seen == [(URL, NEW_TOKEN)]


class TestRoundTrips:
    def test_with_nothing_changed_nothing_is_written(self, connector: Context):
        related, secret = connected()
        state = testing.State(leader=True, relations={related}, secrets={secret})
        state = connector.run(connector.on.relation_changed(related), state)
        with counted() as calls:
            context = connector_context()
            again = context.run(context.on.relation_changed(only_relation(state)), state)
        assert not any(calls[write] for write in WRITES)
        assert again.relations == state.relations
        assert again.secrets == state.secrets
        assert (calls['relation_get'], calls['secret_get'], calls['leader_questions']) == (2, 1, 1)

    def test_the_connection_is_read_once_a_hook(self, connector: Context):
        related, secret = connected()
        state = testing.State(leader=True, relations={related}, secrets={secret})
        with counted() as calls, connector(connector.on.config_changed(), state) as manager:
            manager.run()
            for _ in range(10):
                manager.charm.opencti.get_status()
                manager.charm.opencti.environment()
                assert manager.charm.opencti.connection is not None
        assert (calls['relation_get'], calls['secret_get'], calls['leader_questions']) == (2, 1, 1)

    def test_an_unreadable_secret_is_tried_once_a_hook(self, connector: Context):
        related, _ = connected()
        state = testing.State(leader=True, relations={related})
        with counted() as calls:
            connector.run(connector.on.config_changed(), state)
        assert calls['secret_get'] == 1


def test_two_endpoints_in_one_charm():
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            self.first = ConnectorProvides(self, 'STREAM', relation_name='first')
            self.second = ConnectorProvides(self, 'EXTERNAL_IMPORT', relation_name='second')

    endpoint = {'interface': 'opencti_connector'}
    context = Context(Charm, {'name': 'two', 'provides': {'first': endpoint, 'second': endpoint}})
    secrets = {token_secret(), token_secret(NEW_TOKEN)}
    first, second = (
        testing.Relation(
            name,
            'opencti_connector',
            remote_app_data={'opencti_url': URL, 'opencti_token': secret.id},
        )
        for name, secret in zip(('first', 'second'), secrets, strict=True)
    )
    state = testing.State(leader=True, relations={first, second}, secrets=secrets)
    with context(context.on.config_changed(), state) as manager:
        out = manager.run()
        tokens = [
            endpoint.get_connection().token.get_secret_value()
            for endpoint in (manager.charm.first, manager.charm.second)
        ]
    assert sorted(tokens) == sorted([TOKEN, NEW_TOKEN])
    assert context.emitted() == [AVAILABLE, AVAILABLE]
    published = [out.get_relation(r.id).local_app_data for r in (first, second)]
    assert [data['connector_type'] for data in published] == ['STREAM', 'EXTERNAL_IMPORT']
    assert published[0]['connector_id'] != published[1]['connector_id']
    assert MARK not in str(published)
