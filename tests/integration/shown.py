# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `juju show-unit --format json` shows of a relation."""

import dataclasses
import json
from typing import Any

# Juju writes these itself, for each unit.
_OF_JUJU = {'egress-subnets', 'ingress-address', 'private-address'}


@dataclasses.dataclass(frozen=True)
class ShownRelation:
    """A relation, from a unit's point of view."""

    relation_id: int
    remote_app_data: dict[str, str]
    """What the other side's application published."""
    unit_keys: set[str]
    """The keys in the unit databags of both sides, but for Juju's own."""


def relations(output: str, endpoint: str = 'opencti-connector') -> list[ShownRelation]:
    """Read the relations of an endpoint."""
    ((_, unit),) = json.loads(output).items()
    return [
        _relation(info) for info in unit.get('relation-info', []) if info['endpoint'] == endpoint
    ]


def _relation(info: dict[str, Any]) -> ShownRelation:
    units = [info.get('local-unit', {}), *info.get('related-units', {}).values()]
    keys = {key for unit in units for key in unit.get('data', {})}
    return ShownRelation(info['relation-id'], info['application-data'], keys - _OF_JUJU)


def assert_details(relation: ShownRelation, charm_name: str, connector_type: str) -> None:
    """Check what OpenCTI sees of a connector."""
    data = relation.remote_app_data
    assert data['connector_charm_name'] == charm_name
    assert data['connector_type'] == connector_type
    assert len(data['connector_id']) == 36
    assert data.keys() == {'connector_charm_name', 'connector_type', 'connector_id'}
    assert not relation.unit_keys


def assert_connection(relation: ShownRelation) -> None:
    """Check what a connector sees of OpenCTI."""
    data = relation.remote_app_data
    assert data['opencti_url'].startswith('http')
    assert data['opencti_token'].startswith('secret:')
    assert data.keys() == {'opencti_url', 'opencti_token'}
    assert not relation.unit_keys
