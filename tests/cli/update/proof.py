# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Proves that `update` keeps a generated charm in order, whatever upstream's metadata is."""

import contextlib
import io
import json
import pathlib
import sys
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from opencti_connector.cli.main import main
from tests.cli import metadata

_MODULES = ('charm', 'config', 'samples', 'test_charm')


def prove_update(
    directory: pathlib.Path, manifest: pathlib.Path, schema: pathlib.Path | None
) -> list[str]:
    """Change a new charm by hand, and its metadata; update it, and run its own tests.

    Args:
        directory: The charm, as `new` made it.
        manifest: Its manifest.
        schema: Its schema, if it has one.

    Returns:
        What failed.
    """
    newer = directory.with_name(f'{directory.name}-newer')
    newer.mkdir()
    content = json.loads(manifest.read_text(encoding='utf-8-sig'))
    content |= {'container_version': '99.1', 'title': 'Another Title'}
    line = [f'--manifest={metadata.write(newer / manifest.name, content)}']
    if schema is not None:
        changed = _change(json.loads(schema.read_text(encoding='utf-8-sig')))
        line.append(f'--schema={metadata.write(newer / schema.name, changed)}')
    decided = _decide(directory)
    failures: list[str] = []
    for arguments, code in (
        ((*line, '--check'), 1),
        (line, 0),
        (('--check',), 0),
    ):
        result = CliRunner().invoke(main, ['update', str(directory), *arguments])
        if result.exit_code != code:
            failures.append(f'update {arguments}: {result.output} {result.exception}')
    text = (directory / 'charmcraft.yaml').read_text()
    options: dict[str, Any] = yaml.safe_load(text)['config']['options']
    expected = {
        'the decided default stays': not decided
        or options['connector-log-level']['default'] == 'debug',
        'the README stays': 'Ours.' in (directory / 'README.md').read_text(),
        'the tag is new': ':99.1' in text,
        'the title is new': 'Another Title' in text,
        'the required option is new': schema is None or options['x-required']['optional'] is False,
        'the successor has no default': schema is None or 'default' not in options['x-successor'],
    }
    failures += [f'not true: {what}' for what, is_true in expected.items() if not is_true]
    return failures + own_tests(directory)


def own_tests(directory: pathlib.Path) -> list[str]:
    """Run a charm's own tests in this process, which is ten times as fast."""
    output = io.StringIO()
    path = list(sys.path)
    with contextlib.redirect_stdout(output):
        code = pytest.main(
            [
                *('-q', '-p', 'no:cacheprovider', '-p', 'no:anyio'),
                *('-c', str(directory / 'pyproject.toml'), str(directory / 'tests')),
            ]
        )
    sys.path[:] = path
    for name in _MODULES:
        sys.modules.pop(name, None)
    return [output.getvalue()] if code else []


def _decide(directory: pathlib.Path) -> bool:
    """Let a person change the README and, where it is plain, a default."""
    readme = directory / 'README.md'
    readme.write_text(f'{readme.read_text()}\nOurs.\n')
    file = directory / 'charmcraft.yaml'
    text = file.read_text()
    option = '    connector-log-level:\n      type: string\n      default: '
    for default in ('error', 'info'):
        file.write_text(text.replace(f'{option}{default}\n', f'{option}debug  # ours\n'))
        if file.read_text() != text:
            return True
    return False


def _change(schema: dict[str, Any]) -> dict[str, Any]:
    """Add a required option, and replace one that the charm has."""
    properties: dict[str, dict[str, Any]] = {**schema['properties']}
    properties['X_SUCCESSOR'] = {'type': 'string'}
    properties['X_REQUIRED'] = {'type': 'string'}
    properties['X_REQUIRED_TOKEN'] = {'type': 'string', 'writeOnly': True}
    for name, each in schema['properties'].items():
        if each.get('type') == 'string' and not name.startswith(('CONNECTOR_', 'OPENCTI_')):
            text = 'Use X_SUCCESSOR instead.'
            properties[name] = {**each, 'deprecated': True, 'description': text}
            properties['X_SUCCESSOR']['default'] = 'new'
            break
    required = [*schema.get('required', []), 'X_REQUIRED', 'X_REQUIRED_TOKEN']
    return {**schema, 'properties': properties, 'required': required}
