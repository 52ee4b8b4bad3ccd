# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Sample values of options for the charm's tests, valid by upstream's schema."""

import re

from .metadata import Property, Scalar

_BY_FORMAT = {
    'date': '2026-01-01',
    'date-time': '2026-01-01T00:00:00Z',
    'duration': 'P1D',
    'email': 'someone@example.com',
    'ipv4': '192.0.2.1',
    'ipv6': '2001:db8::1',
    'ipvanyaddress': '192.0.2.1',
    'time': '12:00:00',
    'uri': 'https://example.com/',
    'url': 'https://example.com/',
    'uuid': '11111111-2222-4333-8444-555555555555',
}
_BY_CONTENT = {'array': '[]', 'object': '{}'}
# One of them matches each of the usual patterns: words, numbers, keys, addresses, versions.
_TEXTS = ('sample', '1', 'a', 'A', 'SAMPLE', 'v1', '1.0', '1.0.0', *_BY_FORMAT.values())


def sample(schema: Property) -> Scalar:
    """Return a value of the type that the option has."""
    if schema.is_secret:
        return _text(schema)
    if schema.alternatives:
        value = sample(schema.alternatives[0])
        return str(value) if schema.type == 'string' else value
    if schema.enum:
        return schema.enum[0]
    match schema.type:
        case 'array':
            item = 'sample' if schema.items is None else sample(schema.items)
            return ','.join([str(item)] * max(schema.min_items or 0, 1))
        case 'boolean':
            return True
        case 'integer':
            return round(_number(schema))
        case 'number':
            return float(_number(schema))
        case _:
            return _text(schema)


def _number(schema: Property) -> float:
    low, high = _limits(schema)
    if schema.type == 'integer' or schema.multiple_of:
        step = schema.multiple_of or 1
        if low is not None:
            return -(-low // step) * step if schema.minimum == low else (low // step + 1) * step
        if high is not None:
            return high // step * step if schema.maximum == high else (-(-high // step) - 1) * step
        return step
    if low is not None and high is not None:
        return (low + high) / 2
    return 1 if low is None and high is None else (high or 0) - 1 if low is None else low + 1


def _limits(schema: Property) -> tuple[float | None, float | None]:
    low = [each for each in (schema.minimum, schema.exclusive_minimum) if each is not None]
    high = [each for each in (schema.maximum, schema.exclusive_maximum) if each is not None]
    return max(low, default=None), min(high, default=None)


def _text(schema: Property) -> str:
    if schema.content_media_type == 'application/json':
        return _BY_CONTENT.get(schema.content_schema.get('type', ''), '{}')
    if schema.format in _BY_FORMAT:
        return _BY_FORMAT[schema.format]
    for text in (*map(str, schema.examples), *_TEXTS):
        text = text.ljust(schema.min_length or 0, 'x')[: schema.max_length]
        if re.search(schema.pattern or '', text):
            return text
    return 'sample'
