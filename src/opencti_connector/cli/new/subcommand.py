# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand `new`: from upstream's metadata to a charm."""

import dataclasses
import pathlib

import click

from ..charm import config_module, render
from ..charm.charmcraft import OptionsFile
from ..charm.decisions import decide, note_credentials, remember
from ..charm.directory import check_empty, write_directory
from ..charm.memory import FILE, Generated, Memory, Settings
from ..charm.pieces import CHARMCRAFT, digests, pieces_of
from ..connector import Connector, read_connector
from ..invalid import Invalid
from ..upstream import names
from .charm import Charm
from .remember import said, where
from .start import ROCK, Start, read_dockerfile, usual_start

_FILE = click.Path(path_type=pathlib.Path)


@click.command('new')
@click.argument('directory', type=_FILE)
@click.option('--manifest', type=_FILE, required=True, help='The connector_manifest.json.')
@click.option('--schema', type=_FILE, help='The connector_config_schema.json, if there is one.')
@click.option('--name', help="The charm's name.  [default: from the connector's slug]")
@click.option('--deprecated', is_flag=True, help='Include options that upstream deprecates.')
@click.option('--rock', is_flag=True, help="Run the connector from a rock, not upstream's image.")
@click.option('--dockerfile', type=_FILE, help='Start the connector as this Dockerfile does.')
@click.option('--command', 'start_command', help='Start the connector with this command.')
@click.option('--working-dir', help='Start the connector in this directory.')
def command(
    directory: pathlib.Path,
    manifest: pathlib.Path,
    schema: pathlib.Path | None,
    name: str | None,
    deprecated: bool,
    rock: bool,
    dockerfile: pathlib.Path | None,
    start_command: str | None,
    working_dir: str | None,
) -> None:
    """Make a connector's charm from upstream's metadata.

    DIRECTORY must be empty, or not exist.
    """
    check_empty(directory)
    connector = read_connector(manifest, schema, with_deprecated=deprecated)
    start = ROCK if rock else image_start(connector, manifest, dockerfile)
    memory = Memory(directory)
    credentials = note_credentials(connector.options, memory.content)
    charm = Charm(
        name=_name(connector, manifest, name),
        connector=dataclasses.replace(
            connector, options=decide(connector.options, memory.content)
        ),
        start=Start(start_command or start.command, working_dir or start.working_dir),
        is_rock=rock,
    )
    files = render_charm(charm)
    # What a person gives is a decision: upstream does not say it.
    decided = {
        'command': start_command is not None,
        'working-dir': start_command is not None or working_dir is not None,
    }
    upstream = said(connector, start)
    memory.content.upstream = where(memory, manifest, schema, dockerfile)
    memory.content.charm = Settings.model_validate(
        {'name': charm.name, **({'rock': True} if rock else {}), **said(connector, charm.start)}
    )
    memory.content.generated = Generated(
        slug=connector.manifest.slug,
        has_schema=connector.has_schema,
        charm=Settings.model_validate({k: v for k, v in upstream.items() if not decided.get(k)}),
        options=remember(charm.options, connector.options),
        files=digests(pieces_of(files, files, charm.name)),
    )
    write_directory(directory, {**files, FILE: memory.text()})
    _report(directory, charm)
    for option in credentials:
        click.echo(f'Note: {option} looks like a credential; {FILE} says how it becomes a secret.')


def render_charm(charm: Charm) -> dict[str, str]:
    """Return the text of each of a charm's files, by its path."""
    files: dict[str, str] = {}
    for path in render.paths():
        if path == config_module.PATH:
            files[path] = config_module.render_config(charm.options)
        else:
            text = render.render(path, charm=charm)
            files[path] = render.format_python(text) if path.endswith('.py') else text
    declared = OptionsFile(pathlib.Path(CHARMCRAFT), files[CHARMCRAFT])
    return {**files, CHARMCRAFT: declared.updated(charm.options)}


def image_start(
    connector: Connector, manifest: pathlib.Path, dockerfile: pathlib.Path | None
) -> Start:
    """Return how a connector's image starts."""
    # In a clone of upstream's repository, the Dockerfile is beside `__metadata__`.
    beside = manifest.absolute().parent.parent / 'Dockerfile'
    if (
        dockerfile is None
        and manifest.absolute().parent.name == '__metadata__'
        and beside.exists()
    ):
        dockerfile = beside
    if dockerfile is not None:
        return read_dockerfile(dockerfile)
    return usual_start(connector.manifest.source_directory)


def _name(connector: Connector, manifest: pathlib.Path, name: str | None) -> str:
    try:
        return names.check_charm_name(name or names.charm_name(connector.manifest.slug))
    except ValueError as error:
        if name is not None:
            raise click.BadParameter(str(error), param_hint='--name') from None
        raise Invalid(manifest, 'slug', 'gives no name for a charm; pass --name') from None


def _report(directory: pathlib.Path, charm: Charm) -> None:
    where = f' in {charm.start.working_dir}' if charm.start.working_dir else ''
    click.echo(f'{directory}: {charm.name}, {len(charm.options)} options')
    click.echo(f'The connector starts with `{charm.start.command}`{where}.')
    for note in charm.connector.notes:
        click.echo(f'Note: {note}.')
    if charm.left_to_do:
        click.echo('Upstream has no schema of this connector. To complete the charm:')
        for number, step in enumerate(charm.left_to_do, start=1):
            click.echo(f'{number}. {step}')
