# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand itself: its arguments and exit codes."""

import sys

import click

from . import masking, relations
from .dump import documents, show_unit
from .finding import Report
from .place import Place
from .refusals import Unreadable
from .report import as_json, as_text
from .rules import apply


@click.command('check')
@click.argument('what', metavar='[FILE]...', nargs=-1)
@click.option(
    '--juju',
    'is_live',
    is_flag=True,
    help='Ask juju itself. In place of FILE, the name of an application may follow.',
)
@click.option('--model', '-m', default='', help='The model to ask for, as juju takes it.')
@click.option('--endpoint', help="The endpoint's name.  [default: opencti-connector]")
@click.option('--strict', is_flag=True, help='Exit with 1 if one end of a relation is not shown.')
@click.option(
    '--format',
    'style',
    type=click.Choice(['text', 'json']),
    default='text',
    show_default=True,
    help='Text for people, JSON for scripts.',
)
@click.option(
    '--report', 'ticket', type=click.Path(), help='Write the text to this file, too, for a ticket.'
)
def command(
    what: tuple[str, ...],
    is_live: bool,
    model: str,
    endpoint: str | None,
    strict: bool,
    style: str,
    ticket: str | None,
) -> None:
    """Find what is wrong with a relation, and what to type next.

    With --juju it asks juju itself, and changes nothing:

    \b
        opencti-connector check --juju connector

    Else FILE holds the output of `juju show-unit`, as YAML or JSON, for any number of units.
    Without FILE, standard input is read. Give units of both ends:

    \b
        juju show-unit connector/0 opencti/0 | opencti-connector check

    It shows no value that may be a token. It exits with 0 if nothing is wrong, 1 if something is,
    and 2 if the input cannot be read, or Juju does not answer.
    """  # noqa: D301 - click's mark for lines that stay as they are.
    if model and not is_live:
        raise click.UsageError('--model is for --juju')
    if endpoint and is_live:
        raise click.UsageError('--endpoint is not for --juju, which tells the interface of each')
    result = _look(what, model) if is_live else _read(what, endpoint or 'opencti-connector')
    if style == 'json':
        click.echo(as_json.show(result))
    else:
        as_text.show(result)
    if ticket is not None:
        try:
            with open(ticket, 'w', encoding='utf-8') as file:
                as_text.show(result, file)
        except OSError as error:
            raise Unreadable(f'{ticket} cannot be written: {error.strerror}') from None
    sys.exit(0 if result.is_ok and (result.is_complete or not strict) else 1)


def _look(apps: tuple[str, ...], model: str) -> Report:
    """Ask Juju."""
    if len(apps) > 1:
        raise click.UsageError('with --juju, name one application')
    # Only this needs jubilant.
    from .juju import look

    return look.look(model, ''.join(apps), lambda line: click.echo(line, err=True))


def _read(names: tuple[str, ...], endpoint: str) -> Report:
    """Read the output of `juju show-unit`."""
    units: list[tuple[str, show_unit.Unit]] = []
    for name in names or ('-',):
        if name == '-' and sys.stdin.isatty():
            raise click.UsageError(
                'name a file, or pipe in the output of `juju show-unit`, or use --juju'
            )
        try:
            with click.open_file(name, 'rb') as file:
                units.extend(show_unit.read(documents.read(file)))
        except OSError as error:
            is_app = isinstance(error, FileNotFoundError) and masking.harmless_name(name)
            hint = f'; if it is an application: {Place([name]).look()}' if is_app else ''
            raise Unreadable(f'{name} cannot be read: {error.strerror}{hint}') from None
        except Unreadable as error:
            where = 'standard input' if name == '-' else name
            raise Unreadable(f'{where} {error}') from None
    found = relations.find(units, endpoint=endpoint)
    checked = [apply.check_relation(relation) for relation in found]
    return Report(checked, [*apply.check_number(checked), *apply.check_unrelated(units, found)])
