# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector on Kubernetes, whose charm is only an `OpenctiConnectorMixin`."""

import dataclasses

import ops
from ops import testing

from fakes import juju
from fakes.opencti import ADMIN_TOKEN, Platform

from . import EXAMPLES, summary, timeline

_CONTAINER = 'opencti-crowdstrike-connector'


class Pod:
    """What Kubernetes runs for the connector."""

    def __init__(self, connector: juju.Application):
        self._connector = connector

    @property
    def container(self) -> testing.Container:
        """The container with the workload."""
        return self._connector.state.get_container(_CONTAINER)

    @property
    def is_running(self) -> bool:
        """Whether the workload runs."""
        return self.container.service_statuses.get('connector') == ops.pebble.ServiceStatus.ACTIVE

    @property
    def environment(self) -> dict[str, str]:
        """The workload's environment variables."""
        services = self.container.plan.services
        return dict(services['connector'].environment) if services else {}

    def update(self, container: testing.Container) -> None:
        """Replace the container."""
        self._connector.update(containers={container})


def play(*, is_verbose: bool = False) -> summary.Story:
    """Play the whole story."""
    with Platform() as platform:
        return _play(platform, is_verbose=is_verbose)


def _play(platform: Platform, *, is_verbose: bool) -> summary.Story:
    connector = juju.Application('crowdstrike', juju.load_charm(EXAMPLES / 'k8s-connector'))
    connector.update(containers={testing.Container(_CONTAINER)})
    opencti = juju.Application('opencti', juju.load_charm(EXAMPLES / 'opencti'))
    model = juju.Model(opencti, connector)
    pod = Pod(connector)
    story = timeline.Timeline('A connector on Kubernetes', model, is_verbose=is_verbose)
    admin_token = model.add_user_secret({'token': ADMIN_TOKEN}, opencti)
    opencti.config.update({'url': platform.url, 'admin-token': admin_token})
    api_secret = model.add_user_secret({'client-secret': 'a-secret-of-crowdstrike'}, connector)

    def status() -> tuple[str, str]:
        return connector.state.unit_status.name, connector.state.unit_status.message

    def token() -> str:
        return opencti.token('opencti-connector-token-1')

    model.run(connector, lambda on: on.config_changed())
    model.settle()
    story.step(
        'It is deployed without credentials',
        it_is_blocked_and_names_what_is_missing=status()[0] == 'blocked'
        and 'crowdstrike-client-id, crowdstrike-client-secret' in status()[1],
    )

    relation_id = model.relate(connector)
    model.settle()
    config: dict[str, str | int | float | bool] = {
        'crowdstrike-client-id': 'a-client',
        'crowdstrike-client-secret': api_secret,
        'crowdstrike-actor-start-timestamp': 0,
    }
    connector.config = config
    model.run(connector, lambda on: on.config_changed())
    model.settle()
    story.step(
        'Its container is not there yet',
        it_waits_for_the_container=status() == ('waiting', 'waiting for the container'),
    )

    pod.update(dataclasses.replace(pod.container, can_connect=True))
    model.run(connector, lambda on: on.pebble_ready(pod.container))
    model.settle()
    first_token, first_environment = token(), pod.environment
    story.step(
        'The container is ready',
        the_workload_runs_with_the_token=pod.is_running
        and pod.environment['OPENCTI_TOKEN'] == first_token,
        the_options_are_in_its_environment=pod.environment['CROWDSTRIKE_CLIENT_ID'] == 'a-client'
        and pod.environment['CROWDSTRIKE_ACTOR_START_TIMESTAMP'] == '0'
        and pod.environment['CROWDSTRIKE_CREATE_INDICATORS'] == 'true',
        the_secret_option_is_resolved=pod.environment['CROWDSTRIKE_CLIENT_SECRET']
        == 'a-secret-of-crowdstrike',
        it_is_active=status()[0] == 'active',
    )

    before = connector.state
    model.run(connector, lambda on: on.update_status())
    model.settle()
    story.step(
        'Nothing changes',
        nothing_is_written=model.hooks[-1].before == model.hooks[-1].after,
        pebble_is_left_alone=connector.state.containers == before.containers,
    )

    account = 'charm-connector-crowdstrike-1'
    model.run(opencti, lambda on: on.action('rotate-token', params={'user-name': account}))
    model.settle()
    story.step(
        'The token is rotated',
        the_workload_has_the_new_token=pod.is_running
        and pod.environment == {**first_environment, 'OPENCTI_TOKEN': token()}
        and token() != first_token,
    )

    connector.planned_units = 2
    model.run(connector, lambda on: on.config_changed())
    model.settle()
    is_blocked = status()[0] == 'blocked' and 'scale-application' in status()[1]
    connector.planned_units = 1
    model.run(connector, lambda on: on.config_changed())
    model.settle()
    story.step(
        'It is scaled to two units, and back',
        in_between_it_is_blocked=is_blocked,
        the_workload_runs_on=pod.is_running,
        it_is_active=status()[0] == 'active',
    )

    connector.config = {k: v for k, v in config.items() if k != 'crowdstrike-client-id'}
    model.run(connector, lambda on: on.config_changed())
    model.settle()
    is_stopped = not pod.is_running and token() not in str(pod.environment)
    connector.config = config
    model.run(connector, lambda on: on.config_changed())
    model.settle()
    story.step(
        'An option is unset, and set again',
        in_between_the_workload_is_stopped=is_stopped,
        the_workload_runs_again=pod.is_running and pod.environment['OPENCTI_TOKEN'] == token(),
    )

    model.remove_relation(relation_id)
    model.settle()
    story.step(
        'The relation is removed',
        the_workload_is_stopped=not pod.is_running,
        no_token_is_left_in_its_environment=pod.environment == {},
        no_token_secret_is_left=not opencti.secrets,
        it_is_blocked_again=status()[0] == 'blocked',
    )
    return story.story
