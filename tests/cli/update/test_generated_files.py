# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `update` does with generated files: up to date, unless a person changed them."""

import pathlib
from typing import Any

import pytest
import yaml

from tests.cli import metadata
from tests.cli.generated import new
from tests.cli.update.kept import PROPERTIES, Kept
from tests.cli.update.proof import own_tests, prove_update
from tests.cli.update.updates import snapshot

NEWER: dict[str, Any] = {
    'title': 'New Shapes',
    'short_description': 'Imports new shapes.',
    'description': 'All of them.',
    'container_type': 'STREAM',
    'container_image': 'opencti/connector-new-shapes',
    'container_version': '7.1',
}


def test_all_that_upstream_says(kept: Kept):
    kept.new()
    kept.upstream(PROPERTIES, **NEWER)
    (kept.connector / 'Dockerfile').write_text('ENTRYPOINT ["run", "all"]\n')
    checked = kept.update('--check', code=1)
    output = kept.update()

    rows = [' '.join(line.split()) for line in output.splitlines()]
    assert rows[3:9] == [
        'charm type changed EXTERNAL_IMPORT to STREAM yes',
        'charm title changed Shapes to New Shapes',
        'charm image changed opencti/connector-shapes to opencti/connector-new-shapes',
        'charm tag changed rolling to 7.1',
        'charm command changed run to run all',
        'charm working-dir changed /opt to none',
    ]
    assert checked == output.replace('written', 'differs')
    charm = (kept.charm / 'src' / 'charm.py').read_text()
    assert 'ConnectorType.STREAM' in charm
    assert 'connector_command = "run all"' in charm
    assert 'working_dir' not in charm
    fields = yaml.safe_load((kept.charm / 'charmcraft.yaml').read_text())
    assert (fields['title'], fields['summary']) == ('New Shapes', 'Imports new shapes.')
    assert fields['description'] == 'All of them.\n'
    (image,) = fields['resources'].values()
    assert image['upstream-source'] == 'opencti/connector-new-shapes:7.1'
    readme = (kept.charm / 'README.md').read_text()
    assert '**New Shapes**' in readme
    assert 'opencti/connector-new-shapes:7.1' in readme
    assert 'STREAM' in (kept.charm / 'tests' / 'unit' / 'test_charm.py').read_text()
    assert kept.update('--check').endswith('Up to date.\n')


@pytest.mark.parametrize('is_changed', [False, True])
def test_a_new_required_option(kept: Kept, is_changed: bool):
    kept.new()
    if is_changed:
        kept.edit('tests/unit/test_charm.py', 'def test_active', 'def test_our_own')
    kept.upstream(
        {
            **PROPERTIES,
            'X_NEW': {'type': 'string'},
            'X_SECRET': {'format': 'password', 'type': 'string'},
        },
        required=('X_NEW', 'X_SECRET'),
    )
    kept.update()

    assert own_tests(kept.charm) == []
    assert ('test_our_own' in (kept.charm / 'tests/unit/test_charm.py').read_text()) is is_changed
    assert ' x-new=' in (kept.charm / 'README.md').read_text()


@pytest.mark.parametrize(
    ('file', 'old', 'new', 'piece', 'would_be'),
    [
        ('README.md', '# opencti', '# Our opencti', 'README.md', '+A charm for'),
        ('src/charm.py', 'Runs', 'Also runs', 'src/charm.py', '+    connector_type = '),
        (
            'charmcraft.yaml',
            'title: "Shapes"',
            'title: Forms  # shorter',
            'charmcraft.yaml: title',
            '+title: "New Shapes"',
        ),
        (
            'charmcraft.yaml',
            'opencti/connector-shapes:rolling',
            'ours/shapes:1',
            'charmcraft.yaml: resources.opencti-shapes-connector-image',
            '+  upstream-source: "opencti/connector-new-shapes:7.1"',
        ),
        ('src/config.py', '"""The', '"""Our', 'src/config.py', '+    x_new: str | None = None'),
    ],
)
def test_what_a_person_changed(
    kept: Kept, file: str, old: str, new: str, piece: str, would_be: str
):
    kept.new()
    kept.edit(file, old, new)
    assert kept.update('--check').endswith('Up to date.\n')
    kept.upstream({**PROPERTIES, 'X_NEW': {'type': 'string'}}, **NEWER)
    before = snapshot(kept.charm)
    checked = kept.update('--check', code=1)
    assert snapshot(kept.charm) == before
    output = kept.update()

    assert new in (kept.charm / file).read_text()
    for each in (checked, output):
        assert f'{piece}: a person changed it, so it stays. Upstream would have:' in each
        assert would_be in each
    assert kept.update('--check').endswith('Up to date.\n')  # Told once.


def test_what_a_person_removed(kept: Kept):
    kept.new()
    (kept.charm / '.gitignore').unlink()
    (kept.charm / 'README.md').unlink()
    kept.edit('charmcraft.yaml', 'links:\n  source:', '# No links: ')
    kept.update('--check')
    kept.upstream(PROPERTIES, **NEWER)

    assert 'README.md: a person changed it' in kept.update()
    assert not (kept.charm / 'README.md').exists()
    assert not (kept.charm / '.gitignore').exists()


def test_line_endings_are_no_change(kept: Kept):
    kept.new()
    readme = kept.charm / 'README.md'
    readme.write_bytes(readme.read_bytes().replace(b'\n', b'\r\n'))
    kept.upstream(PROPERTIES, **NEWER)
    kept.update()

    assert 'New Shapes' in readme.read_text()


@pytest.mark.parametrize(
    ('key', 'mine', 'file', 'words'),
    [
        ('title = "Shapes"', 'title = "Forms"  # ours', 'charmcraft.yaml', 'title: "Forms"'),
        ('tag = "rolling"', 'tag = "7.0"', 'charmcraft.yaml', 'opencti/connector-shapes:7.0'),
        ('tag = "rolling"', 'tag = "rolling"  # ours', 'charmcraft.yaml', 'shapes:rolling'),
        ('command = "run"', 'command = "walk"', 'src/charm.py', 'connector_command = "walk"'),
        ('type = "EXTERNAL_IMPORT"', 'type = "INTERNAL_ANALYSIS"', 'src/charm.py', 'ANALYSIS'),
    ],
)
def test_what_a_person_decided(kept: Kept, key: str, mine: str, file: str, words: str):
    kept.new()
    kept.edit('opencti-connector.toml', key, mine)
    kept.update()
    assert words in (kept.charm / file).read_text()
    kept.upstream(PROPERTIES, **{**NEWER, 'container_image': 'opencti/connector-shapes'})
    (kept.connector / 'Dockerfile').write_text('ENTRYPOINT ["run", "all"]\n')
    output = kept.update()

    assert 'decided: ' in output
    assert words in (kept.charm / file).read_text()
    assert mine in (kept.charm / 'opencti-connector.toml').read_text()


@pytest.mark.parametrize(
    ('old', 'new', 'words'),
    [
        ('type = "EXTERNAL_IMPORT"', 'type = "NONE"', 'charm.type: must be one of'),
        (
            'name = "opencti-shapes-connector"',
            'name = "other"',
            'charm.name: charmcraft.yaml has the name opencti-shapes-connector',
        ),
    ],
)
def test_a_decision_that_cannot_be(kept: Kept, old: str, new: str, words: str):
    kept.new()
    kept.edit('opencti-connector.toml', old, new)

    assert f'opencti-connector.toml: {words}' in kept.update(code=2)


def test_a_newer_template(kept: Kept):
    """A file that the command did not generate before comes, unless there is one."""
    kept.new()
    for line in ('"tests/unit/samples.py"', '"README.md"'):
        text = (kept.charm / 'opencti-connector.toml').read_text()
        kept.edit(
            'opencti-connector.toml', next(each for each in text.splitlines() if line in each), ''
        )
    (kept.charm / 'tests' / 'unit' / 'samples.py').unlink()
    kept.edit('README.md', '# opencti', '# Our opencti')
    kept.update()

    assert (kept.charm / 'tests' / 'unit' / 'samples.py').exists()
    assert '# Our opencti' in (kept.charm / 'README.md').read_text()


def test_the_charm_has_metadata_yaml(kept: Kept):
    kept.charm.mkdir()
    (kept.charm / 'metadata.yaml').write_text('name: opencti-forms-connector\n')
    (kept.charm / 'config.yaml').write_text('options: {}\n')
    kept.update(f'--manifest={kept.manifest}')

    assert {path.name for path in kept.charm.iterdir()} == {
        'config.yaml',
        'metadata.yaml',
        'opencti-connector.toml',
        'src',
    }
    assert 'x-level' in (kept.charm / 'config.yaml').read_text()


@pytest.mark.parametrize('has_schema', [True, False])
def test_any_shape(tmp_path: pathlib.Path, has_schema: bool):
    manifest = metadata.write(tmp_path / 'connector_manifest.json', metadata.MANIFEST)
    schema = tmp_path / 'connector_config_schema.json' if has_schema else None
    if schema is not None:
        metadata.write(schema, metadata.all_shapes())
    arguments = [f'--schema={schema}'] if schema else []
    assert new(tmp_path / 'charm', manifest, *arguments).exit_code == 0
    assert prove_update(tmp_path / 'charm', manifest, schema) == []
