# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand `update`: newer metadata for charms that exist."""

import pathlib

import click

from ..charm.directory import write_files
from .changes import print_table
from .many import update_all
from .plan import Plan, plan
from .source import Named

_FILE = click.Path(path_type=pathlib.Path)


@click.command('update')
@click.argument(
    'directory',
    type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path),
    default='.',
)
@click.option('--manifest', type=_FILE, help='The connector_manifest.json.')
@click.option('--schema', type=_FILE, help='The connector_config_schema.json, if there is one.')
@click.option('--compose', type=_FILE, help='A compose file, read if there is no schema.')
@click.option('--upstream', type=_FILE, help="A checkout of upstream's connectors.")
@click.option('--deprecated', is_flag=True, help='Include options that upstream deprecates.')
@click.option('--all', 'is_all', is_flag=True, help='Update every charm below DIRECTORY.')
@click.option('--check', is_flag=True, help='Write nothing; exit with 1 if something differs.')
@click.pass_context
def command(
    context: click.Context,
    directory: pathlib.Path,
    manifest: pathlib.Path | None,
    schema: pathlib.Path | None,
    compose: pathlib.Path | None,
    upstream: pathlib.Path | None,
    deprecated: bool,
    is_all: bool,
    check: bool,
) -> None:
    """Bring a charm up to date with upstream's metadata.

    The metadata is where DIRECTORY's opencti-connector.toml says, if no option says it. What
    people decided or changed stays.
    """
    named = Named(manifest, schema, compose, upstream)
    if is_all:
        if manifest or schema or compose:
            raise click.UsageError('--all takes --upstream, and no single file')
        context.exit(update_all(directory, named, with_deprecated=deprecated, check=check))
    found = plan(directory, named, with_deprecated=deprecated)
    if not check:
        write_files({**found.writes, **found.memory})
    _report(found, check=check)
    if check and found.differs:
        context.exit(1)


def _report(found: Plan, *, check: bool) -> None:
    if found.changes:
        rows = [
            (each.option, each.kind, each.what, 'yes' * each.is_breaking) for each in found.changes
        ]
        print_table(('option', 'change', 'what', 'breaking'), rows)
    for remark in found.remarks:
        click.echo(remark)
    for file in [*found.writes, *found.memory]:
        click.echo(f'{file}: {"differs" if check else "written"}')
    if not found.differs:
        click.echo('Up to date.')
