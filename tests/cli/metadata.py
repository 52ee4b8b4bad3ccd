# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Metadata of an invented connector, in all the shapes that upstream's may have."""

import json
import pathlib
from typing import Any

MANIFEST: dict[str, Any] = {
    'title': 'Shapes',
    'slug': 'shapes',
    'description': 'Imports shapes.\n\nAnd "more", too: # all of them.',
    'short_description': 'Imports shapes of all kinds.',
    'container_type': 'EXTERNAL_IMPORT',
    'container_image': 'opencti/connector-shapes',
    'container_version': 'rolling',
    'source_code': 'https://github.com/OpenCTI-Platform/connectors/tree/master/stream/shapes',
}

PLATFORM: dict[str, Any] = {
    'OPENCTI_URL': {'type': 'string', 'format': 'uri', 'minLength': 1, 'maxLength': 2083},
    'OPENCTI_TOKEN': {'type': 'string', 'format': 'password', 'writeOnly': True},
    'CONNECTOR_ID': {'type': 'string'},
    'CONNECTOR_NAME': {'type': 'string', 'default': 'Shapes'},
    'CONNECTOR_TYPE': {'const': 'EXTERNAL_IMPORT', 'default': 'EXTERNAL_IMPORT', 'type': 'string'},
}

LEVELS = ['debug', 'info', 'warn', 'warning', 'error']

LONG = 'A text that is so long that it does not fit on one line of a file, ' * 3

# Every shape: a type, a bound, a format, or an odd spelling of one.
SHAPES: dict[str, Any] = {
    'CONNECTOR_SCOPE': {'type': 'array', 'items': {'type': 'string'}, 'default': ['a', 'b']},
    'CONNECTOR_LOG_LEVEL': {'type': 'string', 'enum': LEVELS, 'default': 'error'},
    'X_ARRAY_EMPTY': {'type': 'array', 'items': {'type': 'string'}, 'default': []},
    'X_ARRAY_BOUNDED': {
        'type': 'array',
        'items': {'type': 'string'},
        'minItems': 1,
        'maxItems': 3,
        'default': None,
    },
    'X_ARRAY_CHOICES': {'type': 'array', 'items': {'type': 'string', 'enum': ['a', 'b']}},
    'X_ARRAY_INTEGERS': {'type': 'array', 'items': {'type': 'integer', 'minimum': 1}},
    'X_ARRAY_OF_ANY': {'type': 'array'},
    'X_ARRAY_SECRET': {'type': 'array', 'items': {'type': 'string', 'writeOnly': True}},
    'X_ARRAY_TEXT': {'type': 'array', 'items': {'type': 'string'}, 'default': 'a,b'},
    'X_ARRAY_UNSPLIT': {'type': 'array', 'items': {'type': 'boolean'}, 'default': [True]},
    'X_ARRAY_URLS': {'type': 'array', 'items': {'type': 'string', 'format': 'uri'}},
    'X_BOOLEAN': {'type': 'boolean', 'default': False},
    'X_BOOLEAN_CONST': {'const': True},
    'X_CONST': {'const': 'only', 'type': 'string'},
    'X_DATE': {'type': 'string', 'format': 'date'},
    'X_DATE_TIME': {'type': 'string', 'format': 'date-time', 'default': '2026-01-01T00:00:00Z'},
    'X_DATE_TIME_BACK': {'type': 'string', 'format': 'date-time', 'default': 'P30D'},
    'X_DURATION': {'type': 'string', 'format': 'duration', 'default': 'PT1H'},
    'X_EMAIL': {'type': 'string', 'format': 'email'},
    'X_ENUM_FLOATS': {'type': 'number', 'enum': [0.5, 1.5]},
    'X_ENUM_INTEGERS': {'type': 'integer', 'enum': [1, 2], 'default': 2},
    'X_ENUM_NULLABLE': {'enum': ['a', None], 'default': None},
    'X_ENUM_QUOTES': {'type': 'string', 'enum': ["it's", 'a "b"', 'c\\d'], 'default': "it's"},
    'X_EXAMPLE': {'type': 'string', 'pattern': '^k-[0-9]{3}$', 'examples': ['k-123']},
    'X_FORMAT_UNKNOWN': {'type': 'string', 'format': 'file-path', 'default': '/tmp/a'},
    'X_INTEGER': {'type': 'integer', 'default': 1, 'minimum': 1, 'maximum': 5},
    'X_INTEGER_EXCLUSIVE': {'type': 'integer', 'exclusiveMinimum': 0, 'exclusiveMaximum': 9},
    'X_INTEGER_HIGH': {'type': 'integer', 'maximum': -5},
    'X_INTEGER_HIGH_EXCLUSIVE': {'type': 'integer', 'exclusiveMaximum': -5},
    'X_INTEGER_LOW': {'type': 'integer', 'minimum': 7},
    'X_INTEGER_STEPS': {'type': 'integer', 'multipleOf': 5},
    'X_IPV4': {'type': 'string', 'format': 'ipv4'},
    'X_IPV6': {'type': 'string', 'format': 'ipv6'},
    'X_JSON': {'type': 'string', 'contentMediaType': 'application/json', 'default': '{}'},
    'X_JSON_ARRAY': {
        'type': 'string',
        'contentMediaType': 'application/json',
        'contentSchema': {'type': 'array', 'items': {'type': 'object'}},
    },
    'X_JSON_OBJECT': {
        'type': 'string',
        'contentMediaType': 'application/json',
        'contentSchema': {'type': 'object', 'additionalProperties': {'type': 'string'}},
    },
    'X_LENGTH': {'type': 'string', 'minLength': 3, 'maxLength': 12},
    'X_LONG': {'type': 'string', 'description': LONG, 'default': LONG},
    'X_MULTILINE': {'type': 'string', 'description': '  One line.  \n\n- another: "line"\n  '},
    'X_NO_DEFAULT': {'type': 'string', 'default': None},
    'X_NULLABLE': {'anyOf': [{'type': 'integer', 'minimum': 0}, {'type': 'null'}]},
    'X_NULLABLE_LIST': {'type': ['string', 'null']},
    'X_NUMBER': {'type': 'number', 'default': 1, 'minimum': 0, 'maximum': 1.5},
    'X_NUMBER_EXCLUSIVE': {'type': 'number', 'exclusiveMinimum': 0, 'exclusiveMaximum': 0.5},
    'X_NUMBER_FREE': {'type': 'number'},
    'X_NUMBER_HIGH': {'type': 'number', 'maximum': -0.5},
    'X_NUMBER_LOW': {'type': 'number', 'minimum': 0.5},
    'X_ONE_OF_ONE': {'allOf': [{'type': 'string', 'enum': ['a', 'b']}], 'default': 'a'},
    'X_PASSWORD': {'type': 'string', 'format': 'password', 'default': 'not for the file'},
    'X_PATTERN': {'type': 'string', 'pattern': '^[a-z]+(?!x)$', 'default': 'abc'},
    'X_SECRET': {'type': 'string', 'writeOnly': True, 'minLength': 8},
    'X_STRING_EMPTY': {'type': 'string', 'default': ''},
    'X_STRING_NUMBER': {'type': 'string', 'default': 5},
    'X_STRING_YES': {'type': 'string', 'default': 'yes'},
    'X_TIME': {'type': 'string', 'format': 'time'},
    'X_UNFIT': {'type': 'string', 'enum': ['a'], 'default': 'b'},
    'X_UNION': {'anyOf': [{'type': 'integer'}, {'type': 'string', 'enum': ['auto']}]},
    'X_UNION_NUMBERS': {'anyOf': [{'type': 'integer'}, {'type': 'number'}], 'default': 1},
    'X_UNION_STRINGS': {
        'oneOf': [{'type': 'string', 'format': 'uuid'}, {'type': 'string', 'enum': ['none']}]
    },
    'X_URI': {'type': 'string', 'format': 'uri', 'minLength': 1},
    'X_URI_BOUNDED': {'type': 'string', 'format': 'uri', 'maxLength': 30},
    'X_URL': {'type': 'string', 'format': 'uri', 'minLength': 1, 'maxLength': 2083},
    'X_UUID': {'type': 'string', 'format': 'uuid'},
    'MODEL_CONFIG': {'type': 'string', 'default': 'shadows an attribute'},
    'MODEL_NAME': {'type': 'string', 'default': 'begins with a protected word'},
    'CLASS': {'type': 'string'},
}

REQUIRED: dict[str, Any] = {
    'X_REQUIRED': {'type': 'string'},
    'X_REQUIRED_ARRAY': {'type': 'array', 'items': {'type': 'string'}, 'minItems': 2},
    'X_REQUIRED_BOOLEAN': {'type': 'boolean'},
    'X_REQUIRED_SECRET': {'type': 'string', 'format': 'password', 'writeOnly': True},
    'X_REQUIRED_DEPRECATED': {'type': 'string', 'deprecated': True},
    'IMPORT': {'type': 'integer'},
}

DEPRECATED: dict[str, Any] = {
    'X_OLD': {'type': 'integer', 'default': 3, 'deprecated': True},
}


def schema(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """Return a schema of variables, with those of the platform."""
    return {
        '$schema': 'https://json-schema.org/draft/2020-12/schema',
        'type': 'object',
        'properties': {**PLATFORM, **properties},
        'required': ['OPENCTI_URL', 'OPENCTI_TOKEN', *(required or [])],
        'additionalProperties': True,
    }


def all_shapes() -> dict[str, Any]:
    """Return a schema with all of them."""
    return schema({**SHAPES, **REQUIRED, **DEPRECATED}, list(REQUIRED))


def write(file: pathlib.Path, content: Any) -> pathlib.Path:
    """Write metadata into a file."""
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file
