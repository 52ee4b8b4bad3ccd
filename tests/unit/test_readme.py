# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The README's charms; two of them play against each other."""

import pathlib
import re
from typing import Any

import ops
import pytest
from ops import testing

from .charms import connector_context, opencti_context
from .states import connected, only_relation, relation
from .values import CONNECTOR_ID

README = pathlib.Path(__file__).parents[2] / 'README.md'


@pytest.fixture
def names() -> dict[str, Any]:
    names: dict[str, Any] = {'__name__': 'readme'}
    blocks = re.findall(r'^```python\n(.*?)^```$', README.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    for block in blocks:
        exec(block, names)
    return names


def test_the_two_charms(names: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    started: list[dict[str, str]] = []
    charm_type = names['CrowdstrikeCharm']
    monkeypatch.setattr(charm_type, '_start_workload', lambda _, env: started.append(env))

    context = connector_context(charm_type)
    created = relation(id=1)
    connector = context.run(
        context.on.relation_created(created), testing.State(leader=True, relations={created})
    )

    context = opencti_context(names['OpenctiCharm'])
    changed = relation(id=1, remote_app_data=dict(only_relation(connector).local_app_data))
    monkeypatch.setattr(names['OpenctiCharm'], '_make_token', lambda *_: 'a-token')
    opencti = context.run(
        context.on.relation_changed(changed), testing.State(leader=True, relations={changed})
    )

    context = connector_context(charm_type)
    changed = relation(id=1, remote_app_data=dict(only_relation(opencti).local_app_data))
    (secret,) = opencti.secrets
    connector = context.run(
        context.on.relation_changed(changed),
        testing.State(
            leader=True,
            relations={changed},
            secrets={testing.Secret(secret.latest_content, id=secret.id)},
        ),
    )
    assert connector.unit_status == testing.ActiveStatus()
    assert [environment['OPENCTI_TOKEN'] for environment in started] == ['a-token']


@pytest.mark.parametrize(
    ('charm', 'name'), [('AbuseipdbCharm', 'abuseipdb'), ('MitreCharm', 'mitre')]
)
def test_the_charms_on_kubernetes(names: dict[str, Any], charm: str, name: str):
    context = testing.Context(
        names[charm],
        {
            'name': name,
            'provides': {'opencti-connector': {'interface': 'opencti_connector'}},
            'containers': {name: {}},
        },
    )
    related, secret = connected(connector_id=CONNECTOR_ID)
    state = testing.State(
        leader=True,
        relations={related},
        secrets={secret},
        containers={testing.Container(name, can_connect=True)},
    )
    out = context.run(context.on.update_status(), state)
    assert out.unit_status == testing.ActiveStatus()
    services = out.get_container(name).service_statuses
    assert services == {'connector': ops.pebble.ServiceStatus.ACTIVE}
