# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What newer metadata changes in a charm's options."""

import dataclasses
from collections.abc import Container, Sequence
from typing import Any, Literal

import rich.box
import rich.console
import rich.markup
import rich.table

from ..charm.declarations import differences
from ..charm.memory import Content, Settings
from ..upstream.options import Option
from ..upstream.succession import successor_of

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
    declared: dict[str, dict[str, Any]],
    options: list[Option],
    gone: Container[str],
    content: Content,
) -> list[Change]:
    """Compare what a charm declares with what upstream says now.

    Args:
        declared: The declarations of the charm's options.
        options: The options of the connector, as people decided them.
        gone: The options that upstream no longer has.
        content: What people decided.
    """
    found: list[Change] = []
    wanted = {option.name: option.declaration() for option in options}
    for name, new in wanted.items():
        old = declared.get(name)
        if old is None:
            is_required = new.get('optional') is False
            found.append(Change(name, 'added', 'required' if is_required else '', is_required))
        elif keys := differences(old, new):
            found.append(
                Change(name, 'changed', _describe(old, new, keys), _breaks(old, new, keys))
            )
    for option in options:
        if option.schema.deprecated and option.name in declared:
            successor = successor_of(option)
            what = f'deprecated by upstream{f", replaced by {successor}" if successor else ""}'
            found.append(Change(option.name, 'kept', what))
    for name in declared:
        if name in gone:
            found.append(Change(name, 'removed', 'by upstream', True))
        elif name in content.omitted:
            found.append(Change(name, 'removed', 'decided', True))
        elif name not in wanted:
            found.append(Change(name, 'kept', 'unknown to upstream'))
    found += [
        Change(name, 'kept', f'decided: {what}{f" ({reason})" if reason else ""}')
        for name, what, reason in _decisions(content)
        if name not in {change.option for change in found if change.kind != 'kept'}
    ]
    return found


def _decisions(content: Content) -> list[tuple[str, str, str]]:
    found = [
        (n, 'a secret', each.reason) for n, each in content.credentials.items() if each.secret
    ]
    for name, decision in content.options.items():
        parts = {
            'left out': decision.omit,
            f'default {decision.default!r}': decision.default is not None,
            'no default': not decision.has_default,
            'required': decision.optional is False,
            'not required': decision.optional is True,
        }
        what = ', '.join(what for what, is_so in parts.items() if is_so)
        found += [(name, what, decision.reason)] if what else []
    return found


def follow(
    mine: Settings, last: Settings, upstream: dict[str, str], commented: Container[str]
) -> tuple[Settings, list[Change]]:
    """Bring what makes a charm up to date, except for what people decided.

    Args:
        mine: What makes the charm.
        last: What upstream said of it before.
        upstream: What upstream says now.
        commented: What a person wrote a comment behind.
    """
    found: list[Change] = []
    values = mine.model_dump(by_alias=True, exclude_unset=True)
    before = last.model_dump(by_alias=True, exclude_unset=True)
    for key in ('type', 'title', 'image', 'tag', 'command', 'working-dir', 'user'):
        have, old, new = (each.get(key) for each in (values, before, upstream))
        if have is None or (have == old and key not in commented):
            values[key] = new
            if before and old != new:
                what = f'{old or "none"} to {new or "none"}'
                found.append(Change(f'charm {key}', 'changed', what, key == 'type'))
        elif new and have != new:
            found.append(
                Change(f'charm {key}', 'kept', f'decided: {have or "none"}; upstream has {new}')
            )
    values = {key: value for key, value in values.items() if value is not None}
    return Settings.model_validate(values), found


def print_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table; without a terminal, each row is one line."""
    table = rich.table.Table(box=rich.box.SIMPLE)
    for number, column in enumerate(head):
        table.add_column(column, no_wrap=number == 0, overflow='fold')
    for row in rows:
        table.add_row(*map(rich.markup.escape, row))
    console = rich.console.Console(highlight=False)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    console.print(table)


def _breaks(old: dict[str, Any], new: dict[str, Any], keys: list[str]) -> bool:
    """Return whether a deployed charm whose option nobody set does something else."""
    return (
        'type' in keys
        or ('optional' in keys and new.get('optional') is False)
        or ('default' in keys and old.get('default') is not None)
    )


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
