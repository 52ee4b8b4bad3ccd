# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `opencti-connector.toml` remembers, and that `update` keeps it."""

import json
import pathlib
import re
import shutil
import subprocess
from typing import Any

import pytest
from click.testing import CliRunner

from opencti_connector.cli.main import main
from opencti_connector.cli.upstream import checkout
from tests.cli import metadata
from tests.cli.generated import Generated, new
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


def test_it_remembers_the_commit(kept: Kept):
    git = ['git', '-C', str(kept.root / 'upstream'), '-c', 'user.name=a', '-c', 'user.email=a@b.c']
    subprocess.run([*git, 'init', '--quiet'], check=True)
    subprocess.run([*git, 'commit', '--quiet', '--allow-empty', '--message=a'], check=True)
    kept.new()
    line = [*git, 'rev-parse', 'HEAD']
    head = subprocess.run(line, capture_output=True, text=True, check=True).stdout

    assert kept.memory['upstream']['commit'] == head.strip()


@pytest.mark.parametrize('broken', ['no git', 'no commit'])
def test_no_commit(kept: Kept, monkeypatch: pytest.MonkeyPatch, broken: str):
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


def test_another_connector_is_refused(kept: Kept):
    kept.new()
    kept.upstream({'Y': {'type': 'string'}}, slug='forms')
    before = snapshot(kept.charm)
    output = kept.update(code=2)

    assert "the charm is of the connector 'shapes', and the metadata of 'forms'" in output
    assert snapshot(kept.charm) == before


def test_nothing_is_remembered(tmp_path: pathlib.Path):
    result = CliRunner().invoke(main, ['update', str(tmp_path)])

    assert result.exit_code == 2
    assert 'has no opencti-connector.toml yet; pass --manifest' in result.output


def test_a_charm_gets_a_memory(kept: Kept):
    kept.new()
    (kept.charm / 'opencti-connector.toml').unlink()
    kept.edit('README.md', 'A charm', 'Our charm')
    output = kept.update('--manifest', str(kept.manifest))

    assert 'README.md is not as it would be generated, so it is yours' in output
    assert kept.memory['generated']['options'].keys() == kept.options.keys()
    assert kept.memory['generated']['files']['README.md'] == ''
    kept.upstream({**PROPERTIES, 'X_NEW': {'type': 'string'}}, required=('X_NEW',))
    kept.update()
    assert 'Our charm' in (kept.charm / 'README.md').read_text()
    assert kept.options['x-new'] == {'type': 'string', 'optional': False}
    assert 'x-new' in (kept.charm / 'tests' / 'unit' / 'samples.py').read_text()


@pytest.mark.parametrize(
    ('old', 'new', 'option', 'wanted', 'remembered'),
    [
        (
            'default: error',
            'default: info  # our policy',
            'x-level',
            {'default': 'info'},
            {'default': 'info', 'reason': 'our policy'},
        ),
        ('default: 1', 'default: 5', 'x-count', {'default': 5}, {'default': 5, 'reason': ''}),
        (
            '      default: error\n',
            '',
            'x-level',
            {'default': None},
            {'has-default': False, 'reason': ''},
        ),
        (
            '      default: 1\n',
            '      optional: false\n',
            'x-count',
            {'default': None, 'optional': False},
            {'has-default': False, 'optional': False, 'reason': ''},
        ),
        ('description: A level.', 'description: Our level.', 'x-level', {}, None),
    ],
)
def test_what_a_person_changed_in_an_option(
    kept: Kept, old: str, new: str, option: str, wanted: dict[str, Any], remembered: Any
):
    kept.new()
    kept.edit('charmcraft.yaml', old, new)
    changed = (kept.charm / 'charmcraft.yaml').read_text()
    kept.update()

    assert (kept.charm / 'charmcraft.yaml').read_text() == changed
    assert kept.memory['options'].get(option) == remembered
    upstream = {
        name: {**each, **({'default': 'warn'} if name == 'X_LEVEL' else {'description': 'New.'})}
        for name, each in PROPERTIES.items()
    }
    kept.upstream(upstream)
    kept.update()
    expected = {'default': 'warn' if option == 'x-level' else 1, **wanted}
    assert {key: kept.options[option].get(key) for key in expected} == expected
    assert ('Our level.' in str(kept.options)) is ('Our level.' in new)
    kept.update('--check')


def test_a_person_decides_again(kept: Kept):
    kept.new()
    for old, newer, remembered in (
        ('      default: error\n', '', {'has-default': False}),
        ('x-level:\n', 'x-level:\n      default: warn\n', {'default': 'warn'}),
        ('default: warn', 'default: info', {'default': 'info'}),
    ):
        kept.edit('charmcraft.yaml', old, newer)
        kept.update()
        assert kept.memory['options']['x-level'] == {**remembered, 'reason': ''}
        kept.update('--check')
    kept.edit('charmcraft.yaml', 'default: info', 'default: error')

    assert "x-level: a person changed its default to 'error', which follows" in kept.update()
    assert 'options' not in kept.memory or kept.memory['options'] == {}
    kept.upstream({**PROPERTIES, 'X_LEVEL': {'type': 'string', 'default': 'debug'}})
    kept.update()
    assert kept.options['x-level']['default'] == 'debug'


def test_a_comment_never_stands_beside_another_value(kept: Kept):
    kept.new()
    kept.edit('charmcraft.yaml', 'default: error', 'default: error  # fits us')
    kept.update('--check')
    kept.upstream({**PROPERTIES, 'X_LEVEL': {'type': 'string', 'default': 'debug'}})

    assert "x-level: its default 'error' has a comment, and stays" in kept.update()
    assert 'default: error  # fits us' in (kept.charm / 'charmcraft.yaml').read_text()
    assert kept.memory['options']['x-level'] == {'default': 'error', 'reason': 'fits us'}


def test_a_credential_by_hand(kept: Kept):
    kept.new()
    kept.edit(
        'charmcraft.yaml',
        'x-api-key:\n      type: string',
        'x-api-key:\n      type: secret # is one',
    )
    output = kept.update()

    assert 'x-api-key: a person made it a secret' in output
    assert kept.memory['credentials']['x-api-key'] == {'secret': True, 'reason': 'is one'}
    assert kept.options['x-api-key']['type'] == 'secret'
    out = Generated(kept.charm).run({'x-api-key': 'the key'})
    assert out.unit_status.name == 'active'
    assert 'decided: a secret (is one)' in kept.update('--check')
    kept.edit('charmcraft.yaml', 'type: secret', 'type: string')
    assert 'x-api-key: a person made it no secret' in kept.update()
    assert kept.memory['credentials']['x-api-key']['secret'] is False


def test_a_secret_of_a_charm_that_gets_a_memory(kept: Kept):
    kept.charm.mkdir()
    (kept.charm / 'charmcraft.yaml').write_text(
        'name: a\nconfig:\n  options:\n    x-api-key:\n      type: secret\n'
    )
    output = kept.update(f'--manifest={kept.manifest}')

    assert 'x-api-key: it is a secret, and stays one' in output
    assert kept.options['x-api-key'] == {'type': 'secret'}
    assert kept.memory['credentials']['x-api-key'] == {'secret': True, 'reason': ''}


def test_a_credential_by_the_memory(kept: Kept):
    kept.new()
    kept.edit('opencti-connector.toml', 'secret = false', 'secret = true  # of course')
    assert 'type: string to secret' in kept.update('--check', code=1)
    kept.update()

    assert kept.options['x-api-key']['type'] == 'secret'
    assert '# of course' in (kept.charm / 'opencti-connector.toml').read_text()


def test_what_upstream_marks_stays_a_secret(kept: Kept):
    kept.upstream({'X_KEY': {'type': 'string', 'writeOnly': True}})
    kept.new()
    kept.edit('charmcraft.yaml', 'type: secret', 'type: string')

    assert 'x-key: upstream marks it as a secret' in kept.update()
    assert kept.options['x-key']['type'] == 'secret'


def test_a_new_option_looks_like_a_credential(kept: Kept):
    kept.new()
    kept.upstream({**PROPERTIES, 'X_PASSWORD': {'type': 'string'}})

    assert 'x-password looks like a credential' in kept.update()
    assert kept.memory['credentials']['x-password'] == {'secret': False}


def test_an_option_that_a_person_left_out(kept: Kept):
    kept.new()
    kept.edit('charmcraft.yaml', '    x-other:\n      type: string\n', '')
    output = kept.update()

    assert 'x-other: a person left it out, and it stays out' in output
    assert kept.memory['options']['x-other'] == {'omit': True, 'reason': ''}
    assert 'x-other' not in kept.options
    assert 'x_other' not in (kept.charm / 'src' / 'config.py').read_text()
    kept.edit('opencti-connector.toml', '\n[options.x-other]\nreason = ""\nomit = true\n', '')
    kept.update()
    assert 'x-other' in kept.options


def test_decisions_in_the_memory(kept: Kept):
    kept.new()
    kept.decide(
        '[options.x-level]\ndefault = "info"\nreason = "our policy"  # since May\n\n'
        '[options.x-other]\nomit = true\nreason = "useless"\n\n'
        '[options.x-gone]\ndefault = 1'
    )
    output = kept.update()

    assert kept.options['x-level']['default'] == 'info'
    assert 'x-other' not in kept.options
    assert ' '.join(output.split()).count('removed decided yes') == 1
    assert 'decides on x-gone, which upstream does not have' in output
    text = (kept.charm / 'opencti-connector.toml').read_text()
    assert 'reason = "our policy"  # since May' in text
    output = ' '.join(kept.update('--check').split())
    assert "x-level kept decided: default 'info' (our policy)" in output
    assert 'x-other kept decided: left out (useless)' in output


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('[options.x-count]\ndefault = "many"', 'options.x-count.default: the option'),
        ('[options.x-token-uri]\ndefault = "no"', 'options.x-token-uri.default: the option'),
        ('[options.x-count]\ndefault = inf', 'options.x-count.default.'),
        ('[options.x-secret]\ndefault = "a"', 'options.x-secret.default: the option'),
        ('[options.x-count]\nunknown = 1', 'options.x-count.unknown: '),
        ('[options', 'is not TOML: '),
        ('[options.a]\nomit = true\nomit = false', 'is not TOML: Key "omit" already exists'),
    ],
)
def test_a_decision_that_cannot_be_used(kept: Kept, text: str, words: str):
    kept.upstream({**PROPERTIES, 'X_SECRET': {'type': 'string', 'writeOnly': True}})
    kept.new()
    kept.decide(text)
    before = snapshot(kept.charm)

    assert f'opencti-connector.toml: {words}' in kept.update(code=2)
    assert snapshot(kept.charm) == before


def test_a_memory_that_says_little(kept: Kept):
    """Nothing that it lacks is taken for a decision."""
    kept.new()
    remembered = kept.memory
    memory = kept.charm / 'opencti-connector.toml'
    whole = memory.read_text()
    memory.write_text('# Ours.\n')
    output = kept.update(code=2)
    assert 'charm says in its opencti-connector.toml not where to read' in output
    for line in ('x-level = {}', 'x-count = {type = "int"}'):
        name = line.partition(' = ')[0]
        memory.write_text(re.sub(rf'^{name} = .*', line, whole, flags=re.MULTILINE))
        assert kept.update().endswith('Up to date.\n')
        assert kept.memory == remembered


def test_an_update_that_ended_half_way(kept: Kept):
    """What was already written is no decision of a person."""
    kept.new()
    old = (kept.charm / 'opencti-connector.toml').read_text()
    kept.upstream({**PROPERTIES, 'X_LEVEL': {'type': 'string', 'default': 'debug'}})
    kept.update()
    after = snapshot(kept.charm)
    (kept.charm / 'opencti-connector.toml').write_text(old)

    assert kept.update().endswith('Up to date.\n')
    assert snapshot(kept.charm) == after


@pytest.mark.parametrize('begin', [b'', b'\xef\xbb\xbf'])
def test_a_person_on_windows(kept: Kept, begin: bytes):
    kept.new()
    files = [path for path in kept.charm.rglob('*') if path.is_file()]
    for file in files:
        file.write_bytes(begin + file.read_bytes().replace(b'\n', b'\r\n'))
    before = snapshot(kept.charm)
    assert kept.update() == 'Up to date.\n'
    assert snapshot(kept.charm) == before
    kept.upstream(
        {**PROPERTIES, 'X_LEVEL': {'type': 'string', 'default': 'debug'}, 'X': {'type': 'string'}},
        required=('X',),
    )
    kept.update()
    assert kept.options['x-level']['default'] == 'debug'
    for file in files:
        assert file.read_bytes().count(b'\n') == file.read_bytes().count(b'\r\n'), file


def test_a_file_that_is_write_protected(kept: Kept):
    kept.new()
    kept.upstream({**PROPERTIES, 'X': {'type': 'string'}})
    (kept.charm / 'charmcraft.yaml').chmod(0o444)
    before = snapshot(kept.charm)
    output = kept.update(code=2)

    assert output.endswith('charmcraft.yaml: is write-protected\n')
    assert 'written' not in output
    assert snapshot(kept.charm) == before


@pytest.mark.parametrize('how', ['directory', 'bytes'])
def test_a_memory_that_cannot_be_read(kept: Kept, how: str):
    kept.new()
    file = kept.charm / 'opencti-connector.toml'
    file.write_bytes(b'\xff')
    words = 'is not text in UTF-8'
    if how == 'directory':
        file.unlink()
        file.mkdir()
        words = 'Is a directory'

    assert f'opencti-connector.toml: {words}' in kept.update(code=2)


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


def test_a_folder_that_is_in_no_checkout():
    manifest = pathlib.Path('/a/__metadata__/connector_manifest.json')

    assert checkout.checkout_of(manifest) is None


@pytest.mark.parametrize('key', ['type', 'title', 'image', 'tag', 'command', 'working-dir'])
def test_what_the_memory_lacks_follows_upstream(kept: Kept, key: str):
    kept.new()
    before, charm = kept.memory, snapshot(kept.charm / 'src')
    value = before['charm'][key]
    file = kept.charm / 'opencti-connector.toml'
    for count in (1, -1):  # As it is now, and also as it was generated.
        file.write_text(file.read_text().replace(f'{key} = "{value}"\n', '', count))
        kept.update()
        assert kept.memory == before
        assert snapshot(kept.charm / 'src') == charm
    kept.edit('opencti-connector.toml', f'{key} = "{value}"\n', f'{key} = ""\n')
    if key == 'working-dir':
        assert 'charm working-dir kept decided: none' in ' '.join(kept.update().split())
        assert 'working_dir' not in (kept.charm / 'src' / 'charm.py').read_text()
        kept.update('--check')
    else:
        assert f'opencti-connector.toml: charm.{key}: String should' in kept.update(code=2)


def test_a_rock_stays_one(kept: Kept):
    kept.new('--rock')
    kept.upstream(PROPERTIES, container_version='7.1')
    kept.update()

    charm = (kept.charm / 'src' / 'charm.py').read_text()
    assert 'connector_command = "bash /entrypoint.sh"' in charm
    text = (kept.charm / 'charmcraft.yaml').read_text()
    assert 'built from opencti/connector-shapes:7.1' in text


def test_a_secret_that_the_command_line_names(kept: Kept):
    kept.new('--secret=X_OTHER')
    assert kept.memory['credentials'] == {
        'x-other': {'secret': True},
        'x-api-key': {'secret': False},
    }
    kept.upstream({**PROPERTIES, 'X_NEW': {'type': 'string'}})
    kept.update()

    assert kept.options['x-other']['type'] == 'secret'


def test_the_user_of_the_image(kept: Kept):
    kept.new()
    (kept.connector / 'Dockerfile').write_text('USER app\nENTRYPOINT ["run"]\n')

    assert 'charm user changed none to app' in ' '.join(kept.update().split())
    assert 'connector_user = "app"' in (kept.charm / 'src' / 'charm.py').read_text()


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


def test_the_requirement_is_the_charms_own(kept: Kept, monkeypatch: pytest.MonkeyPatch):
    kept.new()
    file = kept.charm / 'requirements.txt'
    file.write_text(
        f'opencti-connector @ git+https://ours\n{file.read_text().partition(chr(10))[2]}'
    )
    kept.update()

    assert 'of one machine' not in (kept.charm / 'README.md').read_text()
    assert file.read_text().startswith('opencti-connector @ git+https://ours\n')
    monkeypatch.setattr('opencti_connector.cli.update.plan.requirement', lambda: 'of CI')
    kept.update('--check')
