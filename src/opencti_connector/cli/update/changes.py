# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What newer metadata changes in a charm's options."""

import dataclasses
from collections.abc import Container
from typing import Any, Literal

import rich.box
import rich.console
import rich.markup
import rich.table

from ..charm.declarations import differences
from ..upstream.options import Option

# Without a terminal, each row is one line.
_LOG_WIDTH = 200

Kind = Literal['added', 'removed', 'changed', 'kept']


@dataclasses.dataclass(frozen=True)
class Change:
    """What changes in one option, and whether this may break a deployed charm."""

    option: str
    kind: Kind
    what: str = ''
    is_breaking: bool = False


def changes(
    declared: dict[str, dict[str, Any]], options: list[Option], gone: Container[str]
) -> list[Change]:
    """Compare what a charm declares with what upstream says now.

    Args:
        declared: The declarations of the charm's options.
        options: The options of the connector.
        gone: The options that upstream no longer has.
    """
    found: list[Change] = []
    wanted = {option.name: option.declaration() for option in options}
    for name, new in wanted.items():
        old = declared.get(name)
        if old is None:
            is_required = new.get('optional') is False
            found.append(Change(name, 'added', 'required' if is_required else '', is_required))
        elif keys := differences(old, new):
            found.append(Change(name, 'changed', _describe(old, new, keys), _breaks(new, keys)))
    found += [
        Change(option.name, 'kept', 'deprecated by upstream')
        for option in options
        if option.schema.deprecated and option.name in declared
    ]
    for name in declared:
        if name in gone:
            found.append(Change(name, 'removed', 'by upstream', True))
        elif name not in wanted:
            found.append(Change(name, 'kept', 'unknown to upstream'))
    return found


def print_changes(found: list[Change]) -> None:
    """Print a table of changes."""
    table = rich.table.Table(box=rich.box.SIMPLE)
    table.add_column('option', no_wrap=True)
    table.add_column('change')
    table.add_column('what', overflow='fold')
    table.add_column('breaking')
    for change in found:
        what = rich.markup.escape(change.what)
        table.add_row(change.option, change.kind, what, 'yes' if change.is_breaking else '')
    console = rich.console.Console(highlight=False)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    console.print(table)


def _breaks(new: dict[str, Any], keys: list[str]) -> bool:
    return 'type' in keys or ('optional' in keys and new.get('optional') is False)


def _describe(old: dict[str, Any], new: dict[str, Any], keys: list[str]) -> str:
    descriptions = {
        'type': f'type: {old.get("type", "string")} to {new.get("type")}',
        'default': f'default: {_value(old)} to {_value(new)}',
        'optional': 'now required' if new.get('optional') is False else 'no longer required',
        'description': 'description',
    }
    return ', '.join(descriptions[key] for key in keys)


def _value(declaration: dict[str, Any]) -> str:
    default = declaration.get('default')
    return 'none' if default is None else repr(default)
