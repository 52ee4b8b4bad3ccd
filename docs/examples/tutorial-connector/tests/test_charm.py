import dataclasses

import pytest
from ops import testing

from charm import FeodoConnectorCharm
from opencti_connector.testing import relation_for_provider

CONTAINER = 'opencti-feodo-connector'


@pytest.fixture
def ctx() -> testing.Context[FeodoConnectorCharm]:
    return testing.Context(FeodoConnectorCharm, app_name='feodo')


@pytest.fixture
def state() -> testing.State:
    """The charm is configured, and OpenCTI has answered."""
    relation, secrets = relation_for_provider(token='a-token')
    return testing.State(
        leader=True,
        config={'feodo-url': 'https://feodo.example/list'},
        relations={relation},
        secrets=secrets,
        containers={testing.Container(CONTAINER, can_connect=True)},
    )


def test_the_connector_runs(ctx: testing.Context[FeodoConnectorCharm], state: testing.State):
    out = ctx.run(ctx.on.config_changed(), state)

    assert out.unit_status == testing.ActiveStatus()
    environment = out.get_container(CONTAINER).plan.services['connector'].environment
    assert environment['OPENCTI_TOKEN'] == 'a-token'
    assert environment['CONNECTOR_NAME'] == 'feodo'
    assert environment['CONNECTOR_SCOPE'] == 'feodo'
    assert environment['FEODO_URL'] == 'https://feodo.example/list'


def test_a_wrong_log_level_blocks(ctx: testing.Context[FeodoConnectorCharm], state: testing.State):
    config = {**state.config, 'connector-log-level': 'loud'}
    out = ctx.run(ctx.on.config_changed(), dataclasses.replace(state, config=config))

    assert out.unit_status == testing.BlockedStatus(
        'connector-log-level: must be one of debug, info, warn, error'
    )


def test_without_the_secret_it_waits(
    ctx: testing.Context[FeodoConnectorCharm], state: testing.State
):
    relation, secrets = relation_for_provider(problem='secret-unavailable')
    state = dataclasses.replace(state, relations={relation}, secrets=secrets)
    out = ctx.run(ctx.on.update_status(), state)

    assert out.unit_status == testing.WaitingStatus(
        'waiting for access to the secret with the token'
    )


def test_the_workload_ends_with_the_relation(
    ctx: testing.Context[FeodoConnectorCharm], state: testing.State
):
    out = ctx.run(ctx.on.config_changed(), state)
    (relation,) = out.relations
    out = ctx.run(ctx.on.relation_broken(relation), out)

    assert not out.get_container(CONTAINER).services['connector'].is_running()
    assert out.unit_status.name == 'blocked'
