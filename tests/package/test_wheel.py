# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Both distributions: what they hold, and the wheel alone in a fresh environment."""

import email
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope='module')
def dist(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Both distributions, built with the hatchling that is installed: no network."""
    dist = tmp_path_factory.mktemp('dist')
    subprocess.run(
        [sys.executable, '-m', 'build', '--no-isolation', '--outdir', dist, ROOT],
        check=True,
        capture_output=True,
    )
    return dist


def only(dist: pathlib.Path, pattern: str) -> pathlib.Path:
    (found,) = dist.glob(pattern)
    return found


def test_what_the_wheel_holds(dist: pathlib.Path):
    package = ROOT / 'src' / 'opencti_connector'
    sources = {
        str(path.relative_to(package.parent))
        for path in package.rglob('*')
        if path.is_file() and '__pycache__' not in path.parts
    }
    assert 'opencti_connector/py.typed' in sources
    with zipfile.ZipFile(only(dist, '*.whl')) as wheel:
        names = {name for name in wheel.namelist() if '.dist-info/' not in name}
    assert names == sources


def test_the_sdist_holds_its_tests(dist: pathlib.Path):
    with tarfile.open(only(dist, '*.tar.gz')) as sdist:
        names = {name.partition('/')[2] for name in sdist.getnames()}
    # `make dist` runs them from there. What it needs besides are the files that they read.
    needed = {'Makefile', 'README.md', 'LICENSE', 'conftest.py', 'pyproject.toml', 'noxfile.py'}
    needed |= {'demo/__main__.py', 'docs/index.md', 'docs/examples/opencti/src/charm.py'}
    needed |= {str(path.relative_to(ROOT)) for path in (ROOT / 'tests').rglob('*.py')}
    assert needed <= names


def test_the_metadata(dist: pathlib.Path):
    with zipfile.ZipFile(only(dist, '*.whl')) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith('/METADATA'))
        metadata = email.message_from_bytes(wheel.read(name))
    assert metadata['Name'] == 'opencti-connector'
    assert metadata['Requires-Python'] == '>=3.10'
    assert metadata['License-Expression'] == 'Apache-2.0'
    assert metadata['Description-Content-Type'] == 'text/markdown'
    assert metadata.get_payload() == (ROOT / 'README.md').read_text()
    assert metadata['Keywords']
    assert metadata.get_all('Project-URL')
    required = {
        re.split('[<>; ]', requirement)[0]
        for requirement in metadata.get_all('Requires-Dist', [])
        if 'extra ==' not in requirement
    }
    assert required == {'ops', 'pydantic', 'typing-extensions'}
    assert metadata.get_all('Provides-Extra') == ['cli', 'testing']


def test_an_example_runs_with_the_wheel_alone(dist: pathlib.Path, tmp_path: pathlib.Path):
    venv.create(tmp_path / 'venv', with_pip=True)
    python = tmp_path / 'venv' / 'bin' / 'python'
    subprocess.run(
        [python, '-m', 'pip', 'install', '--no-index', '--no-deps', only(dist, '*.whl')],
        check=True,
        capture_output=True,
    )
    # After the environment's own packages come those of these tests, without the library: it is
    # installed in editable mode, so it is not in their directory.
    site_packages = subprocess.run(
        [python, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    dependencies = pathlib.Path(site_packages) / 'dependencies.pth'
    dependencies.write_text(sysconfig.get_path('purelib') + '\n')

    example = ROOT / 'docs' / 'examples' / 'tutorial-connector'
    script = (
        'import pathlib, sys, opencti_connector, pytest\n'
        'origin = pathlib.Path(opencti_connector.__file__)\n'
        f'assert origin.is_relative_to({str(tmp_path)!r}), origin\n'
        'arguments = ["-q", "-p", "no:cacheprovider", "-c", "pyproject.toml", "tests"]\n'
        'sys.exit(pytest.main(arguments))\n'
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(('PYTHON', 'COV_'))}
    result = subprocess.run(
        [python, '-B', '-c', script],
        cwd=example,
        env={**environment, 'PYTHONDONTWRITEBYTECODE': '1'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert '4 passed' in result.stdout
