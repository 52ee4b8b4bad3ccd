# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a JSON Schema of environment variables means, read without the command's own code."""

import contextlib
import re
from typing import Any

import jsonschema

Value = str | int | float | bool

_WRONG_FORMATS = {
    'date': 'soon',
    'date-time': 'soon',
    'duration': '1 hour',
    'email': 'nobody',
    'ipv4': '1.2.3',
    'ipv6': 'localhost',
    'time': 'noon',
    'uri': 'not a url',
    'uuid': '1234',
}


def parse_environment(environment: dict[str, str], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the variables of a schema as upstream's settings read them."""
    return {
        variable: _parse(environment[variable], declared)
        for variable, declared in schema['properties'].items()
        if variable in environment
    }


def validate(settings: dict[str, Any], schema: dict[str, Any]) -> None:
    """Check settings against their schema, with the formats that jsonschema can check."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(settings)


def is_secret(declared: dict[str, Any]) -> bool:
    if 'items' in declared and is_secret(declared['items']):
        return True
    return bool(declared.get('writeOnly')) or declared.get('format') == 'password'


def wrong_values(declared: dict[str, Any]) -> list[Value]:
    """Return a value that violates each enum, bound and format of a variable."""
    if is_secret(declared):
        return []
    if declared.get('type') == 'array':
        wrong: list[Value] = [
            ',',
            *(str(each) for each in wrong_values(declared.get('items', {}))),
        ]
        if declared.get('minItems', 0) == 1:
            wrong.append('')
        if 'maxItems' in declared:
            wrong.append(','.join(['sample'] * (declared['maxItems'] + 1)))
        return wrong
    return [*_wrong_choices(declared), *_wrong_numbers(declared), *_wrong_texts(declared)]


def _wrong_choices(declared: dict[str, Any]) -> list[Value]:
    choices = declared.get('enum', [declared['const']] if 'const' in declared else [])
    if not choices:
        return []
    if isinstance(choices[0], bool):
        return [not choices[0]]
    if isinstance(choices[0], str):
        return ['no-such-choice']
    return [max(choices) + 1]


def _wrong_numbers(declared: dict[str, Any]) -> list[Value]:
    of_type = float if declared.get('type') == 'number' else int
    wrong = [
        *(declared[bound] - 1 for bound in ('minimum',) if bound in declared),
        *(declared[bound] + 1 for bound in ('maximum',) if bound in declared),
        *(declared[b] for b in ('exclusiveMinimum', 'exclusiveMaximum') if b in declared),
    ]
    return [of_type(value) for value in wrong]


def _wrong_texts(declared: dict[str, Any]) -> list[Value]:
    wrong: list[Value] = []
    if declared.get('minLength'):
        wrong.append('x' * (declared['minLength'] - 1))
    if 'maxLength' in declared:
        wrong.append('https://example.com/'.ljust(declared['maxLength'] + 1, 'x'))
    if declared.get('format') in _WRONG_FORMATS:
        wrong.append(_WRONG_FORMATS[declared['format']])
    if 'pattern' in declared:
        texts = ('', ' ', '?', 'x', '0')
        wrong += [text for text in texts if not re.search(declared['pattern'], text)][:1]
    if declared.get('contentMediaType') == 'application/json':
        wrong.append('not JSON')
    return wrong


def _parse(text: str, declared: dict[str, Any]) -> Any:
    for alternative in [*declared.get('anyOf', []), *declared.get('oneOf', [])]:
        with contextlib.suppress(KeyError, ValueError, jsonschema.ValidationError):
            value = _parse(text, alternative)
            jsonschema.validate(value, alternative)
            return value
    kind = 'boolean' if isinstance(declared.get('const'), bool) else declared.get('type')
    match kind:
        case 'array':
            items = [item.strip() for item in text.split(',')] if text else []
            return [_parse(item, declared.get('items', {})) for item in items]
        case 'boolean':
            return {'true': True, 'false': False}[text]
        case 'integer':
            return int(text)
        case 'number':
            return float(text)
        case _:
            return text
