# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector without a schema, whose options are guessed from upstream's compose file."""

import pathlib
import re
from typing import Any

import pytest

from opencti_connector.cli.upstream.credentials import is_credential_by_name
from tests.cli import metadata
from tests.cli.generated import Generated, new, options
from tests.cli.proof import prove

IMAGE = metadata.MANIFEST['container_image']
COMPOSE = f"""\
version: '3'
services:
  redis:
    image: redis:7
  connector-shapes:
    image: {IMAGE}:latest
    environment:
      - OPENCTI_URL=http://localhost
      - OPENCTI_TOKEN=ChangeMe
      - CONNECTOR_ID=ChangeMe_UUID4
      - "CONNECTOR_NAME=Shapes of all kinds"
      - CONNECTOR_SCOPE="shapes,forms"  # What it imports
      - CONNECTOR_LOG_LEVEL=INFO
      - CONNECTOR_AUTO=True
      - SHAPES_URL=https://<ChangeMe>/api
      - SHAPES_ORG='CHANGEME'
      - SHAPES_API_KEY=ChangeMe
      - SHAPES_PASSWORD=superSecret
      - SHAPES_OLD_TOKEN=
      - SHAPES_USE_TOKEN=false
      - SHAPES_TOKEN_URI=https://shapes.test/token
      - SHAPES_INTERVAL=5 # In hours
      - SHAPES_COLOURS=${{COLOURS:-red}}
      - SHAPES_EDGES=${{EDGES}}
      - SHAPES_PRICE=5$$
      - SHAPES_CORNERS
      - SHAPES_FROM=2026-01-01T00:00:00Z
      - SHAPES_MAIL=someone@example.com
      - SHAPES_HOST=https://localhost:9200
      - SHAPES_SITE=https://my.shapes.tld/
      - SHAPES_DAY=YYYY-MM-DD
      - shapes_lower=5
      # - SHAPES_EXTRA=yes # Optional
    restart: always
"""
OPTIONS: dict[str, dict[str, Any]] = {
    'connector-scope': {'type': 'string', 'default': 'shapes,forms'},
    'connector-log-level': {'type': 'string', 'default': 'INFO'},
    'connector-auto': {'type': 'boolean', 'default': True},
    'shapes-url': {'type': 'string', 'optional': False},
    'shapes-org': {'type': 'string', 'optional': False},
    'shapes-api-key': {'type': 'secret', 'optional': False},
    'shapes-password': {'type': 'secret', 'optional': False},
    'shapes-old-token': {'type': 'secret'},
    'shapes-use-token': {'type': 'string', 'default': 'false'},
    'shapes-token-uri': {'type': 'string', 'default': 'https://shapes.test/token'},
    'shapes-interval': {'type': 'string', 'default': '5'},
    'shapes-colours': {'type': 'string', 'default': 'red'},
    'shapes-edges': {'type': 'string', 'optional': False},
    'shapes-price': {'type': 'string', 'default': '5$'},
    'shapes-corners': {'type': 'string', 'optional': False},
    'shapes-from': {'type': 'string', 'default': '2026-01-01T00:00:00Z'},
    'shapes-mail': {'type': 'string', 'optional': False},
    'shapes-host': {'type': 'string', 'optional': False},
    'shapes-site': {'type': 'string', 'optional': False},
    'shapes-day': {'type': 'string', 'optional': False},
    'shapes-extra': {'type': 'string'},
}


@pytest.fixture
def manifest(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / 'shapes' / '__metadata__'
    folder.mkdir(parents=True)
    return metadata.write(folder / 'connector_manifest.json', metadata.MANIFEST)


@pytest.mark.parametrize(
    'place',
    ['shapes/docker-compose.yml', 'shapes/__metadata__/compose.yaml', 'elsewhere.yml'],
)
@pytest.mark.parametrize('as_mapping', [False, True])
def test_the_options(tmp_path: pathlib.Path, manifest: pathlib.Path, place: str, as_mapping: bool):
    text = COMPOSE
    if as_mapping:
        text = re.sub(r'- ("?)(\w+)=(.*?)("?)$', r'\2: \3', text, flags=re.MULTILINE)
        text = re.sub(r'- (SHAPES_CORNERS)', r'\1:', text).replace('OLD_TOKEN: ', 'OLD_TOKEN: ""')
    file = metadata.write(tmp_path / place, text)
    arguments = [f'--compose={file}'] if place == 'elsewhere.yml' else []
    result = new(tmp_path / 'charm', manifest, *arguments)

    declared = options(tmp_path / 'charm')
    assert {
        n: {k: v for k, v in o.items() if k != 'description'} for n, o in declared.items()
    } == (OPTIONS)
    assert declared['connector-scope']['description'] == 'What it imports'
    assert declared['shapes-interval']['description'] == 'In hours'
    assert declared['shapes-extra']['description'] == 'Optional'
    assert 'redis' not in str(declared)
    assert f'Read: {manifest}, {file}.' in result.output
    assert f'Without a schema ({file}), there is more to do:' in result.output
    assert 'shapes_lower is left out, because no option can set it' in result.output
    readme = (tmp_path / 'charm' / 'README.md').read_text()
    assert f'They were guessed from {file.name}: all are text' in readme


def test_the_charm_runs(tmp_path: pathlib.Path, manifest: pathlib.Path):
    metadata.write(tmp_path / 'shapes' / 'docker-compose.yml', COMPOSE)
    proof = prove(tmp_path / 'charm', manifest, None)

    assert (proof.failures, proof.options) == ([], len(OPTIONS))
    message = Generated(tmp_path / 'charm').run({}).unit_status.message
    required = sorted(name for name, option in OPTIONS.items() if 'optional' in option)
    assert message == f'missing configuration: {", ".join(required)} (set with juju config)'


def test_a_schema_is_better(tmp_path: pathlib.Path, manifest: pathlib.Path):
    metadata.write(tmp_path / 'shapes' / 'docker-compose.yml', COMPOSE)
    schema = manifest.with_name('connector_config_schema.json')
    metadata.write(schema, metadata.schema({'X_ONLY': {'type': 'string'}}))
    result = new(tmp_path / 'charm', manifest)

    assert options(tmp_path / 'charm').keys() == {'x-only'}
    assert f'Read: {manifest}, {schema}.' in result.output
    assert 'Without a schema' not in result.output
    assert 'left to do' not in (tmp_path / 'charm' / 'README.md').read_text()


def test_not_both(tmp_path: pathlib.Path, manifest: pathlib.Path):
    line = ['--schema=schema.json', '--compose=compose.yml']

    assert '--compose is for a connector without --schema' in (
        new(tmp_path / 'charm', manifest, *line).output
    )


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('services: {a: {image: x, env_file: .env}}', 'docker-compose.yml: env_file is not read'),
        ('services: {a: {image: x, environment: [CONNECTOR_TYPE=x]}}', 'connector-scope'),
        ('services: {a: {environment: [CONNECTOR_SCOPE=ChangeMe]}}', 'connector-scope'),
    ],
)
def test_little_is_said(tmp_path: pathlib.Path, manifest: pathlib.Path, text: str, words: str):
    metadata.write(tmp_path / 'shapes' / 'docker-compose.yml', text)
    result = new(tmp_path / 'charm', manifest)

    assert len(options(tmp_path / 'charm')) == 3
    assert options(tmp_path / 'charm')['connector-scope']['optional'] is False
    assert words in result.output + (tmp_path / 'charm' / 'README.md').read_text()


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('services: [', 'is not YAML'),
        ('\xff', 'is not text in UTF-8'),
        ('a: b', 'services: must map names to services'),
        ('[]', 'services: must map names to services'),
        ('services: {a: b}', 'services: must map names to services'),
        ('services: {}', 'services: none of 0 has the image'),
        ('services: {a: {image: x}, b: {image: y}}', 'services: none of 2 has the image'),
        ('services: {a: {environment: x}}', 'environment: must be a list or a mapping'),
        ('', 'No such file'),
    ],
)
def test_it_is_refused(tmp_path: pathlib.Path, manifest: pathlib.Path, text: str, words: str):
    file = tmp_path / 'compose.yml'
    if text:
        file.write_text(text, encoding='latin-1')
    result = new(tmp_path / 'charm', manifest, f'--compose={file}')

    assert result.exit_code == 2
    assert f'compose.yml: {words}' in result.output


@pytest.mark.parametrize(
    ('variable', 'is_one'),
    [
        ('X_API_KEY', True),
        ('X_APIKEY', True),
        ('API_KEY', True),
        ('X_TOKEN', True),
        ('TOKEN', True),
        ('X_CLIENT_SECRET', True),
        ('X_PASSWORD', True),
        ('X_PASSPHRASE', True),
        ('X_PRIVATE_KEY', True),
        ('X_AUTH_BEARER', True),
        ('X_TOKEN_JSON', True),
        ('X_APIKEY_VALUE', True),
        ('X_TOKEN_URI', False),
        ('X_APIKEY_KEY', False),
        ('X_PUBLIC_KEY', False),
        ('X_PROJECT_KEY', False),
        ('X_KEY_ID', False),
        ('X_PASSWORD_PREFIX', False),
        ('X_MONKEY', False),
        ('X_BYPASS', False),
        ('X_SECRETARY', False),
    ],
)
def test_a_credential_by_its_name(variable: str, is_one: bool):
    assert is_credential_by_name(variable.lower().replace('_', '-')) is is_one
