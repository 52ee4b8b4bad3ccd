# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What becomes of a charm's options when upstream's metadata is newer."""

import dataclasses
from collections.abc import Container
from typing import Any, Literal

import rich.box
import rich.console
import rich.markup
import rich.table

from ._declarations import differences
from ._options import Option

# Where nobody looks at a screen, a line is a line.
_LOG_WIDTH = 200

Kind = Literal['came', 'went', 'changed', 'kept']


@dataclasses.dataclass(frozen=True)
class Change:
    """What becomes of an option, and whether deployed charms notice."""

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
        gone: The options that upstream had, and has no more.
    """
    found: list[Change] = []
    wanted = {option.name: option.declaration() for option in options}
    for name, new in wanted.items():
        old = declared.get(name)
        if old is None:
            is_required = new.get('optional') is False
            found.append(Change(name, 'came', 'required' if is_required else '', is_required))
        elif keys := differences(old, new):
            found.append(Change(name, 'changed', _told(old, new, keys), _breaks(new, keys)))
    found += [
        Change(option.name, 'kept', 'deprecated by upstream')
        for option in options
        if option.schema.deprecated and option.name in declared
    ]
    for name in declared:
        if name in gone:
            found.append(Change(name, 'went', 'upstream has it no more', True))
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


def _told(old: dict[str, Any], new: dict[str, Any], keys: list[str]) -> str:
    told = {
        'type': f'type: {old.get("type", "string")} to {new.get("type")}',
        'default': f'default: {_value(old)} to {_value(new)}',
        'optional': 'newly required' if new.get('optional') is False else 'no longer required',
        'description': 'description',
    }
    return ', '.join(told[key] for key in keys)


def _value(declaration: dict[str, Any]) -> str:
    default = declaration.get('default')
    return 'none' if default is None else repr(default)
