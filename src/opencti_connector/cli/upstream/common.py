# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The schema of a connector that has none: the variables of every connector, and further ones."""

from typing import Any

from .metadata import Schema

# pycti's OpenCTIConnectorHelper reads them.
COMMON: dict[str, dict[str, Any]] = {
    'CONNECTOR_SCOPE': {
        'type': 'array',
        'items': {'type': 'string'},
        'description': 'The scope of the connector: what it imports or enriches, '
        'such as types of entities or of files.',
    },
    'CONNECTOR_LOG_LEVEL': {
        'type': 'string',
        'enum': ['debug', 'info', 'warn', 'warning', 'error'],
        'default': 'error',
        'description': 'The minimum level of logs to display.',
    },
    'CONNECTOR_AUTO': {
        'type': 'boolean',
        'default': False,
        'description': 'Whether the connector works on new data by itself.',
    },
}


def guessed_schema(properties: dict[str, dict[str, Any]], required: list[str]) -> Schema:
    """Return a schema of the variables of every connector, and of further ones."""
    if 'CONNECTOR_SCOPE' not in properties:
        required = ['CONNECTOR_SCOPE', *required]
    return Schema.model_validate(
        {'type': 'object', 'properties': {**COMMON, **properties}, 'required': required}
    )
