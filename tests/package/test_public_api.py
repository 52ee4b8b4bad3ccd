# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The public API: a change of it has to change this list, too."""

import inspect
import types
from typing import Any

import pytest

import opencti_connector
import opencti_connector.testing

NAMES = [
    'Blocked',
    'ConnectorAvailableEvent',
    'ConnectorDetails',
    'ConnectorInvalidEvent',
    'ConnectorProvides',
    'ConnectorProvidesEvents',
    'ConnectorRemovedEvent',
    'ConnectorState',
    'ConnectorTokenDueEvent',
    'ConnectorType',
    'ConnectorWorkload',
    'InvalidRelationData',
    'NotLeader',
    'NotReady',
    'OpenctiConnection',
    'OpenctiConnectionAvailableEvent',
    'OpenctiConnectionInvalidEvent',
    'OpenctiConnectionRemovedEvent',
    'OpenctiConnectorError',
    'OpenctiConnectorMixin',
    'OpenctiRequires',
    'OpenctiRequiresEvents',
    'RelatedConnector',
    'RelationDataMissing',
    'RelationMissing',
    'SecretReadFailed',
    'SecretUnavailable',
    'TooManyRelations',
    'TooManyUnits',
]

SIGNATURES = {
    'ConnectorProvides': '(charm, connector_type, *, relation_name=, connector_charm_name=)',
    'ConnectorProvides.get_connection': '(self)',
    'ConnectorProvides.environment': '(self)',
    'ConnectorProvides.get_status': '(self)',
    'OpenctiRequires': '(charm, *, relation_name=)',
    'OpenctiRequires.publish_connection': '(self, relation, *, url, token, expire=)',
    'OpenctiRequires.withdraw_connection': '(self, relation)',
    'OpenctiRequires.emit_current': '(self)',
    'OpenctiRequires.get_status': '(self)',
    'ConnectorWorkload': (
        '(charm, opencti, *, container=, command=, working_dir=, user=, boolean_style=, '
        'config_type=, environment=)'
    ),
    'ConnectorWorkload.check_config': '(self)',
    'ConnectorWorkload.environment': '(self)',
    'ConnectorWorkload.read_secret': '(self, secret_id, *, what=)',
    'ConnectorWorkload.reconcile': '(self)',
    'ConnectorWorkload.restart': '(self)',
    'ConnectorWorkload.get_status': '(self)',
    'OpenctiConnectorMixin.check_config': '(self)',
    'OpenctiConnectorMixin.connector_environment': '(self)',
    'OpenctiConnectorMixin.reconcile': '(self)',
    'testing.relation_for_provider': (
        '(endpoint=, *, url=, token=, new_token=, secret_id=, connector_id=, problem=, **relation)'
    ),
    'testing.relation_for_requirer': (
        '(endpoint=, *, connector_charm_name=, connector_type=, connector_id=, published_url=, '
        'published_token=, problem=, **relation)'
    ),
}

PROPERTIES = {
    'ConnectorProvides': {'relation', 'connector_id', 'connection', 'on'},
    'OpenctiRequires': {'connectors', 'on'},
    'ConnectorWorkload': set[str](),
    'OpenctiConnectorMixin': {
        'relation_name',
        'connector_charm_name',
        'container',
        'connector_command',
        'connector_user',
        'working_dir',
        'boolean_style',
        'config_type',
    },
}


def public(cls: type) -> set[str]:
    return {name for name in vars(cls) if not name.startswith('_')}


def signature(path: str) -> str:
    found: Any = opencti_connector
    for name in path.split('.'):
        found = getattr(found, name)
    parts: list[str] = []
    for parameter in inspect.signature(found).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and '*' not in parts:
            parts.append('*')
        star = '**' if parameter.kind is parameter.VAR_KEYWORD else ''
        default = '' if parameter.default is parameter.empty else '='
        parts.append(f'{star}{parameter.name}{default}')
    return f'({", ".join(parts)})'


def test_the_names():
    assert opencti_connector.__all__ == NAMES
    assert all(hasattr(opencti_connector, name) for name in NAMES)
    with pytest.raises(AttributeError, match="'opencti_connector' has no attribute 'Nothing'"):
        _ = opencti_connector.Nothing
    modules = {
        name
        for name, value in vars(opencti_connector).items()
        if isinstance(value, types.ModuleType)
    }
    modules |= {'TYPE_CHECKING', 'Any'}
    others = {n for n in vars(opencti_connector) if not n.startswith('_')} - modules
    when_asked_for = {'ConnectorWorkload', 'OpenctiConnectorMixin'}
    assert others | when_asked_for == set(NAMES)


def test_the_signatures():
    assert {path: signature(path) for path in SIGNATURES} == SIGNATURES


def test_the_members():
    for name, properties in PROPERTIES.items():
        methods = {path.partition('.')[2] for path in SIGNATURES if path.startswith(f'{name}.')}
        assert public(getattr(opencti_connector, name)) == properties | methods


def test_everything_public_has_a_docstring():
    for name in NAMES:
        value = getattr(opencti_connector, name)
        assert value.__doc__, name
        for member in public(value):
            found = inspect.getattr_static(value, member)
            if isinstance(found, (property, types.FunctionType)):
                assert inspect.getdoc(getattr(value, member)), f'{name}.{member}'


def test_help_lists_what_is_loaded_on_first_use():
    assert set(NAMES) <= set(dir(opencti_connector))
