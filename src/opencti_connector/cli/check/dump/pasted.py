# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What people paste around the output of `juju show-unit`, or instead of it."""

import re

from .. import refusals
from ..refusals import Unreadable

SHOW_UNITS = 'juju show-unit CONNECTOR/0 OPENCTI/0 | opencti-connector check'
CUT = f'seems cut: show it again, whole: {SHOW_UNITS}'

_UNIT = r'[a-z][a-z0-9-]*/\d+:[ ]*(?:$|\{)'
START = re.compile(rf'(?:^|(?<=\}}))\{{\s*(?:["}}]|\Z)|^{_UNIT}', re.MULTILINE)
"""Where a dump begins: JSON, or a unit in YAML. What is around dumps does not look like that."""

# Colours and titles of a terminal, and what else neither JSON nor YAML has.
_OF_TERMINAL = re.compile(
    r'\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f]'
)
_ODD_INDENT = re.compile('^ *[\u00a0\u200b\ufeff][ \u00a0\u200b\ufeff]*', re.MULTILINE)
# What a mail, a difference or Markdown puts in front of each line.
_QUOTED = re.compile(rf'^[ \t>|+]*(?=\{{[ ]*(?:["}}]|$)|{_UNIT})', re.MULTILINE)
_ERROR = re.compile(r'^[ >]*(?:\d\d:\d\d:\d\d +)?ERROR\b:?(.*(?:\n(?!\S+/\d+:).*)*)', re.MULTILINE)
_OTHER = (
    (
        'juju status',
        re.compile(
            r'^[^\w\n]*(?:Model +Controller|(?:App|Unit|Machine|SAAS|Offer)  +\S'
            r'|Integration provider  +\S|applications:$)',
            re.MULTILINE,
        ),
    ),
    (
        'juju debug-log',
        re.compile(r'^[^\w\n]*(?:unit|machine|controller)-\S+: \d\d:\d\d:\d\d ', re.MULTILINE),
    ),
)
# Only a dump has these, and each line of it follows its beginning.
_INSIDE = re.compile(
    r'^[^\w\n]+(?:relation-info|relation-id|related-endpoint|application-data|related-units'
    r'|in-scope)"?:',
    re.MULTILINE,
)


def cleaned(text: str) -> str:
    """Return a text without what a terminal or a mail adds to each line.

    Raises:
        Unreadable: if this is an error, or the output of another command.
    """
    text = _OF_TERMINAL.sub('', text.replace('\r\n', '\n').replace('\r', '\n'))
    text = _ODD_INDENT.sub(lambda odd: ' ' * len(re.sub('[\u200b\ufeff]', '', odd[0])), text)
    error = _ERROR.search(text)
    if error is not None:
        raise Unreadable(f'is an error of Juju: {refusals.cause(error[1])}')
    if START.search(text):
        return text
    for command, shape in _OTHER:
        if shape.search(text):
            raise Unreadable(is_of(command))
    quote = min(_QUOTED.findall(text), key=len, default='')
    blank = re.escape(quote.rstrip())
    return re.sub(f'^{re.escape(quote)}|^{blank}$', '', text, flags=re.MULTILINE)


def check_around(text: str) -> None:
    """Check what is around dumps.

    Raises:
        Unreadable: if a part of a dump is there.
    """
    if _INSIDE.search(text):
        raise Unreadable(CUT)


def is_of(command: str) -> str:
    """Say that a text is the output of another command."""
    return f'is the output of `{command}`; this reads another one: {SHOW_UNITS}'
