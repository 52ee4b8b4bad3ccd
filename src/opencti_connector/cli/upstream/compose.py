# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Upstream's compose file, which lists the variables of a connector that has no schema.

It gives each variable a value for a person to replace, or one that upstream itself would use, and
no type. So all that is made of it is guessed.
"""

import pathlib
import re
from typing import Any

import yaml  # Comes with ops, which reads charms' files with it.

from ..invalid import Invalid, read_text
from . import names
from .common import COMMON, guessed_schema
from .credentials import is_credential_by_name
from .metadata import Schema

_PLACEHOLDER = re.compile(
    r'change_?me|<[^>]*>|\bexample\.(com|net|org)\b|\.tld\b|://localhost\b|\byour[-_]|/path/'
    r'|yyyy-mm|^x{3,}$|^\*+$',
    re.IGNORECASE,
)
# `NAME=value # comment`, in a list or a mapping, also switched off by a `#` before it.
_LINE = re.compile(
    r'^\s*(?P<off>#)?\s*(?:-\s*)?["\']?(?P<name>[A-Z][A-Z0-9]*_[A-Z0-9_]+)["\']?\s*[=:]'
    r'[^\n]*?(?:\s\#\s*(?P<comment>[^\n]+))?$',
    re.MULTILINE,
)
_REFERENCE = re.compile(r'\$\$|\$\{\w+(?::?-(?P<default>[^}]*))?[^}]*\}|\$\w+')


class _Texts(yaml.SafeLoader):
    """Loads each scalar as the text that it is written as."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the type of PyYAML.
        first: [each for each in resolvers if each[0].endswith((':merge', ':null'))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_compose(file: pathlib.Path, image: str) -> tuple[Schema, list[str]]:
    """Read a connector's variables from a compose file.

    Args:
        file: The file.
        image: The connector's image, without a tag: which service counts if there are several.

    Returns:
        A schema of the variables, and notes on what is left out.

    Raises:
        Invalid: if it does not describe the connector.
    """
    text, service = _service(file, image)
    notes = [f'{file.name}: env_file is not read'] if 'env_file' in service else []
    lines = list(_LINE.finditer(text))
    comments = {line['name']: line['comment'] for line in lines if line['comment']}
    off = {line['name']: '' for line in lines if line['off']}
    properties: dict[str, dict[str, Any]] = {}
    required: list[str] = []
    for variable, value in {**off, **_environment(file, service)}.items():
        try:
            option = names.option_name(variable)
        except ValueError:
            notes.append(f'{file.name}: {variable} is left out, because no option can set it')
            continue
        declared = COMMON.get(variable, {'type': 'string', 'description': ''}).copy()
        declared['description'] = comments.get(variable, declared['description'])
        is_switch = value is not None and value.lower() in ('true', 'false')
        declared['writeOnly'] = is_credential_by_name(option) and not is_switch
        if value is None or (value and (declared['writeOnly'] or _PLACEHOLDER.search(value))):
            required.append(variable)
        elif value:
            is_boolean = declared['type'] == 'boolean' and is_switch
            declared['default'] = value.lower() == 'true' if is_boolean else value
        properties[variable] = declared
    return guessed_schema(properties, required), notes


def _service(file: pathlib.Path, image: str) -> tuple[str, dict[str, Any]]:
    text = read_text(file)
    try:
        document: Any = yaml.load(text, Loader=_Texts)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError):
        raise Invalid(file, '', 'is not YAML') from None
    try:
        services = [dict(each) for each in document['services'].values()]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Invalid(file, 'services', 'must map names to services') from None
    of_image = [each for each in services if str(each.get('image')).partition(':')[0] == image]
    if not of_image and len(services) != 1:
        raise Invalid(file, 'services', f'none of {len(services)} has the image {image}')
    return text, (of_image or services)[0]


def _environment(file: pathlib.Path, service: dict[str, Any]) -> dict[str, str | None]:
    """Return the value of each variable; `None` where a person has to give one."""
    match service.get('environment') or {}:
        case dict() as mapping:  # pyright: ignore[reportUnknownVariableType]
            given: dict[Any, Any] = mapping  # pyright: ignore[reportUnknownVariableType]
        case list() as lines:  # pyright: ignore[reportUnknownVariableType]
            pairs = [str(line).partition('=') for line in lines]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            given = {name: value if equals else None for name, equals, value in pairs}
        case _:
            raise Invalid(file, 'environment', 'must be a list or a mapping')
    return {
        str(name): None if value is None else _plain(str(value)) for name, value in given.items()
    }


def _plain(value: str) -> str:
    """Return a value as Compose resolves it, with a placeholder for what a person has to set."""

    def resolve(found: re.Match[str]) -> str:
        if found[0] == '$$':
            return '$'
        return f'<{found[0]}>' if found['default'] is None else found['default']

    # Compose would pass on quotes around it, which nobody means.
    return re.sub(
        r'^(["\'])(.*)\1$', r'\2', _REFERENCE.sub(resolve, value).strip(), flags=re.DOTALL
    )
