# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The subcommand `update`: newer metadata for a charm that exists."""

import ast
import pathlib

import click

from ..charm.charmcraft import OptionsFile
from ..charm.config_module import MARK, PATH, render_config
from ..charm.directory import write_files
from ..connector import read_connector
from ..invalid import Invalid
from .changes import changes, print_changes

_FILE = click.Path(path_type=pathlib.Path)


@click.command('update')
@click.argument('directory', type=_FILE)
@click.option('--manifest', type=_FILE, required=True, help='The connector_manifest.json.')
@click.option('--schema', type=_FILE, help='The connector_config_schema.json, if there is one.')
@click.option('--deprecated', is_flag=True, help='Include options that upstream deprecates.')
@click.option('--check', is_flag=True, help='Write nothing; exit with 1 if something differs.')
@click.pass_context
def command(
    context: click.Context,
    directory: pathlib.Path,
    manifest: pathlib.Path,
    schema: pathlib.Path | None,
    deprecated: bool,
    check: bool,
) -> None:
    """Bring a charm's options up to date with upstream's metadata.

    It changes the options in DIRECTORY's charmcraft.yaml and src/config.py, and nothing else.
    Options that upstream does not know are kept.
    """
    declared = OptionsFile.of_charm(directory)
    module = directory / PATH
    before = _module_text(module)
    connector = read_connector(
        manifest, schema, with_deprecated=deprecated, present=declared.declarations
    )
    # The module's options came from upstream; a person added the others in the file.
    gone = _options_in(module, before) - {option.name for option in connector.options}
    if schema is None and gone:
        raise click.UsageError(f'{module} was made from a schema; pass it with --schema')
    found = changes(declared.declarations, connector.options, gone)
    texts = {
        declared.file: (declared.text, declared.updated(connector.options, gone)),
        module: (before, render_config(connector.options)),
    }
    stale = {file: text for file, (old, text) in texts.items() if text != old}
    if found:
        print_changes(found)
    for note in connector.notes:
        click.echo(f'Note: {note}.')
    if not check:
        write_files(stale)
    for file in stale:
        click.echo(f'{file}: {"differs" if check else "written"}')
    if not stale:
        click.echo('Up to date.')
    elif not before:
        click.echo('To check the configuration, set `config_type = Config` in the charm.')
    if check and stale:
        context.exit(1)


def _module_text(module: pathlib.Path) -> str:
    try:
        text = module.read_text(encoding='utf-8')
    except FileNotFoundError:
        return ''
    except OSError as error:
        raise Invalid(module, '', error.strerror or 'cannot be read') from None
    except UnicodeDecodeError:
        raise Invalid(module, '', 'is not text in UTF-8') from None
    if MARK not in text:
        raise Invalid(module, '', 'was written by a person; move it away to have it generated')
    return text


def _options_in(module: pathlib.Path, text: str) -> set[str]:
    """Return the options of the module's model."""
    try:
        classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    except SyntaxError as error:
        raise Invalid(module, f'line {error.lineno}', 'is not Python') from None
    names: set[str] = set()
    for field in (field for each in classes for field in each.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            names.add(_alias(field.value) or field.target.id)
    return {name.replace('_', '-') for name in names}


def _alias(value: ast.expr | None) -> str:
    if isinstance(value, ast.Call):
        for keyword in value.keywords:
            if keyword.arg == 'alias' and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return ''
