# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The Kubernetes example by mixin and by composition: they always end the same."""

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from ops import pebble, testing

from demo import EXAMPLES
from fakes import juju
from opencti_connector.testing import relation_for_provider

MIXED_IN = EXAMPLES / 'k8s-connector'
COMPOSED = EXAMPLES / 'k8s-connector-composed'
CONTAINER = 'opencti-crowdstrike-connector'
TOKEN = '11111111-2222-4333-8444-555555555555'
NEW_TOKEN = '66666666-7777-4888-9999-aaaaaaaaaaaa'


class Unit:
    """A unit of a connector charm. It starts ready to run."""

    def __init__(self, charm: pathlib.Path):
        self.context = juju.Context(juju.load_charm(charm), app_name='crowdstrike')
        relation, secrets = relation_for_provider(token=TOKEN)
        api_secret = testing.Secret({'client-secret': 'of-crowdstrike'})
        self.state = testing.State(
            leader=True,
            planned_units=1,
            config={
                'crowdstrike-client-id': 'a-client',
                'crowdstrike-client-secret': api_secret.id,
            },
            relations={relation},
            secrets={*secrets, api_secret},
            containers={testing.Container(CONTAINER, can_connect=True)},
        )

    def change(self, **changes: Any) -> None:
        self.state = dataclasses.replace(self.state, **changes)

    def run(self, event: Any) -> None:
        self.state = self.context.run(event, self.state)

    def update_status(self) -> None:
        self.run(self.context.on.update_status())

    @property
    def relation(self) -> testing.Relation:
        (relation,) = self.state.get_relations('opencti-connector')
        assert isinstance(relation, testing.Relation)
        return relation

    @property
    def token_secret(self) -> testing.Secret:
        return self.state.get_secret(id=self.relation.remote_app_data['opencti_token'])

    @property
    def outcome(self) -> dict[str, Any]:
        """The workload and the status: all that the charm does and says."""
        container = self.state.get_container(CONTAINER)
        return {
            'plan': container.plan.to_dict(),
            'layers': {name: layer.to_dict() for name, layer in container.layers.items()},
            'services': container.service_statuses,
            'status': self.state.unit_status,
            'published': [dict(relation.local_app_data) for relation in self.state.relations],
        }


def is_active(unit: Unit) -> None:
    unit.update_status()


def configuration_is_missing(unit: Unit) -> None:
    unit.change(config={})
    unit.run(unit.context.on.config_changed())


def configuration_is_taken_away(unit: Unit) -> None:
    unit.update_status()
    configuration_is_missing(unit)


def relation_is_missing(unit: Unit) -> None:
    unit.change(relations=set())
    unit.update_status()


def secret_is_not_granted(unit: Unit) -> None:
    unit.change(secrets=unit.state.secrets - {unit.token_secret})
    unit.update_status()


def leader_is_another(unit: Unit) -> None:
    unit.update_status()
    unit.change(leader=False)
    unit.update_status()


def pebble_does_not_answer(unit: Unit) -> None:
    unit.change(containers={testing.Container(CONTAINER, can_connect=False)})
    unit.update_status()


def token_is_rotated(unit: Unit) -> None:
    unit.update_status()
    old = unit.token_secret
    new = dataclasses.replace(old, latest_content={'token': NEW_TOKEN})
    unit.change(secrets={*(unit.state.secrets - {old}), new})
    unit.run(unit.context.on.secret_changed(new))


def relation_is_removed(unit: Unit) -> None:
    unit.update_status()
    unit.run(unit.context.on.relation_broken(unit.relation))


STORIES: dict[Callable[[Unit], None], tuple[str, str | None, str]] = {
    is_active: ('active', TOKEN, ''),
    configuration_is_missing: (
        'blocked',
        None,
        'missing configuration: crowdstrike-client-id, crowdstrike-client-secret '
        '(set with juju config)',
    ),
    configuration_is_taken_away: (
        'blocked',
        None,
        'missing configuration: crowdstrike-client-id, crowdstrike-client-secret '
        '(set with juju config)',
    ),
    relation_is_missing: (
        'blocked',
        None,
        'missing relation opencti-connector: integrate with OpenCTI',
    ),
    secret_is_not_granted: (
        'waiting',
        None,
        'waiting for access to the secret with the token',
    ),
    leader_is_another: (
        'waiting',
        TOKEN,
        'waiting for this unit to become the leader',
    ),
    pebble_does_not_answer: ('waiting', None, 'waiting for the container'),
    token_is_rotated: ('active', NEW_TOKEN, ''),
    relation_is_removed: (
        'blocked',
        None,
        'missing relation opencti-connector: integrate with OpenCTI',
    ),
}


@pytest.mark.parametrize('story', STORIES, ids=lambda story: story.__name__)
def test_both_end_the_same(story: Callable[[Unit], None]):
    mixed_in, composed = Unit(MIXED_IN), Unit(COMPOSED)
    composed.state = mixed_in.state  # The same relation and the same secrets.
    for unit in mixed_in, composed:
        story(unit)
    assert composed.outcome == mixed_in.outcome

    status, token, message = STORIES[story]
    assert (composed.state.unit_status.name, composed.state.unit_status.message) == (
        status,
        message,
    )
    container = composed.state.get_container(CONTAINER)
    service = container.plan.services.get('connector')
    planned = None if service is None else service.environment.get('OPENCTI_TOKEN')
    assert planned == token
    is_running = container.service_statuses.get('connector') is pebble.ServiceStatus.ACTIVE
    assert is_running == (token is not None)


@pytest.mark.parametrize('file', ['charmcraft.yaml', 'requirements.txt'])
def test_only_the_code_differs(file: str):
    assert (COMPOSED / file).read_text() == (MIXED_IN / file).read_text()
