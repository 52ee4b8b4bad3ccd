# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From upstream's schema to a charm's options."""

import dataclasses
import pathlib
from collections.abc import Container
from typing import Any

from ..invalid import Invalid
from . import names
from .fields import field_type
from .metadata import JsonType, Property, Scalar, Schema
from .samples import sample

# The variables that the library sets.
PLATFORM_VARIABLES = frozenset(
    {'CONNECTOR_ID', 'CONNECTOR_NAME', 'CONNECTOR_TYPE', 'OPENCTI_TOKEN', 'OPENCTI_URL'}
)
_JUJU_TYPES: dict[JsonType, str] = {
    'array': 'string',
    'boolean': 'boolean',
    'integer': 'int',
    'number': 'float',
    'string': 'string',
}
# The variables of every connector: pycti's OpenCTIConnectorHelper reads them.
_COMMON = {
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


@dataclasses.dataclass(frozen=True)
class Option:
    """A configuration option of a charm."""

    name: str
    schema: Property
    is_required: bool
    default: Scalar | None
    replaces: tuple['Option', ...] = ()
    """The deprecated options that the charm still has, and that this one replaces."""

    @property
    def is_secret(self) -> bool:
        """Whether the option names a Juju secret."""
        return self.schema.is_secret

    @property
    def type(self) -> str:
        """The option's type in `charmcraft.yaml`."""
        return 'secret' if self.is_secret else _JUJU_TYPES[self.schema.type]

    @property
    def field(self) -> str:
        """The field of the configuration's model."""
        return names.field_name(self.name)

    @property
    def field_type(self) -> str:
        """The type of that field."""
        return field_type(self.schema)

    @property
    def has_value(self) -> bool:
        """Whether the field always has a value, if only the default."""
        return (self.is_required and not self.replaces) or self.default is not None

    @property
    def sample(self) -> Scalar:
        """A value for the charm's tests."""
        return sample(self.schema)

    def declaration(self) -> dict[str, Any]:
        """Return how `charmcraft.yaml` declares the option."""
        declared: dict[str, Any] = {'type': self.type}
        if self.default is not None:
            declared['default'] = self.default
        if self.is_required and not self.replaces:
            declared['optional'] = False
        description = '\n'.join(map(str.rstrip, self.schema.description.strip().splitlines()))
        if description:
            declared['description'] = description
        return declared


def common_options() -> list[Option]:
    """Return the options of a connector whose variables upstream does not describe."""
    properties = {name: Property.model_validate(schema) for name, schema in _COMMON.items()}
    schema = Schema(type='object', properties=properties, required=['CONNECTOR_SCOPE'])
    return [_option(variable, schema) for variable in properties]


def options_of(
    schema: Schema, file: pathlib.Path, *, with_deprecated: bool, present: Container[str] = ()
) -> list[Option]:
    """Return the options of a connector.

    Args:
        schema: The schema of its variables.
        file: The schema's file, for errors.
        with_deprecated: Whether to include deprecated options that are not required.
        present: The options that the charm already has; they are included even if deprecated.

    Raises:
        Invalid: if a variable cannot be an option.
    """
    options: list[Option] = []
    for variable in schema.properties:
        if variable in PLATFORM_VARIABLES:
            continue
        try:
            option = _option(variable, schema)
        except ValueError as error:
            raise Invalid(file, f'properties.{variable}', str(error)) from None
        is_wanted = with_deprecated or option.is_required or option.name in present
        if is_wanted or not option.schema.deprecated:
            options.append(option)
    return options


def _option(variable: str, schema: Schema) -> Option:
    variable_schema = schema.properties[variable]
    default = None if variable_schema.is_secret else _default(variable_schema)
    return Option(
        name=names.option_name(variable),
        schema=variable_schema,
        is_required=variable in schema.required and default is None,
        default=default,
    )


def _default(schema: Property) -> Scalar | None:
    """Return the default as a Juju option holds it."""
    default = schema.default
    if default is None:
        return None
    if isinstance(default, list) and schema.type == 'array':
        items = [_text(item) for item in default]  # pyright: ignore[reportUnknownVariableType]
        if any(',' in item for item in items):
            raise ValueError('the default has a comma, which separates the items of an option')
        return ','.join(items)
    if isinstance(default, (list, dict)):
        raise ValueError('the default must be a plain value')
    try:
        match schema.type:
            case 'integer':
                return int(default)
            case 'number':
                return float(default)
            case 'boolean':
                return _boolean(default)
            case _:
                return _text(default)
    except ValueError:
        raise ValueError(f'the default must be of type {schema.type}') from None


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
