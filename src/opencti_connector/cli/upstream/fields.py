# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From a variable's schema to the type of a field in the charm's `src/config.py`.

A type is returned as Python text. The template defines names such as `Duration` in the files that
use them.
"""

from .metadata import Property

# Formats that pydantic checks. Others, such as `path`, say nothing that could be checked.
_FORMATS = {
    'date': 'Date',
    'date-time': 'Moment',
    'duration': 'Duration',
    'email': 'Email',
    'ipv4': 'IPv4Address',
    'ipv6': 'IPv6Address',
    'ipvanyaddress': 'IPvAnyAddress',
    'time': 'Time',
    'uri': 'AnyUrl',
    'url': 'AnyUrl',
    'uuid': 'UUID',
}
_PLAIN = {'boolean': 'bool', 'integer': 'int', 'number': 'float', 'string': 'str'}
_JSON = {'array': 'Json[list[Any]]', 'object': 'Json[dict[str, Any]]'}
# The longest URL that pydantic's HttpUrl accepts. A schema with this bound was made from HttpUrl.
_HTTP_URL_LENGTH = 2083
_STRING_BOUNDS = ('min_length', 'max_length')
_NUMBER_BOUNDS = {
    'minimum': 'ge',
    'maximum': 'le',
    'exclusive_minimum': 'gt',
    'exclusive_maximum': 'lt',
    'multiple_of': 'multiple_of',
}
_ARRAY_BOUNDS = {'min_items': 'min_length', 'max_items': 'max_length'}


def field_type(schema: Property) -> str:
    """Return the type of a variable's field."""
    if schema.is_secret:
        return 'ops.Secret'
    if schema.alternatives:
        return ' | '.join(dict.fromkeys(field_type(each) for each in schema.alternatives))
    if schema.enum is not None:
        return _choice(schema)
    match schema.type:
        case 'array':
            items = 'str' if schema.items is None else field_type(schema.items)
            return _bound(f'CommaSeparated[{items}]', schema, _ARRAY_BOUNDS)
        case 'string':
            return _string(schema)
        case 'boolean':
            return 'bool'
        case _:
            return _bound(_PLAIN[schema.type], schema, _NUMBER_BOUNDS)


def _choice(schema: Property) -> str:
    values = ', '.join(repr(value) for value in schema.enum or [])
    if schema.type == 'number':  # A Literal cannot hold floats.
        return f'Annotated[float, one_of({values})]'
    if schema.type == 'string':  # Upstream lowers what it compares.
        return f'Annotated[Literal[{values}], in_any_case({values})]'
    return f'Literal[{values}]'


def _string(schema: Property) -> str:
    if schema.content_media_type == 'application/json':
        return _JSON.get(schema.content_schema.get('type', ''), 'Json[Any]')
    name = _FORMATS.get(schema.format)
    if name == 'AnyUrl':
        return _url(schema)
    if name is not None:
        return name
    bound = _bound('str', schema, {bound: bound for bound in _STRING_BOUNDS})
    # JSON Schema's patterns may have lookarounds, which pydantic's own engine does not support.
    return bound if schema.pattern is None else f'Annotated[{bound}, matching({schema.pattern!r})]'


def _url(schema: Property) -> str:
    if schema.max_length == _HTTP_URL_LENGTH and str(schema.default or 'http').startswith('http'):
        return 'HttpUrl'
    if schema.max_length is None:
        return 'AnyUrl'
    return f'Annotated[AnyUrl, UrlConstraints(max_length={schema.max_length})]'


def _bound(name: str, schema: Property, bounds: dict[str, str]) -> str:
    arguments: list[str] = []
    for bound, argument in bounds.items():
        value = getattr(schema, bound)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is not None:
            arguments.append(f'{argument}={value!r}')
    return f'Annotated[{name}, Field({", ".join(arguments)})]' if arguments else name
