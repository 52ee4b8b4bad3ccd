# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The examples that add to the mixin, and a composed twin of each: both end the same."""

import sys
from collections.abc import Mapping
from typing import Any

import ops
import pytest
import yaml
from ops import testing

from demo import EXAMPLES
from fakes import juju
from opencti_connector import Blocked, ConnectorProvides, ConnectorType, ConnectorWorkload
from opencti_connector.testing import relation_for_provider

TUTORIAL = 'tutorial-connector'
OPENSEARCH = 'k8s-connector-with-opensearch'
MIXED_IN = {name: juju.load_charm(EXAMPLES / name) for name in (TUTORIAL, OPENSEARCH)}
LOG_LEVELS = ('debug', 'info', 'warn', 'error')


class Twin(ops.CharmBase):
    command = 'bash /entrypoint.sh'
    scope = ''

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.opencti = ConnectorProvides(self, ConnectorType.EXTERNAL_IMPORT)
        self.workload = ConnectorWorkload(
            self, self.opencti, command=self.command, environment=self.more
        )

    def more(self) -> Mapping[str, str]:
        if self.config['connector-log-level'] not in LOG_LEVELS:
            raise Blocked(f'connector-log-level: must be one of {", ".join(LOG_LEVELS)}')
        return {'CONNECTOR_SCOPE': self.scope}


class TutorialTwin(Twin):
    command = '/entrypoint.sh'
    scope = 'abusessl'


class OpensearchTwin(Twin):
    scope = 'wazuh'

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        opensearch: Any = sys.modules['opensearch']
        self.opensearch = opensearch.OpenSearch(self, self.workload)

    def more(self) -> Mapping[str, str]:
        return {**super().more(), **self.opensearch.environment()}


TWINS: dict[str, type[ops.CharmBase]] = {TUTORIAL: TutorialTwin, OPENSEARCH: OpensearchTwin}


def files_of(name: str) -> dict[str, Any]:
    """The contents of a charm's file, as `ops.testing` takes them for a class."""
    whole = yaml.safe_load((EXAMPLES / name / 'charmcraft.yaml').read_text())
    config = whole.pop('config')
    return {'meta': {k: v for k, v in whole.items() if k != 'parts'}, 'config': config}


def state(name: str, **changes: Any) -> testing.State:
    relation, secrets = relation_for_provider(token='a-token')
    user = testing.Secret({'username': 'reader', 'password': 'of-opensearch'})
    answer = {'endpoints': 'opensearch.example:9200', 'secret-user': user.id}
    opensearch = testing.Relation('opensearch-client', remote_app_data=answer)
    relations = {relation, opensearch} if name == OPENSEARCH else {relation}
    options = files_of(name)['config']['options'].items()
    required = [n for n, o in options if o.get('optional') is False and 'default' not in o]
    config = {**dict.fromkeys(required, 'https://feed.example'), **changes.pop('config', {})}
    container = testing.Container(files_of(name)['meta']['name'], can_connect=True)
    arguments: dict[str, Any] = {
        'leader': True,
        'config': config,
        'planned_units': 1,
        'relations': relations,
        'secrets': {*secrets, user},
        'containers': {container},
    }
    return testing.State(**{**arguments, **changes})


@pytest.mark.parametrize(
    ('changes', 'status', 'is_running'),
    [
        ({}, 'active', True),
        ({'relations': set()}, 'blocked', False),
        ({'config': {'connector-log-level': 'verbose'}}, 'blocked', False),
        ({'secrets': set()}, 'waiting', False),
        ({'leader': False}, 'waiting', False),
    ],
)
@pytest.mark.parametrize('name', TWINS)
def test_both_end_the_same(name: str, changes: dict[str, Any], status: str, is_running: bool):
    given = state(name, **dict(changes))
    outcomes: list[dict[str, Any]] = []
    for charm_type in MIXED_IN[name], TWINS[name]:
        context = testing.Context(charm_type, **files_of(name), app_name='a-connector')
        out = context.run(context.on.update_status(), given)
        (container,) = out.containers
        outcomes.append(
            {
                'plan': container.plan.to_dict(),
                'services': container.service_statuses,
                'status': out.unit_status,
            }
        )
    mixed_in, composed = outcomes
    assert composed == mixed_in
    assert composed['status'].name == status
    assert bool(composed['services']) == is_running
