# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Names: of an option and its variable, of a charm, of a charm's class."""

import builtins
import keyword
import re

import pydantic

_VARIABLE = re.compile(r'[A-Z]([A-Z0-9_]*[A-Z0-9])?', re.ASCII)
# Charmcraft accepts at most 40 characters, and Juju wants a letter in each part.
_CHARM = re.compile(r'[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*', re.ASCII)
_CHARM_LENGTH = 40
_TAKEN = {'date', 'datetime', 'ops', 'time', 'timedelta', *vars(builtins)}


def option_name(variable: str) -> str:
    """Return the option that the library turns into this variable.

    Raises:
        ValueError: if there is none.
    """
    if not _VARIABLE.fullmatch(variable):
        raise ValueError(
            'no option can set this variable: it must consist of capitals, digits and '
            'underscores, begin with a capital and not end with an underscore'
        )
    return variable.lower().replace('_', '-')


def field_name(option: str) -> str:
    """Return the name of an option's field in the model; a name that is taken ends with `_`."""
    name = option.replace('-', '_')
    is_taken = keyword.iskeyword(name) or hasattr(pydantic.BaseModel, name) or name in _TAKEN
    return f'{name}_' if is_taken else name


def charm_name(slug: str) -> str:
    """Return a name for a connector's charm, short enough for Charmcraft.

    The second word goes first, so that two connectors of one vendor keep different names.
    """
    parts: list[str] = []
    for word in re.findall(r'[a-z0-9]+', slug.lower()):
        if word.isdigit() and parts:  # A part of a name must have a letter.
            parts[-1] += word
        else:
            parts.append(word)
    if not parts:
        return ''
    if parts[0][0].isdigit():
        parts[0] = f'c{parts[0]}'
    if parts[-1] == 'connector':
        parts.pop()
    while len('-'.join([*parts, 'connector'])) > _CHARM_LENGTH and len(parts) > 1:
        del parts[1]
    name = '-'.join([*parts, 'connector'])
    whole = f'opencti-{name}'
    return whole if len(whole) <= _CHARM_LENGTH else name


def check_charm_name(name: str) -> str:
    """Return the name of a charm.

    Raises:
        ValueError: if Charmcraft or Juju would refuse it.
    """
    if len(name) > _CHARM_LENGTH or not _CHARM.fullmatch(name):
        raise ValueError(
            f'must have at most {_CHARM_LENGTH} lower-case letters, digits and hyphens, begin '
            'with a letter, and have a letter in each part between hyphens'
        )
    return name


def class_name(charm: str) -> str:
    """Return the name of a charm's class."""
    return ''.join(part.capitalize() for part in charm.split('-')) + 'Charm'
