# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The JSON or YAML documents of a file. No error repeats what the file holds."""

import json
import re
from collections.abc import Iterable
from typing import IO, NamedTuple, cast

import yaml

from . import pasted
from .unreadable import Unreadable

# The largest output of `juju show-unit` that makes sense: thousands of relations, in YAML.
_LIMIT = 16 * 2**20
_LAST_WORD = re.compile(r'[a-z0-9.-]{0,5}\s*')
_NOT_BLANK = re.compile(r'\S')
CUT = f'seems cut at its end: show it again, whole: {pasted.SHOW_UNITS}'


class Documents(NamedTuple):
    """What a file holds."""

    all: list[object]

    are_yaml: bool
    """YAML that is cut at a line's end can be YAML still; JSON cannot be JSON."""


def read(file: IO[bytes]) -> Documents:
    """Read all documents of a file.

    Raises:
        Unreadable: if it is neither JSON nor YAML.
    """
    data = file.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise Unreadable(f'is larger than {_LIMIT // 2**20} MiB')
    try:
        text = pasted.cleaned(data.decode('utf-8-sig'))
    except UnicodeDecodeError:
        raise Unreadable('is not text in UTF-8') from None
    if not text.strip():
        raise Unreadable('is empty; look at the errors of `juju show-unit`')
    is_json = text.lstrip()[0] in '{['
    try:
        return Documents(_json(text) if is_json else _yaml(text), not is_json)
    except RecursionError:
        raise Unreadable('is nested too deeply') from None


def _json(text: str) -> list[object]:
    decoder = json.JSONDecoder()
    documents: list[object] = []
    position = 0
    while start := _NOT_BLANK.search(text, position):
        try:
            document, position = decoder.raw_decode(text, start.start())
        except json.JSONDecodeError as error:
            if error.msg.startswith('Unterminated') or _LAST_WORD.fullmatch(text, error.pos):
                raise Unreadable(CUT) from None
            raise Unreadable(f'is not JSON: line {error.lineno}, column {error.colno}') from None
        except ValueError:  # A number that is too long for Python.
            raise Unreadable('is not JSON from Juju: it has a number that is too long') from None
        documents.append(document)
    return documents


def _yaml(text: str) -> list[object]:
    # This loader reads every value as a string, which is what charms write.
    loader = getattr(yaml, 'CBaseLoader', yaml.BaseLoader)
    last = None
    try:
        # Juju writes no aliases, and a few of them can expand to millions of values.
        events = cast('Iterable[object]', yaml.parse(text, Loader=loader))  # pyright: ignore[reportUnknownMemberType]
        for event in events:
            if isinstance(event, yaml.AliasEvent):
                raise Unreadable('is not YAML from Juju: it has an alias')
            last = event if isinstance(event, yaml.ScalarEvent) else last
        # Juju writes `{}`, `[]` or `""` for what is empty.
        if last is not None and not last.value and not last.style and pasted.has_unit(text):
            raise Unreadable(CUT)
        return list(yaml.load_all(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if mark and mark.line >= text.rstrip().count('\n') and pasted.has_unit(text):
            raise Unreadable(CUT) from None
        place = f': line {mark.line + 1}, column {mark.column + 1}' if mark else ''
        raise Unreadable(f'is neither JSON nor YAML{place}') from None
    except (yaml.YAMLError, ValueError):
        raise Unreadable('is neither JSON nor YAML') from None
