# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Where a charm's metadata is: what `opencti-connector.toml` remembers of it."""

import json
import pathlib
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from opencti_connector.cli.main import main
from opencti_connector.cli.upstream import checkout
from tests.cli import metadata
from tests.cli.generated import new
from tests.cli.update.kept import PROPERTIES, Kept
from tests.cli.update.updates import snapshot


def test_new_remembers_where_it_read(kept: Kept):
    kept.new()

    assert kept.memory['upstream'] == {
        'checkout': '../upstream',
        'directory': 'external-import/shapes',
    }
    assert kept.memory['charm'] == {
        'name': 'opencti-shapes-connector',
        'type': 'EXTERNAL_IMPORT',
        'title': 'Shapes',
        'image': 'opencti/connector-shapes',
        'tag': 'rolling',
        'command': 'run',
        'working-dir': '/opt',
    }
    assert kept.memory['credentials'] == {'x-api-key': {'secret': False}}


@pytest.mark.parametrize('link', ['charm', 'upstream'])
def test_a_link_on_the_way(kept: Kept, link: str):
    if link == 'charm':
        (kept.root / 'elsewhere' / 'charms').mkdir(parents=True)
        (kept.root / 'charms').symlink_to(kept.root / 'elsewhere' / 'charms')
        kept.charm = kept.root / 'charms' / 'shapes'
    else:
        (kept.root / 'upstream').rename(kept.root / 'upstream-7')
        (kept.root / 'upstream').symlink_to('upstream-7')
    kept.new()

    path = '../../../upstream' if link == 'charm' else '../upstream'
    assert kept.memory['upstream']['checkout'] == path
    assert kept.update() == 'Up to date.\n'


def commit(directory: pathlib.Path) -> str:
    git = ['git', '-C', str(directory), '-c', 'user.name=a', '-c', 'user.email=a@b.c']
    subprocess.run([*git, 'init', '--quiet'], check=True)
    subprocess.run([*git, 'commit', '--quiet', '--allow-empty', '--message=a'], check=True)
    line = [*git, 'rev-parse', 'HEAD']
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()


def test_it_remembers_the_commit(kept: Kept):
    head = commit(kept.root / 'upstream')
    kept.new()

    assert kept.memory['upstream']['commit'] == head


@pytest.mark.parametrize('broken', ['no git', 'no commit'])
def test_no_commit(kept: Kept, monkeypatch: pytest.MonkeyPatch, broken: str):
    commit(kept.root)  # Another repository around it says nothing about upstream's commit.
    (kept.root / 'upstream' / '.git').mkdir()
    if broken == 'no git':
        monkeypatch.setenv('PATH', '')
        monkeypatch.setattr('opencti_connector.cli.charm.render.format_python', lambda text: text)
    kept.new()

    assert 'commit' not in kept.memory['upstream']


@pytest.mark.parametrize('named', ['paths', 'checkout'])
def test_update_needs_no_argument(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, named: str
):
    if named == 'paths':
        for file in (kept.manifest, kept.schema):
            file.rename(tmp_path / file.name)
        kept.manifest, kept.schema = tmp_path / kept.manifest.name, tmp_path / kept.schema.name
    kept.new('--command=run')
    before = snapshot(kept.charm)
    monkeypatch.chdir(kept.charm)

    result = CliRunner().invoke(main, ['update'])
    assert (result.exit_code, result.output[-12:]) == (0, 'Up to date.\n')
    assert snapshot(kept.charm) == before
    kept.upstream({**PROPERTIES, 'X_NEW': {'type': 'string'}})
    assert CliRunner().invoke(main, ['update', '--check']).exit_code == 1
    assert CliRunner().invoke(main, ['update']).exit_code == 0
    assert 'x-new' in kept.options
    assert CliRunner().invoke(main, ['update', '--check']).exit_code == 0


def test_a_connector_that_moved(kept: Kept):
    kept.new()
    kept.connector.rename(kept.connector.with_name('forms'))
    (kept.root / 'upstream' / 'stream' / 'none').mkdir(parents=True)
    (kept.root / 'upstream' / 'stream' / 'odd').mkdir()
    (kept.root / 'upstream' / 'stream' / 'odd' / 'connector_manifest.json').write_text('{')

    kept.update()
    assert kept.memory['upstream']['directory'] == 'external-import/forms'


def test_a_checkout_without_the_connector(kept: Kept):
    kept.new()
    (kept.root / 'other').mkdir()
    output = kept.update('--upstream', str(kept.root / 'other'), code=2)

    assert "other: has no connectors with the slug 'shapes'" in output


def test_no_checkout(kept: Kept):
    kept.new()
    (kept.root / 'upstream').rename(kept.root / 'elsewhere')

    assert 'no such directory; name a checkout with --upstream' in kept.update(code=2)


def test_a_commit_alone_is_not_written(kept: Kept, monkeypatch: pytest.MonkeyPatch):
    commits = iter(['a', 'b', 'c'])
    monkeypatch.setattr(checkout, 'commit_of', lambda _: next(commits))
    kept.new()
    kept.update()
    assert kept.memory['upstream']['commit'] == 'a'
    kept.upstream({**PROPERTIES, 'X_NEW': {'type': 'string'}})
    kept.update()
    assert kept.memory['upstream']['commit'] == 'c'


def test_a_path_that_no_system_takes(kept: Kept):
    kept.new()
    manifest = 'manifest = "a\\u0000b"'
    kept.edit('opencti-connector.toml', 'directory = "external-import/shapes"', manifest)

    assert 'null' in kept.update(code=2)


def test_another_connector_is_refused(kept: Kept):
    kept.new()
    kept.upstream({'Y': {'type': 'string'}}, slug='forms')
    before = snapshot(kept.charm)
    output = kept.update(code=2)

    assert "the charm is of the connector 'shapes', and the metadata of 'forms'" in output
    assert snapshot(kept.charm) == before


def test_the_command_line_is_remembered(kept: Kept, tmp_path: pathlib.Path):
    kept.new('--command=run it', '--name=opencti-forms-connector', '--working-dir=/srv')
    copy = tmp_path / 'copy.json'
    copy.write_text(json.dumps({**metadata.MANIFEST, 'title': 'Forms'}))
    kept.update('--manifest', str(copy), '--schema', str(kept.schema))

    assert kept.memory['upstream'] == {
        'manifest': '../copy.json',
        'schema': '../upstream/external-import/shapes/__metadata__/connector_config_schema.json',
    }
    charm = kept.memory['charm']
    assert (charm['name'], charm['title'], charm['command'], charm['working-dir']) == (
        'opencti-forms-connector',
        'Forms',
        'run it',
        '/srv',
    )


@pytest.mark.parametrize('where', ['command line', 'memory'])
def test_a_manifest_that_is_not_in_the_checkout(kept: Kept, tmp_path: pathlib.Path, where: str):
    kept.new()
    elsewhere = tmp_path / 'elsewhere'
    shutil.copytree(kept.manifest.parent, elsewhere)
    path = '../elsewhere/connector_manifest.json'
    line = [f'--manifest={elsewhere / kept.manifest.name}', f'--upstream={tmp_path / "upstream"}']
    if where == 'memory':
        kept.edit('opencti-connector.toml', '[upstream]', f'[upstream]\nmanifest = "{path}"')
        line = []
    kept.update(*line)

    assert kept.memory['upstream'] == {'manifest': path}


@pytest.mark.parametrize('way', ['absolute', '..'])
def test_a_roundabout_way(kept: Kept, monkeypatch: pytest.MonkeyPatch, way: str):
    (kept.connector / 'src').mkdir()
    monkeypatch.chdir(kept.connector / 'src')
    kept.manifest = pathlib.Path('../__metadata__/connector_manifest.json')
    if way == '..':
        kept.schema = kept.manifest.with_name('connector_config_schema.json')
        kept.new()
    else:
        kept.new()
        directory = f'directory = "{kept.connector}"'
        kept.edit('opencti-connector.toml', 'directory = "external-import/shapes"', directory)
        kept.update()
    upstream = {'checkout': '../upstream', 'directory': 'external-import/shapes'}
    assert kept.memory['upstream'] == upstream


@pytest.mark.parametrize('option', ['schema', 'compose', 'dockerfile'])
def test_a_file_of_another_name_beside_the_manifest(kept: Kept, option: str):
    file = kept.manifest.with_name('other')
    text = {
        'schema': kept.schema.read_text(),
        'compose': 'services: {a: {environment: [X_COMPOSED=1]}}',
        'dockerfile': 'ENTRYPOINT ["other"]\n',
    }
    file.write_text(text[option])
    if option == 'schema':
        kept.schema.unlink()
    assert new(kept.charm, kept.manifest, f'--{option}={file}').exit_code == 0
    before = snapshot(kept.charm)

    assert kept.memory['upstream'][option].endswith('/__metadata__/other')
    assert kept.update().endswith('Up to date.\n')
    assert snapshot(kept.charm) == before


def test_a_compose_file_instead_of_a_schema(kept: Kept):
    """Both lie beside the manifest, where the schema is read first."""
    file = kept.connector / 'docker-compose.yml'
    file.write_text('services: {a: {environment: [X_COMPOSED=1]}}')
    assert new(kept.charm, kept.manifest, f'--compose={file}').exit_code == 0

    assert kept.update().endswith('Up to date.\n')
    assert 'x-composed' in kept.options


def test_a_folder_that_is_in_no_checkout():
    manifest = pathlib.Path('/a/__metadata__/connector_manifest.json')

    assert checkout.checkout_of(manifest) is None


@pytest.mark.parametrize('named', [True, False])
def test_a_compose_file(kept: Kept, named: bool):
    kept.schema.unlink()
    compose = kept.root / 'named.yml' if named else kept.connector / 'docker-compose.yml'
    text = (
        'services:\n  a:\n    image: opencti/connector-shapes:1\n    environment:\n      - X_A=1\n'
    )
    compose.write_text(text)
    arguments = [f'--compose={compose}'] if named else []
    assert new(kept.charm, kept.manifest, *arguments).exit_code == 0
    assert kept.memory['upstream'].get('compose') == ('../named.yml' if named else None)
    compose.write_text(text + '      - X_B=2\n')
    kept.update()

    assert kept.options['x-b'] == {'type': 'string', 'default': '2'}
    assert kept.update('--check').endswith('Up to date.\n')
