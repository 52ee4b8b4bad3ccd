# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The JSON or YAML documents of a file. No error repeats what the file holds."""

import json
import re
from collections.abc import Iterable
from typing import IO, Any, NamedTuple, cast

import yaml

from ..refusals import Unreadable
from . import pasted

# The largest output of `juju show-unit` that makes sense: thousands of relations, in YAML.
_LIMIT = 16 * 2**20
_LAST_WORD = re.compile(r'[a-z0-9.-]{0,5}\s*')
_NOT_INDENTED = re.compile(r'^\S', re.MULTILINE)


class Documents(NamedTuple):
    """What a file holds: in YAML one document for each unit."""

    all: list[dict[str, Any]]

    end_in_yaml: bool
    """YAML that is cut at a line's end can be YAML still; JSON cannot be JSON."""


def read(file: IO[bytes]) -> Documents:
    """Read all documents of a file.

    Raises:
        Unreadable: if there is none, or one is neither JSON nor YAML.
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
    documents: list[dict[str, Any]] = []
    position, is_yaml = 0, False
    while start := pasted.START.search(text, position):
        pasted.check_around(text[position : start.start()])
        is_yaml = text[start.start()] != '{'
        read_one = _yaml if is_yaml else _json
        try:
            document, position = read_one(text, start.start())
        except RecursionError:
            raise Unreadable('is nested too deeply') from None
        documents.append(document)
    pasted.check_around(text[position:])
    if not documents:
        raise Unreadable(f'is not the output of `juju show-unit`; show it: {pasted.SHOW_UNITS}')
    return Documents(documents, is_yaml)


def _json(text: str, start: int) -> tuple[dict[str, Any], int]:
    """Return the JSON object that starts there, and where it ends."""
    try:
        return json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        if error.msg.startswith('Unterminated') or _LAST_WORD.fullmatch(text, error.pos):
            raise Unreadable(pasted.CUT) from None
        raise Unreadable(f'is not JSON: line {error.lineno}, column {error.colno}') from None
    except ValueError:  # A number that is too long for Python.
        raise Unreadable('is not JSON from Juju: it has a number that is too long') from None


def _yaml(text: str, start: int) -> tuple[dict[str, Any], int]:
    """Return the unit in YAML that starts there, and where it ends."""
    following = _NOT_INDENTED.search(text, start + 1)
    end = following.start() if following else len(text)
    unit = text[start:end]
    # This loader reads every value as a string, which is what charms write.
    loader = getattr(yaml, 'CBaseLoader', yaml.BaseLoader)
    try:
        # Juju writes no aliases, and a few of them can expand to millions of values.
        events = cast('Iterable[object]', yaml.parse(unit, Loader=loader))  # pyright: ignore[reportUnknownMemberType]
        for event in events:
            if isinstance(event, yaml.AliasEvent):
                raise Unreadable('is not YAML from Juju: it has an alias')
            # Juju writes `{}`, `[]` or `""` for what is empty.
            if isinstance(event, yaml.ScalarEvent) and not event.value and not event.style:
                raise Unreadable(pasted.CUT)
        return yaml.load(unit, loader), end  # noqa: S506 - it makes texts, lists and maps only.
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if mark and mark.line >= unit.rstrip().count('\n'):
            raise Unreadable(pasted.CUT) from None
        line = text.count('\n', 0, start) + 1
        place = f': line {line + mark.line}, column {mark.column + 1}' if mark else ''
        raise Unreadable(f'is not YAML{place}') from None
    except (yaml.YAMLError, ValueError):
        raise Unreadable('is not YAML') from None
