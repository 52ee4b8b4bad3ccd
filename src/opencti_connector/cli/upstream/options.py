# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From upstream's schema to a charm's options."""

import dataclasses
import pathlib
import sys
from collections.abc import Container
from typing import Any

from ..invalid import Invalid
from . import names
from .fields import field_type
from .metadata import PLATFORM_VARIABLES, JsonType, Property, Scalar, Schema
from .samples import sample

_JUJU_TYPES: dict[JsonType, str] = {
    'array': 'string',
    'boolean': 'boolean',
    'integer': 'int',
    'number': 'float',
    'string': 'string',
}

_JUJU_INT = 2**63 - 1


@dataclasses.dataclass(frozen=True)
class Option:
    """A configuration option of a charm."""

    name: str
    schema: Property
    is_mandatory: bool
    """Whether the connector needs a value, be it the default."""
    default: Scalar | None
    replaces: tuple['Option', ...] = ()
    """The deprecated options that the charm still has, and that this one replaces."""

    @property
    def variable(self) -> str:
        """The environment variable."""
        return self.name.upper().replace('-', '_')

    @property
    def is_required(self) -> bool:
        """Whether a person has to give a value."""
        return self.is_mandatory and self.default is None

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

    def as_secret(self) -> 'Option':
        """Return the option as one that names a Juju secret."""
        schema = self.schema.model_copy(update={'write_only': True})
        return dataclasses.replace(self, schema=schema, default=None)

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
    declared = schema.properties[variable]
    default = None if declared.is_secret else _default(declared)
    if variable in schema.required and default == '':
        default = None  # Upstream takes an empty variable for none.
    return Option(
        name=names.option_name(variable),
        schema=declared,
        is_mandatory=variable in schema.required,
        default=default,
    )


def _default(schema: Property) -> Scalar | None:
    """Return the default as a Juju option holds it, or nothing if it does not fit its type."""
    match schema.type, schema.default:
        case 'array', list() as items:  # pyright: ignore[reportUnknownVariableType]
            texts = [_text(item) for item in items if isinstance(item, Scalar)]  # pyright: ignore[reportUnknownVariableType]
            # A comma would separate two items.
            fits = len(texts) == len(items) and not any(',' in text for text in texts)  # pyright: ignore[reportUnknownArgumentType]
            return ','.join(texts) if fits else None
        case (('string' | 'array'), bool() | int() | float() | str() as value):
            return _text(value)
        case 'boolean', bool() as value:
            return value
        case _, bool():
            return None
        case 'integer', int() | float() as value if (
            value == value // 1 and abs(value) <= _JUJU_INT
        ):
            return int(value)
        case 'number', int() | float() as value if abs(value) <= sys.float_info.max:
            return float(value)
        case _:
            return None


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
