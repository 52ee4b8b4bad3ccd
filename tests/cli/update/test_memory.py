# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `opencti-connector.toml` says, lacks, or cannot say."""

import pathlib
import re

import pytest
from click.testing import CliRunner

from opencti_connector.cli.main import main
from tests.cli.update.kept import PROPERTIES, Kept
from tests.cli.update.updates import snapshot


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


def test_the_user_of_the_image(kept: Kept):
    kept.new()
    (kept.connector / 'Dockerfile').write_text('USER app\nENTRYPOINT ["run"]\n')

    assert 'charm user changed none to app' in ' '.join(kept.update().split())
    assert 'connector_user = "app"' in (kept.charm / 'src' / 'charm.py').read_text()


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
