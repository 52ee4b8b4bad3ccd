# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Updates every charm below a directory."""

import os
import pathlib

import click

from ..charm.directory import write_files
from ..charm.memory import FILE
from ..invalid import refusing
from .changes import Change, print_table
from .plan import Plan, plan
from .source import Named


def update_all(
    directory: pathlib.Path, named: Named, *, with_deprecated: bool, check: bool
) -> int:
    """Update every charm that has a memory, and say what changed.

    Returns:
        The exit code: 2 if a charm could not be updated, else 1 if `check` finds differences.
    """
    plans: dict[str, Plan] = {}
    rows: list[tuple[str, str, str]] = []
    errors: list[str] = []
    charms = _charms(directory, errors)
    if not charms and not errors:
        raise click.UsageError(f'no charm below {directory} has an {FILE}')
    for charm in charms:
        where = charm.relative_to(directory).as_posix()
        try:
            with refusing():
                found = plan(charm, named, with_deprecated=with_deprecated)
                if not check:
                    write_files({**found.writes, **found.memory})
        except click.ClickException as error:
            errors.append(f'{where}: {error.format_message()}')
            rows.append((where, 'not updated', ''))
            continue
        rows.append((where, _summary(found), 'yes' if found.is_breaking else ''))
        plans[where] = found
    print_table(('charm', 'changes', 'breaking'), rows)
    for found in plans.values():
        if found.differs:
            click.echo(f'{_paragraph(found)}\n')
    for where, found in plans.items():
        for remark in found.remarks if found.differs or found.memory else ():
            click.echo(f'{where}: {remark}')
    for error in errors:
        click.echo(error, err=True)
    if errors:
        return 2
    return 1 if check and any(found.differs for found in plans.values()) else 0


def _charms(directory: pathlib.Path, errors: list[str]) -> list[pathlib.Path]:
    def note(error: OSError) -> None:
        errors.append(f'{error.filename}: {error.strerror}')

    found: list[pathlib.Path] = []
    for folder, folders, files in os.walk(directory, onerror=note):
        folders[:] = sorted(each for each in folders if not each.startswith('.'))
        if FILE in files:
            found.append(pathlib.Path(folder))
            folders.clear()  # Below a charm there are only copies of it.
    return found


def _summary(found: Plan) -> str:
    if not found.differs:
        return 'up to date'
    kinds = [change.kind for change in found.changes]
    counts = [f'{kinds.count(kind)} {kind}' for kind in ('added', 'removed', 'changed')]
    counts = [count for count in counts if not count.startswith('0')]
    if found.left_alone:
        counts.append(f'{len(found.left_alone)} left to a person')
    return ', '.join(counts) or 'texts'


def _paragraph(found: Plan) -> str:
    """Return what a charm's changelog may say."""
    lines = [_line(change) for change in found.changes if change.kind != 'kept']
    lines += [
        f'- {piece.name}: a person changed it; compare it by hand' for piece in found.left_alone
    ]
    files = ', '.join(f'`{file.name}`' for file in found.writes)
    return '\n'.join([f'## {found.name}', '', *(lines or [f'- Renewed {files}'])])


def _line(change: Change) -> str:
    what = f': {change.what}' if change.what else ''
    name = change.option if change.option.startswith('charm ') else f'`{change.option}`'
    return f'- {change.kind.capitalize()} {name}{what}{" (**breaking**)" * change.is_breaking}'
