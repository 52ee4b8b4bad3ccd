# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand `new`: from upstream's metadata to a charm."""

import dataclasses
import pathlib

import click

from .charm.charm import Charm
from .charm.connector import Connector, read_connector
from .charm.decisions import decide, note_credentials, remember
from .charm.directory import check_empty, write_files
from .charm.files import render_charm
from .charm.memory import FILE, Generated, Memory, Settings
from .charm.origin import Source, said, where
from .charm.pieces import digests, pieces_of
from .charm.requirement import requirement
from .invalid import Invalid
from .upstream import names
from .upstream.checkout import find_beside
from .upstream.dockerfile import Start
from .upstream.start import ROCK, image_start

_FILE = click.Path(path_type=pathlib.Path)


@click.command('new')
@click.argument('directory', type=_FILE)
@click.option('--manifest', type=_FILE, required=True, help='The connector_manifest.json.')
@click.option(
    '--schema',
    type=_FILE,
    help='The connector_config_schema.json.  [default: the one beside the manifest]',
)
@click.option(
    '--compose',
    type=_FILE,
    help='A compose file, read if there is no schema.  [default: the one beside the manifest]',
)
@click.option('--name', help="The charm's name.  [default: from the connector's slug]")
@click.option('--deprecated', is_flag=True, help='Include options that upstream deprecates.')
@click.option('--secret', 'secrets', multiple=True, help='Make this option a secret.')
@click.option('--rock', is_flag=True, help="Run the connector from a rock, not upstream's image.")
@click.option('--dockerfile', type=_FILE, help='Start the connector as this Dockerfile does.')
@click.option('--command', 'start_command', help='Start the connector with this command.')
@click.option('--working-dir', help='Start the connector in this directory.')
@click.option('--user', help='Start the connector as this user of the image.')
def command(
    directory: pathlib.Path,
    manifest: pathlib.Path,
    schema: pathlib.Path | None,
    compose: pathlib.Path | None,
    name: str | None,
    deprecated: bool,
    secrets: tuple[str, ...],
    rock: bool,
    dockerfile: pathlib.Path | None,
    start_command: str | None,
    working_dir: str | None,
    user: str | None,
) -> None:
    """Make a connector's charm from upstream's metadata.

    DIRECTORY must be empty, or not exist.
    """
    check_empty(directory)
    if schema is not None and compose is not None:
        raise click.UsageError('--compose is for a connector without --schema')
    connector = read_connector(
        manifest,
        schema,
        compose_file=compose,
        with_deprecated=deprecated,
    )
    wanted = {name.lower().replace('_', '-') for name in secrets}
    if unknown := wanted - {option.name for option in connector.options}:
        raise click.BadParameter(f'no option {", ".join(sorted(unknown))}', param_hint='--secret')
    if start_command is not None or rock:
        dockerfile = None
        start = ROCK if start_command is None else Start(start_command)
    else:
        dockerfile = dockerfile or find_beside(manifest, 'dockerfile')
        start = image_start(connector.manifest.source_directory, dockerfile)
    memory = Memory(directory)
    plain = [name for name in connector.likely_secrets if name not in wanted]
    note_credentials(memory.content, plain, wanted)
    charm = Charm(
        name=_name(connector, manifest, name),
        connector=dataclasses.replace(
            connector, options=decide(connector.options, memory.content)
        ),
        start=Start(start.command, working_dir or start.working_dir, user or start.user),
        is_rock=rock,
        requirement=requirement(),
    )
    texts = render_charm(charm)
    # What a person gives is a decision: upstream does not say it.
    decided = {
        'command': start_command is not None,
        'working-dir': start_command is not None or working_dir is not None,
        'user': start_command is not None or user is not None,
    }
    upstream = said(connector, start)
    memory.content.upstream = where(memory, Source(manifest, schema, compose, dockerfile))
    memory.content.charm = Settings.model_validate(
        {'name': charm.name, **({'rock': True} if rock else {}), **said(connector, charm.start)}
    )
    memory.content.generated = Generated(
        slug=connector.manifest.slug,
        has_schema=connector.has_schema,
        charm=Settings.model_validate({k: v for k, v in upstream.items() if not decided.get(k)}),
        options=remember(charm.options, connector.options),
        files=digests(pieces_of(texts, texts, charm.name)),
    )
    texts[FILE] = memory.text()
    write_files({directory / path: text for path, text in texts.items()})
    _report(directory, charm, [*connector.files, *([dockerfile] if dockerfile else [])], plain)


def _name(connector: Connector, manifest: pathlib.Path, name: str | None) -> str:
    try:
        return names.check_charm_name(name or names.charm_name(connector.manifest.slug))
    except ValueError as error:
        if name is not None:
            raise click.BadParameter(str(error), param_hint='--name') from None
        raise Invalid(manifest, 'slug', 'gives no name for a charm; pass --name') from None


def _report(
    directory: pathlib.Path, charm: Charm, files: list[pathlib.Path], plain: list[str]
) -> None:
    start, connector = charm.start, charm.connector
    click.echo(f'{directory}: {charm.name}, {len(charm.options)} options')
    click.echo(f'Read: {", ".join(map(str, files))}.')
    where = f' in {start.working_dir}' if start.working_dir else ''
    whom = f' as {start.user}' if start.user else ''
    click.echo(f'The connector starts with `{start.command}`{where}{whom}.')
    for note in connector.notes:
        click.echo(f'Note: {note}.')
    if charm.moving_tag:
        click.echo(f'The image {charm.image} has a tag that moves.')
    if charm.is_of_this_machine:
        click.echo(
            f'requirements.txt has {charm.requirement}, which is on this machine only: '
            'name a repository and a commit there before you pack the charm.'
        )
    if plain:
        secrets = ' '.join(f'--secret {name}' for name in plain)
        click.echo(f'By their names, plain options that should be secrets: {secrets}')
    if charm.left_to_do:
        found = connector.compose_file or 'no compose file beside the manifest, either'
        click.echo(f'Without a schema ({found}), there is more to do:')
        for number, step in enumerate(charm.left_to_do, start=1):
            click.echo(f'{number}. {step}')
    click.echo(f'{directory / "README.md"} says how to test, pack and deploy the charm.')
