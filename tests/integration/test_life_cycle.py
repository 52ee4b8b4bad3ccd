# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The example charms on a real Juju: on Kubernetes or on machines, as the controller has it."""

import pathlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from . import shown

if TYPE_CHECKING:
    import jubilant

# Any image with a shell does: the command is replaced below.
IMAGE = 'ubuntu:24.04'


@pytest.fixture(scope='module')
def connector(juju: 'jubilant.Juju', pack: Callable[[str], pathlib.Path]) -> str:
    """Deploy a connector and OpenCTI, and return the name of the connector's charm."""
    import jubilant

    juju.deploy(pack('opencti'), 'opencti')
    if juju.status().model.type == 'caas':
        name = 'opencti-crowdstrike-connector'
        secret = juju.add_secret('credentials', {'client-secret': 'of-crowdstrike'})
        juju.deploy(
            pack('k8s-connector'),
            'connector',
            config={'crowdstrike-client-id': 'a-client', 'crowdstrike-client-secret': str(secret)},
            resources={f'{name}-image': IMAGE},
        )
        juju.grant_secret('credentials', 'connector')
    else:
        name = 'opencti-urlhaus-connector'
        juju.deploy(pack('machine-connector'), 'connector')
    juju.wait(lambda status: jubilant.all_blocked(status, 'connector'))
    juju.wait(lambda status: jubilant.all_active(status, 'opencti'))
    return name


def relation(juju: 'jubilant.Juju', unit: str) -> shown.ShownRelation:
    (found,) = shown.relations(juju.cli('show-unit', unit, '--format', 'json'))
    return found


def account(juju: 'jubilant.Juju') -> str:
    return f'charm-connector-connector-{relation(juju, "opencti/0").relation_id}'


def test_related(juju: 'jubilant.Juju', connector: str):
    import jubilant

    juju.integrate('connector', 'opencti')
    # On Kubernetes, this image has no entry point to run, which is a workload that fails.
    juju.wait(
        lambda status: (
            jubilant.all_active(status, 'connector')
            or 'failed to start' in status.apps['connector'].app_status.message
        )
    )
    shown.assert_details(relation(juju, 'opencti/0'), connector, 'EXTERNAL_IMPORT')
    shown.assert_connection(relation(juju, 'connector/0'))


def test_rotated(juju: 'jubilant.Juju', connector: str):
    before = relation(juju, 'connector/0').remote_app_data
    secret = before['opencti_token'].rpartition('/')[2]
    juju.run('opencti/0', 'rotate-token', {'user-name': account(juju)})
    assert relation(juju, 'connector/0').remote_app_data == before
    assert juju.show_secret(secret).revision == 2


def test_removed(juju: 'jubilant.Juju', connector: str):
    juju.remove_relation('connector', 'opencti')
    juju.wait(lambda status: 'missing relation' in status.apps['connector'].app_status.message)
    juju.wait(lambda status: '0 connectors' in status.apps['opencti'].app_status.message)
    assert shown.relations(juju.cli('show-unit', 'opencti/0', '--format', 'json')) == []
    assert not [
        s for s in juju.secrets() if (s.label or '').startswith('opencti-connector-token-')
    ]
