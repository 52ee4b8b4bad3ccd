# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `new` says, and what the README of the charm says, can be done as it is typed."""

import importlib.metadata
import json
import pathlib
import re
import shlex
import subprocess
from typing import Any

import pytest

from tests.cli import metadata
from tests.cli.generated import Generated, charmcraft, new, options

SECRETS: dict[str, Any] = {
    'X_API_KEY': {'type': 'string'},
    'X_CLIENT_SECRET': {'type': 'string', 'default': 'none'},
    'X_TOKEN_URI': {'type': 'string'},
    'X_USE_TOKEN': {'type': 'boolean', 'default': True},
    'X_KIND_OF_TOKEN': {'type': 'string', 'enum': ['a', 'b']},
    'X_KNOWN_TOKEN': {'type': 'string', 'writeOnly': True},
    'X_WEBHOOK': {'type': 'string'},
}


def make(tmp_path: pathlib.Path, *arguments: str, schema: Any = None, **changes: Any) -> str:
    manifest = metadata.write(
        tmp_path / 'connector_manifest.json', {**metadata.MANIFEST, **changes}
    )
    if schema is not None:
        metadata.write(tmp_path / 'connector_config_schema.json', schema)
    result = new(tmp_path / 'charm', manifest, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def blocks(tmp_path: pathlib.Path) -> list[str]:
    readme = (tmp_path / 'charm' / 'README.md').read_text()
    return re.findall(r'^```shell\n(.*?)^```$', readme, re.DOTALL | re.MULTILINE)


def test_the_schema_beside_the_manifest_is_read(tmp_path: pathlib.Path):
    output = make(tmp_path, schema=metadata.schema(SECRETS))

    names = [str(tmp_path / f'connector_{each}.json') for each in ('manifest', 'config_schema')]
    assert f'Read: {", ".join(names)}.' in output
    assert 'Without a schema' not in output
    last = f'{tmp_path}/charm/README.md says how to test, pack and deploy the charm.'
    assert output.splitlines()[-1] == last
    assert 'left to do' not in (tmp_path / 'charm' / 'README.md').read_text()
    assert options(tmp_path / 'charm').keys() == {
        each.lower().replace('_', '-') for each in SECRETS
    }


def test_relative_paths(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / '__metadata__').mkdir()
    metadata.write(tmp_path / 'Dockerfile', 'FROM a\nCMD ["a"]\n')
    manifest = metadata.write(
        tmp_path / '__metadata__' / 'connector_manifest.json', metadata.MANIFEST
    )
    monkeypatch.chdir(manifest.parent)
    result = new(tmp_path / 'charm', pathlib.Path(manifest.name))

    assert 'Read: connector_manifest.json, ../Dockerfile.' in result.output


def test_plain_options_that_look_like_credentials(tmp_path: pathlib.Path):
    output = make(tmp_path, schema=metadata.schema(SECRETS))

    line = 'By their names, plain options that should be secrets: '
    assert f'{line}--secret x-api-key --secret x-client-secret\n' in output
    assert line not in make_again(tmp_path, '--secret=x-api-key', '--secret=X_CLIENT_SECRET')


def make_again(tmp_path: pathlib.Path, *arguments: str) -> str:
    manifest = tmp_path / 'connector_manifest.json'
    result = new(tmp_path / 'again', manifest, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize('required', [False, True])
def test_an_option_is_made_secret(tmp_path: pathlib.Path, required: bool):
    schema = metadata.schema(SECRETS, ['X_CLIENT_SECRET', 'X_WEBHOOK'] if required else [])
    make(tmp_path, '--secret=x-client-secret', '--secret=X_WEBHOOK', schema=schema)

    expected = {'type': 'secret', 'optional': False} if required else {'type': 'secret'}
    assert (
        options(tmp_path / 'charm')['x-client-secret']
        == options(tmp_path / 'charm')['x-webhook']
        == expected
    )
    charm = Generated(tmp_path / 'charm')
    out = charm.run({'x-client-secret': 'a', 'x-webhook': 'b'})
    assert charm.environment(out)['X_CLIENT_SECRET'] == 'a'
    assert charm.environment(out)['X_WEBHOOK'] == 'b'


def test_no_such_option_to_make_secret(tmp_path: pathlib.Path):
    manifest = metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)
    result = new(tmp_path / 'charm', manifest, '--secret=x-no', '--secret=connector-scope')

    assert result.exit_code == 2
    assert 'Invalid value for --secret: no option x-no' in result.output


@pytest.mark.parametrize('tag', ['rolling', 'latest', 'Main', '7.260817.0', 'v7.1-rc'])
def test_a_tag_that_moves(tmp_path: pathlib.Path, tag: str):
    output = make(tmp_path, container_version=tag)

    moves = '7' not in tag
    assert (f'The image opencti/connector-shapes:{tag} has a tag that moves.' in output) is moves
    readme = (tmp_path / 'charm' / 'README.md').read_text()
    assert (f'The tag `{tag}` moves.' in readme) is moves
    assert f'opencti/connector-shapes:{tag}' in blocks(tmp_path)[0]


@pytest.mark.parametrize('arguments', [[], ['--rock']])
@pytest.mark.parametrize('version', ['rolling; rm -rf /', '$(id)', "it's", '1: # a'])
def test_a_shell_takes_the_image_as_one_word(
    tmp_path: pathlib.Path, version: str, arguments: list[str]
):
    make(tmp_path, *arguments, container_version=version)

    image = f'opencti/connector-shapes:{version}'
    *_, word = shlex.split(blocks(tmp_path)[0])
    shown = '<the image of your rock>' if arguments else image
    assert word == f'opencti-shapes-connector-image={shown}'
    resource = charmcraft(tmp_path / 'charm')['resources']['opencti-shapes-connector-image']
    assert resource['description' if arguments else 'upstream-source'].endswith(image)


def test_a_shell_takes_each_block(tmp_path: pathlib.Path):
    make(tmp_path, schema=metadata.all_shapes())

    for block in blocks(tmp_path):
        subprocess.run(['bash', '-nec', block], check=True)
    (secrets,) = (block for block in blocks(tmp_path) if 'add-secret' in block)
    assert secrets.splitlines() == [
        'secret=$(juju add-secret opencti-shapes-connector-x-required-secret '
        'value#file="$HOME/x-required-secret")',
        'juju grant-secret opencti-shapes-connector-x-required-secret opencti-shapes-connector',
        'juju config opencti-shapes-connector x-required-secret="$secret"',
    ]


@pytest.mark.parametrize(
    ('origin', 'line'),
    [
        (None, 'opencti-connector>=0.1,<0.2'),
        ({'url': 'file:///a/clone', 'dir_info': {}}, 'opencti-connector @ file:///a/clone'),
        (
            {
                'url': 'https://git.example/library',
                'vcs_info': {'vcs': 'git', 'commit_id': 'abc', 'requested_revision': 'main'},
            },
            'opencti-connector @ git+https://git.example/library@abc',
        ),
    ],
)
def test_the_requirement_is_where_the_command_is_from(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, origin: Any, line: str
):
    class Distribution:
        def read_text(self, name: str) -> str | None:
            assert name == 'direct_url.json'
            return None if origin is None else json.dumps(origin)

    monkeypatch.setattr(importlib.metadata, 'distribution', lambda name: Distribution())
    output = make(tmp_path)

    assert (tmp_path / 'charm' / 'requirements.txt').read_text().splitlines()[0] == line
    of_this_machine = 'file:' in line
    assert ('which is on this machine only' in output) is of_this_machine
    readme = (tmp_path / 'charm' / 'README.md').read_text()
    assert ('from a directory of one machine' in readme) is of_this_machine


def test_the_requirement_of_a_command_that_is_not_installed(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
):
    def none(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    major, minor, _ = importlib.metadata.version('opencti-connector').split('.')
    monkeypatch.setattr(importlib.metadata, 'distribution', none)
    make(tmp_path)

    (line, *_) = (tmp_path / 'charm' / 'requirements.txt').read_text().splitlines()
    assert line == f'opencti-connector>={major}.{minor},<{major}.{int(minor) + 1}'
