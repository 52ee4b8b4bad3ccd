# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The metadata of OpenCTI's connectors, as upstream publishes it.

Each connector has a `__metadata__` folder in OpenCTI-Platform/connectors, with a
`connector_manifest.json` and, for those whose settings are typed, a
`connector_config_schema.json`: a JSON Schema of the environment variables, which upstream's
`connectors-sdk/connectors_sdk/settings/json_schema_generator.py` makes.
"""

import pathlib
import re
from typing import Annotated, Any, Literal, TypeVar

import pydantic
from pydantic.alias_generators import to_camel

from ..._relation import ConnectorType
from ..invalid import Invalid, read_text

Scalar = bool | int | float | str
JsonType = Literal['string', 'integer', 'number', 'boolean', 'array']

# The variables that the library sets.
PLATFORM_VARIABLES = frozenset(
    {'CONNECTOR_ID', 'CONNECTOR_NAME', 'CONNECTOR_TYPE', 'OPENCTI_TOKEN', 'OPENCTI_URL'}
)

# They restrict the value in ways that the model below does not know, so they are refused.
_NOT_FLAT = {'$ref', 'additionalProperties', 'if', 'not', 'patternProperties', 'prefixItems'}
_ALTERNATIVES = ('anyOf', 'oneOf', 'allOf')
_JSON_TYPES: dict[type, JsonType] = {
    bool: 'boolean',
    int: 'integer',
    float: 'number',
    str: 'string',
    list: 'array',
}


class Manifest(pydantic.BaseModel):
    """The manifest of a connector."""

    slug: str = pydantic.Field(min_length=1)
    title: str = pydantic.Field(min_length=1)
    short_description: str | None = ''
    description: str | None = ''
    container_type: ConnectorType
    container_image: str = pydantic.Field(min_length=1)
    container_version: str = pydantic.Field(min_length=1)
    source_code: str | None = ''

    @pydantic.field_validator('container_type', mode='before')
    @classmethod
    def _connector_type(cls, value: Any) -> ConnectorType:
        return ConnectorType(value)

    @property
    def image(self) -> str:
        """The image, with its version."""
        return f'{self.container_image}:{self.container_version}'

    @property
    def source_directory(self) -> str:
        """The connector's directory in upstream's repository, such as `stream/webhook`."""
        # The branch may have slashes, too.
        found = re.search(r'/tree/.+/([^/]+/[^/?#]+)/?(?:[?#].*)?$', self.source_code or '')
        return found.group(1) if found else ''


class Property(pydantic.BaseModel):
    """The schema of one variable, or of an item of one that is an array."""

    model_config = pydantic.ConfigDict(
        alias_generator=to_camel, populate_by_name=True, allow_inf_nan=False
    )

    type: JsonType
    description: str = ''
    default: Any = None
    examples: list[Any] = []
    enum: Annotated[list[Scalar], pydantic.Field(min_length=1)] | None = None
    format: str = ''
    write_only: bool = False
    deprecated: bool = False
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: pydantic.PositiveFloat | None = None
    min_length: pydantic.NonNegativeInt | None = None
    max_length: pydantic.NonNegativeInt | None = None
    pattern: str | None = None
    min_items: pydantic.NonNegativeInt | None = None
    max_items: pydantic.NonNegativeInt | None = None
    items: 'Property | None' = None
    alternatives: list['Property'] = []
    content_media_type: str = ''
    content_schema: dict[str, Any] = {}

    @pydantic.model_validator(mode='before')
    @classmethod
    def _flatten(cls, schema: Any) -> Any:
        """Simplify what is only another spelling: null, a single alternative, a constant."""
        if not isinstance(schema, dict):
            return schema
        flat: dict[str, Any] = {**schema}
        for keyword in _NOT_FLAT & flat.keys():
            raise ValueError(f'{keyword} is not supported, a variable holds a plain value')
        for keyword in _ALTERNATIVES:
            given: Any = flat.pop(keyword, None)
            if given is not None:
                flat = _merge(flat, given, keyword)
        if isinstance(flat.get('type'), list):
            flat = _merge(flat, [{'type': each} for each in flat.pop('type')], 'type')
        if 'const' in flat:
            flat['enum'] = [flat.pop('const')]
        if isinstance(flat.get('enum'), list):
            values: list[Any] = flat['enum']
            flat['enum'] = [value for value in values if value is not None]
            types: set[type] = {type(value) for value in flat['enum']}
            if 'type' not in flat and len(types) == 1:
                flat['type'] = _JSON_TYPES.get(types.pop())
        return flat

    @pydantic.field_validator('pattern')
    @classmethod
    def _pattern(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or '')
        except re.error as error:
            raise ValueError(f'is not a regular expression: {error}') from None
        return pattern

    @pydantic.model_validator(mode='after')
    def _fits_its_type(self) -> 'Property':
        if self.items is not None and self.items.type == 'array':
            raise ValueError('an array of arrays is not supported')
        types = {self.type, 'integer'} if self.type == 'number' else {self.type}
        for value in self.enum or ():
            if _JSON_TYPES[type(value)] not in types:
                raise ValueError(f'the enum has {value!r}, which is not of the type {self.type}')
        bounds = (self.minimum, self.maximum, self.exclusive_minimum, self.exclusive_maximum)
        for bound in (*bounds, self.multiple_of):
            if self.type == 'integer' and bound is not None and not bound.is_integer():
                raise ValueError(f'the bound {bound} of an integer is none')
        return self

    @property
    def is_secret(self) -> bool:
        """Whether the value has to be kept secret."""
        parts = [*self.alternatives, *([self.items] if self.items else [])]
        return self.write_only or self.format == 'password' or any(p.is_secret for p in parts)


class Schema(pydantic.BaseModel):
    """The schema of a connector's environment variables."""

    type: Literal['object']
    properties: dict[str, Property]
    required: list[str] = []


_Model = TypeVar('_Model', bound=pydantic.BaseModel)


def read_manifest(file: pathlib.Path) -> Manifest:
    """Read a manifest.

    Raises:
        Invalid: if it is not one.
    """
    return _read(file, Manifest)


def read_schema(file: pathlib.Path) -> Schema:
    """Read a schema.

    Raises:
        Invalid: if it is not one, or does not describe environment variables.
    """
    schema = _read(file, Schema)
    for variable in schema.required:
        if variable not in schema.properties.keys() | PLATFORM_VARIABLES:
            raise Invalid(file, 'required', f'{variable} is not among the properties')
    return schema


def _read(file: pathlib.Path, model: type[_Model]) -> _Model:
    try:
        return model.model_validate_json(read_text(file))
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        field = '.'.join(str(part) for part in first['loc'])
        raise Invalid(file, field, first['msg'].removeprefix('Value error, ')) from None


def _merge(flat: dict[str, Any], given: Any, keyword: str) -> dict[str, Any]:
    listed: list[Any] = given if isinstance(given, list) else []  # pyright: ignore[reportUnknownVariableType]
    if not listed or not all(isinstance(each, dict) for each in listed):
        raise ValueError(f'{keyword} must be a list of schemas')
    alternatives: list[dict[str, Any]] = [each for each in listed if each != {'type': 'null'}]
    if len(alternatives) == 1:
        return {**alternatives[0], **flat}
    if keyword == 'allOf' or not alternatives:
        raise ValueError(f'{keyword} of {len(alternatives)} schemas is not supported')
    merged = [{**flat, **each} for each in alternatives]
    types = {str(each.get('type')) for each in merged}
    # An integer or a number is a number. Any other mix is a string, which can hold each.
    kind = 'number' if types == {'integer', 'number'} else 'string'
    if len(types) == 1:
        (kind,) = types
    return {**flat, 'type': kind, 'alternatives': merged}
