import dataclasses

import pytest
from ops import testing

from charm import AbuseSslConnectorCharm
from opencti_connector.testing import relation_for_provider

CONTAINER = 'opencti-abuse-ssl-connector'


@pytest.fixture
def ctx() -> testing.Context[AbuseSslConnectorCharm]:
    return testing.Context(AbuseSslConnectorCharm, app_name='abuse-ssl')


@pytest.fixture
def state() -> testing.State:
    """The charm is configured, and OpenCTI has answered."""
    relation, secrets = relation_for_provider(token='a-token')
    return testing.State(
        leader=True,
        config={'abusessl-url': 'https://sslbl.example/list.csv'},
        relations={relation},
        secrets=secrets,
        containers={testing.Container(CONTAINER, can_connect=True)},
    )


def test_the_connector_runs(ctx: testing.Context[AbuseSslConnectorCharm], state: testing.State):
    out = ctx.run(ctx.on.config_changed(), state)

    assert out.unit_status == testing.ActiveStatus()
    environment = out.get_container(CONTAINER).plan.services['connector'].environment
    assert environment['OPENCTI_TOKEN'] == 'a-token'
    assert environment['CONNECTOR_NAME'] == 'abuse-ssl'
    assert environment['CONNECTOR_SCOPE'] == 'abusessl'
    assert environment['ABUSESSL_URL'] == 'https://sslbl.example/list.csv'


def test_a_wrong_log_level_blocks(
    ctx: testing.Context[AbuseSslConnectorCharm], state: testing.State
):
    config = {**state.config, 'connector-log-level': 'loud'}
    out = ctx.run(ctx.on.config_changed(), dataclasses.replace(state, config=config))

    assert out.unit_status == testing.BlockedStatus(
        'connector-log-level: must be one of debug, info, warn, error'
    )


def test_without_the_secret_it_waits(
    ctx: testing.Context[AbuseSslConnectorCharm], state: testing.State
):
    relation, secrets = relation_for_provider(problem='secret-unavailable')
    state = dataclasses.replace(state, relations={relation}, secrets=secrets)
    out = ctx.run(ctx.on.update_status(), state)

    assert out.unit_status == testing.WaitingStatus(
        'waiting for access to the secret with the token'
    )


def test_the_workload_ends_with_the_relation(
    ctx: testing.Context[AbuseSslConnectorCharm], state: testing.State
):
    out = ctx.run(ctx.on.config_changed(), state)
    (relation,) = out.relations
    out = ctx.run(ctx.on.relation_broken(relation), out)

    assert not out.get_container(CONTAINER).services['connector'].is_running()
    assert out.unit_status.name == 'blocked'
