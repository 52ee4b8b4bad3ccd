# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The files of a charm that `new` makes."""

import importlib.util
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest

from opencti_connector.cli.upstream import names, samples
from opencti_connector.cli.upstream.metadata import Property
from tests.cli import metadata
from tests.cli.generated import Generated, charmcraft, new

ROOT = pathlib.Path(__file__).parents[3]
FILES = {
    '.gitignore',
    'README.md',
    'charmcraft.yaml',
    'opencti-connector.toml',
    'pyproject.toml',
    'requirements.txt',
    'src/charm.py',
    'src/config.py',
    'tests/unit/samples.py',
    'tests/unit/test_charm.py',
}


@pytest.fixture
def make(tmp_path: pathlib.Path):
    """Make a charm in `tmp_path / 'charm'`, and return what the command said."""

    def run(*arguments: str, schema: Any = None, **manifest: Any) -> str:
        file = metadata.write(tmp_path / 'manifest.json', {**metadata.MANIFEST, **manifest})
        if schema is not None:
            path = metadata.write(tmp_path / 'schema.json', schema)
            arguments = (*arguments, f'--schema={path}')
        result = new(tmp_path / 'charm', file, *arguments)
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.mark.parametrize('exists', [True, False])
def test_files(tmp_path: pathlib.Path, make: Any, exists: bool):
    if exists:
        (tmp_path / 'charm').mkdir()
    make(schema=metadata.all_shapes())

    charm = tmp_path / 'charm'
    assert {f.relative_to(charm).as_posix() for f in charm.rglob('*') if f.is_file()} == FILES
    assert os.access(charm / 'src' / 'charm.py', os.X_OK)
    assert not os.access(charm / 'src' / 'config.py', os.X_OK)
    assert {each.name for each in tmp_path.iterdir()} == {'charm', 'manifest.json', 'schema.json'}


def test_its_own_tests_pass(tmp_path: pathlib.Path, make: Any):
    make(schema=metadata.all_shapes())
    line = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-p', 'no:anyio']
    result = subprocess.run(line, cwd=tmp_path / 'charm', capture_output=True, text=True)

    assert result.returncode == 0, result.stdout
    count = 4 + len(metadata.REQUIRED)
    assert f'{count} passed' in result.stdout


def test_charmcraft_fields(tmp_path: pathlib.Path, make: Any):
    make(schema=metadata.all_shapes())
    fields = charmcraft(tmp_path / 'charm')

    name = 'opencti-shapes-connector'
    assert (fields['name'], fields['title'], fields['type']) == (name, 'Shapes', 'charm')
    assert fields['summary'] == metadata.MANIFEST['short_description']
    assert fields['description'] == metadata.MANIFEST['description'] + '\n'
    assert fields['links'] == {'source': metadata.MANIFEST['source_code']}
    assert fields['containers'] == {name: {'resource': f'{name}-image'}}
    image = fields['resources'][f'{name}-image']
    assert image['upstream-source'] == 'opencti/connector-shapes:rolling'
    assert fields['parts']['charm']['charm-binary-python-packages'] == ['pydantic']


@pytest.mark.skipif(not importlib.util.find_spec('charmcraft'), reason='charmcraft is not here')
def test_charmcraft_accepts_it(tmp_path: pathlib.Path, make: Any):
    import craft_parts.plugins
    from charmcraft.models import project
    from charmcraft.parts.plugins import CharmPlugin

    craft_parts.plugins.register({'charm': CharmPlugin})
    make(schema=metadata.all_shapes())

    project.PlatformCharm.unmarshal(charmcraft(tmp_path / 'charm'))


@pytest.mark.parametrize(
    ('manifest', 'title', 'summary'),
    [
        ({'title': 'T ' * 30}, 'T ' * 19 + 'T', 'Imports shapes of all kinds.'),
        ({'short_description': None}, 'Shapes', 'OpenCTI connector Shapes'),
        ({'short_description': f'One. {"more " * 20}'}, 'Shapes', 'One'),
        ({'title': 'x' * 90, 'short_description': ''}, 'x' * 40, '...'),
        (
            {'title': 'It "is" \\ #1: \x07yes'},
            'It "is" \\ #1: yes',
            metadata.MANIFEST['short_description'],
        ),
    ],
)
def test_odd_texts(
    tmp_path: pathlib.Path, make: Any, manifest: dict[str, Any], title: str, summary: str
):
    make(**manifest)
    fields = charmcraft(tmp_path / 'charm')

    assert fields['title'] == title
    assert fields['summary'].endswith(summary)
    assert len(fields['summary']) <= 78
    assert Generated(tmp_path / 'charm').run({'connector-scope': 'a'}).unit_status.name == 'active'


def test_no_description_and_no_source(tmp_path: pathlib.Path, make: Any):
    make(description='', short_description='', source_code=None)
    fields = charmcraft(tmp_path / 'charm')

    assert fields['description'] == 'Shapes\n'
    assert 'links' not in fields


def test_no_schema(tmp_path: pathlib.Path, make: Any):
    output = make()
    options = charmcraft(tmp_path / 'charm')['config']['options']

    assert options.keys() == {'connector-scope', 'connector-log-level', 'connector-auto'}
    assert 'Without a schema (no compose file beside the manifest, either)' in output
    assert 'manifest.json.\n' in output
    readme = (tmp_path / 'charm' / 'README.md').read_text()
    steps = [line for line in output.splitlines() if line[:2] in ('1.', '2.', '3.', '4.')]
    assert len(steps) == 4
    assert all(step in readme for step in steps)


@pytest.mark.parametrize(
    ('arguments', 'command', 'working_dir'),
    [
        ((), '/entrypoint.sh', ''),
        (('--rock',), 'bash /entrypoint.sh', ''),
        (('--command=python -m src', '--working-dir=/opt/a b'), 'python -m src', '/opt/a b'),
    ],
)
def test_start(
    tmp_path: pathlib.Path, make: Any, arguments: tuple[str, ...], command: str, working_dir: str
):
    output = make(*arguments)
    charm = Generated(tmp_path / 'charm')
    out = charm.run({'connector-scope': 'a'})
    service = out.get_container('opencti-shapes-connector').plan.services['connector']

    assert (service.command, service.working_dir) == (command, working_dir)
    assert f'`{command}`' in output
    has_source = 'upstream-source' in (tmp_path / 'charm' / 'charmcraft.yaml').read_text()
    assert has_source is ('--rock' not in arguments)


def test_start_of_a_known_image(tmp_path: pathlib.Path, make: Any):
    tree = 'https://github.com/OpenCTI-Platform/connectors/tree/master'
    make(source_code=f'{tree}/external-import/cve')

    text = (tmp_path / 'charm' / 'src' / 'charm.py').read_text()
    assert 'connector_command = "python -m src"' in text
    assert 'working_dir = "/opt/opencti-connector-cve"' in text


def test_the_schema_knows_the_type_better(tmp_path: pathlib.Path, make: Any):
    schema = metadata.schema({})
    schema['properties']['CONNECTOR_TYPE'] = {'const': 'STREAM'}
    output = make(schema=schema)

    assert 'CONNECTOR_TYPE: the schema says STREAM, the manifest EXTERNAL_IMPORT' in output
    assert 'ConnectorType.STREAM' in (tmp_path / 'charm' / 'src' / 'charm.py').read_text()


def test_the_schema_says_no_type(tmp_path: pathlib.Path, make: Any):
    schema = metadata.schema({})
    schema['properties']['CONNECTOR_TYPE'] = {'type': 'string'}

    assert 'Note' not in make(schema=schema)


@pytest.mark.parametrize(
    ('slug', 'name'),
    [
        ('shapes', 'opencti-shapes-connector'),
        ('Shapes_v2', 'opencti-shapes-v2-connector'),
        ('shapes-365-x', 'opencti-shapes365-x-connector'),
        ('365-shapes', 'opencti-c365-shapes-connector'),
        ('crowdstrike-falcon-intel', 'crowdstrike-falcon-intel-connector'),
        ('a-slug-that-is-rather-long', 'a-slug-that-is-rather-long-connector'),
        ('microsoft-defender-intel', 'microsoft-defender-intel-connector'),
        ('microsoft-defender-intel-synchronizer', 'microsoft-intel-synchronizer-connector'),
        ('checkfirst-import-connector', 'opencti-checkfirst-import-connector'),
        ('a-' + 'b' * 20 + '-' + 'c' * 20, 'opencti-a-' + 'c' * 20 + '-connector'),
        ('a' * 30, 'a' * 30 + '-connector'),
    ],
)
def test_name(slug: str, name: str):
    assert names.check_charm_name(names.charm_name(slug)) == name


def test_another_name(tmp_path: pathlib.Path, make: Any):
    make('--name=opencti-forms-connector')

    assert charmcraft(tmp_path / 'charm')['name'] == 'opencti-forms-connector'


def test_a_sample_may_not_be_found():
    assert samples.sample(Property(type='string', pattern='^<[0-9]{9}>$')) == 'sample'


def test_the_library_imports_nothing_of_the_command():
    code = (
        'import sys, opencti_connector as o; [getattr(o, name) for name in o.__all__]; '
        'print(sorted(m for m in sys.modules if m.startswith("opencti_connector.cli") '
        'or m.partition(".")[0] in ("click", "jinja2", "rich", "ruamel", "ruff", "tomlkit")))'
    )
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)

    assert result.stdout.strip() == '[]'
