# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand itself: its arguments and exit codes."""

import sys
from typing import BinaryIO

import click

from . import documents, relations, report, report_as_json, rules, show_unit
from .unreadable import Unreadable


@click.command('check')
@click.argument('files', metavar='[FILE]...', nargs=-1, type=click.File('rb'))
@click.option(
    '--endpoint', default='opencti-connector', show_default=True, help="The endpoint's name."
)
@click.option('--strict', is_flag=True, help='Exit with 1 if one end of a relation is not shown.')
@click.option(
    '--format',
    'style',
    type=click.Choice(['text', 'json']),
    default='text',
    show_default=True,
    help='Text for people, JSON for scripts.',
)
def command(files: tuple[BinaryIO, ...], endpoint: str, strict: bool, style: str) -> None:
    """Find what is wrong with a relation, and what to type next.

    FILE holds the output of `juju show-unit`, as YAML or JSON, for any number of units. Without
    FILE, standard input is read. Give units of both ends:

    \b
        juju show-unit connector/0 opencti/0 | opencti-connector check

    It shows no value that may be a token. It exits with 0 if nothing is wrong, 1 if something is,
    and 2 if the input cannot be read.
    """  # noqa: D301 - click's mark for lines that stay as they are.
    units: list[tuple[str, show_unit.Unit]] = []
    for file in files or (_standard_input(),):
        try:
            units.extend(show_unit.read(documents.read(file)))
        except Unreadable as error:
            raise _Unreadable(f'{_name(file)} {error}') from None
    found = relations.find(units, relations.looks_like_ours(endpoint))
    checked = [(relation, rules.check_relation(relation)) for relation in found]
    result = report.Report(
        checked, [*rules.check_number(checked), *rules.check_unrelated(units, found)]
    )
    if style == 'json':
        click.echo(report_as_json.show(result))
    else:
        report.show(result)
    sys.exit(0 if result.is_ok and (result.is_complete or not strict) else 1)


class _Unreadable(click.ClickException):
    exit_code = 2


def _standard_input() -> BinaryIO:
    if sys.stdin.isatty():
        raise click.UsageError('name a file, or pipe in the output of `juju show-unit`')
    return sys.stdin.buffer


def _name(file: BinaryIO) -> str:
    name = getattr(file, 'name', '-')
    return 'standard input' if name in ('-', '<stdin>') else str(name)
