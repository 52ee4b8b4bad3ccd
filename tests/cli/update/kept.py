# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm beside a checkout of upstream, which changes."""

import pathlib
from typing import Any

import tomlkit
from click.testing import CliRunner, Result

from opencti_connector.cli.main import main
from tests.cli import generated, metadata

PROPERTIES: dict[str, Any] = {
    'X_LEVEL': {'type': 'string', 'default': 'error', 'description': 'A level.'},
    'X_COUNT': {'type': 'integer', 'default': 1},
    'X_API_KEY': {'type': 'string'},
    'X_TOKEN_URI': {'type': 'string', 'format': 'uri'},
    'X_OTHER': {'type': 'string'},
}


class Kept:
    """A charm beside a checkout of upstream."""

    def __init__(self, root: pathlib.Path):
        self.root = root
        self.charm = root / 'charm'
        self.connector = root / 'upstream' / 'external-import' / 'shapes'
        (self.connector / '__metadata__').mkdir(parents=True)
        self.manifest = self.connector / '__metadata__' / 'connector_manifest.json'
        self.schema = self.manifest.with_name('connector_config_schema.json')
        (self.connector / 'Dockerfile').write_text('WORKDIR /opt\nENTRYPOINT ["run"]\n')
        self.upstream(PROPERTIES)

    def upstream(
        self, properties: dict[str, Any], *, required: tuple[str, ...] = (), **manifest: Any
    ) -> None:
        """Let upstream say this."""
        schema = metadata.schema(properties, list(required))
        schema['properties'].pop('CONNECTOR_TYPE')
        metadata.write(self.manifest, {**metadata.MANIFEST, **manifest})
        metadata.write(self.schema, schema)

    def new(self, *arguments: str) -> Result:
        result = generated.new(self.charm, self.manifest, f'--schema={self.schema}', *arguments)
        assert result.exit_code == 0, result.output
        return result

    def update(self, *arguments: str, code: int = 0) -> str:
        line = ['update', str(self.charm), *arguments]
        result = CliRunner().invoke(main, line, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.output

    @property
    def memory(self) -> dict[str, Any]:
        return tomlkit.parse((self.charm / 'opencti-connector.toml').read_text()).unwrap()

    @property
    def options(self) -> dict[str, Any]:
        return generated.options(self.charm)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.charm / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    def decide(self, text: str) -> None:
        """Let a person write into the memory."""
        self.edit('opencti-connector.toml', '\n[generated]', f'\n{text}\n\n[generated]')
