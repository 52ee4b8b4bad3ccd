# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What people paste besides the output of `juju show-unit`, or instead of it."""

import re

from . import refusals
from .unreadable import Unreadable

SHOW_UNITS = 'juju show-unit CONNECTOR/0 OPENCTI/0 | opencti-connector check'

# A Markdown fence, a prompt with or without a command, and what Juju says besides. All begin a
# line, where a dump has nothing but a unit's name or a bracket.
_NOISE = re.compile(
    r'^(?:[ ]{0,3}(?:```|~~~).*'
    r'|(?:[^\s{["].*)?[$#%>\u276f][ ]+(?:juju|opencti-connector)[ ].*'
    r'|(?:juju|opencti-connector)[ ].*'
    r'|[^\s{["]*[$#%>\u276f][ ]*'
    r'|(?:\d\d:\d\d:\d\d[ ]+)?(?:WARNING|INFO|DEBUG)\b.*)\r?$',
    re.MULTILINE,
)
_ERROR = re.compile(r'^(?:\d\d:\d\d:\d\d +)?ERROR\b:?(.*(?:\n(?!\S+/\d+:).*)*)', re.MULTILINE)
_UNIT = re.compile(r'^ *["{]*[a-z][a-z0-9-]*/\d+"?:', re.MULTILINE)
_OTHER = (
    (
        'juju status',
        re.compile(
            r'\AModel +Controller|^(?:App|Unit|Machine|SAAS|Offer|Integration provider)  +\S', re.M
        ),
    ),
    ('juju debug-log', re.compile(r'\A(?:unit|machine|controller)-\S+: \d\d:\d\d:\d\d ')),
)


def has_unit(text: str) -> bool:
    """Return whether a text has a line for a unit, as `juju show-unit` writes it."""
    return bool(_UNIT.search(text))


def cleaned(text: str) -> str:
    """Leave out what does not belong to a dump; the lines keep their numbers.

    Raises:
        Unreadable: if this is an error, or the output of another command.
    """
    error = _ERROR.search(text)
    if error is not None:
        raise Unreadable(f'is an error of Juju: {refusals.cause(error[1])}')
    text = _NOISE.sub('', text)
    for command, shape in _OTHER:
        if shape.search(text.lstrip()):
            raise Unreadable(is_of(command))
    return text


def is_of(command: str) -> str:
    """Say that a text is the output of another command."""
    return f'is the output of `{command}`; this reads another one: {SHOW_UNITS}'
