# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What both ends write and read, compared with the interface's published schemas.

Source: `interfaces/opencti_connector/interface/v0` in canonical/charmlibs.
"""

from typing import Any

import hypothesis
import ops
import pydantic
import pytest
from interface_tester.schema_base import DataBagSchema
from ops import testing

from opencti_connector import (
    ConnectorDetails,
    ConnectorProvides,
    ConnectorType,
    OpenctiConnectorError,
)
from opencti_connector._relation.schema import ConnectionData
from tests.fuzz import strategies
from tests.unit.charms import ConnectorCharm, connector_context, opencti_context
from tests.unit.states import only_relation, relation, token_secret
from tests.unit.values import DETAILS, TOKEN


class ProviderAppData(pydantic.BaseModel):
    connector_charm_name: str
    connector_type: str


class ProviderSchema(DataBagSchema):
    app: ProviderAppData


class RequirerAppData(pydantic.BaseModel):
    opencti_url: pydantic.AnyHttpUrl
    opencti_token: str


class RequirerSchema(DataBagSchema):
    app: RequirerAppData


# Juju writes these itself, for each unit.
OF_JUJU = {'egress-subnets', 'ingress-address', 'private-address'}


def written(related: testing.Relation) -> dict[str, Any]:
    unit = {k: v for k, v in related.local_unit_data.items() if k not in OF_JUJU}
    assert not unit
    return {'app': dict(related.local_app_data)}


@pytest.mark.parametrize('connector_type', ConnectorType)
def test_what_a_connector_writes(connector_type: ConnectorType):
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            self.opencti = ConnectorProvides(self, connector_type)

    context = connector_context(Charm)
    created = relation()
    out = context.run(
        context.on.relation_created(created), testing.State(leader=True, relations={created})
    )
    data = ProviderSchema.model_validate(written(only_relation(out)))
    assert data.app == ProviderAppData(
        connector_charm_name='opencti-test-connector', connector_type=connector_type.value
    )


def test_what_opencti_writes():
    context = opencti_context()
    changed = relation(remote_app_data=DETAILS)
    out = context.run(
        context.on.relation_changed(changed), testing.State(leader=True, relations={changed})
    )
    data = RequirerSchema.model_validate(written(only_relation(out)))
    (secret,) = out.secrets
    assert data.app.opencti_token == secret.id
    assert TOKEN not in data.app.opencti_token


@pytest.mark.parametrize(
    ('ours', 'published'),
    [(ConnectorDetails, ProviderAppData), (ConnectionData, RequirerAppData)],
    ids=['provider', 'requirer'],
)
def test_the_json_schemas_field_by_field(
    ours: type[pydantic.BaseModel], published: type[pydantic.BaseModel]
):
    ours_schema, published_schema = ours.model_json_schema(), published.model_json_schema()
    for name, field in published_schema['properties'].items():
        own = ours_schema['properties'][name]
        for reference in [own.get('$ref'), *(part.get('$ref') for part in own.get('allOf', []))]:
            if reference:
                own = ours_schema['$defs'][reference.rpartition('/')[2]]
        assert own['type'] == field['type']
        assert own.get('format') == field.get('format')
    assert ours_schema['required'] == published_schema['required']
    # Deployed connectors write this beyond the published schema; it is optional for readers.
    more = ours_schema['properties'].keys() - published_schema['properties'].keys()
    assert more == ({'connector_id'} if ours is ConnectorDetails else set())


def test_our_types_are_those_of_the_published_examples_and_one_more():
    published = {
        'EXTERNAL_IMPORT',
        'INTERNAL_ENRICHMENT',
        'INTERNAL_IMPORT_FILE',
        'INTERNAL_EXPORT_FILE',
        'STREAM',
    }
    assert {member.value for member in ConnectorType} - published == {'INTERNAL_ANALYSIS'}


@hypothesis.settings(max_examples=300)
@hypothesis.given(strategies.details, strategies.connection)
def test_we_accept_what_the_published_schemas_accept(
    details: dict[str, str], connection: dict[str, str]
):
    for ours, published, databag in (
        (ConnectorDetails, ProviderSchema, details),
        (ConnectionData, RequirerSchema, connection),
    ):
        try:
            ours.read(databag)
        except OpenctiConnectorError:
            continue
        published.model_validate({'app': databag})


def test_the_examples_of_the_interface():
    secret = token_secret(id='secret:secret-id')
    related = relation(
        remote_app_data={
            'opencti_url': 'http://opencti-endpoints.stg-opencti.svc:8080',
            'opencti_token': 'secret:secret-id',
        }
    )
    context = connector_context()
    out = context.run(
        context.on.relation_changed(related),
        testing.State(leader=True, relations={related}, secrets={secret}),
    )
    assert out.unit_status == testing.ActiveStatus()
    assert ConnectorCharm.seen == [(related.remote_app_data['opencti_url'], TOKEN)]
