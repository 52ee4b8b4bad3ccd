# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Runs the tests on each Python, with newest and lowest dependencies, and from the sdist."""

import os
import pathlib
import tarfile

import nox
from packaging.requirements import Requirement

PYTHONS = ('3.10', '3.11', '3.12', '3.13')
PARALLEL = ('-n', 'auto', '--dist', 'loadfile', '--no-loadscope-reorder')  # As `make test` says.
PROJECT = nox.project.load_toml('pyproject.toml')

nox.options.sessions = ['newest', 'lowest']
nox.options.default_venv_backend = 'venv'
nox.options.reuse_existing_virtualenvs = True


def _add_pyenv_to_path() -> None:
    """Let nox find all Pythons in pyenv, whose shims only find those switched on."""
    root = pathlib.Path(os.environ.get('PYENV_ROOT', pathlib.Path.home() / '.pyenv'))
    bins = [max(root.glob(f'versions/{version}.*/bin'), default=None) for version in PYTHONS]
    found = [str(path) for path in bins if path is not None]
    os.environ['PATH'] = os.pathsep.join([*found, os.environ['PATH']])


_add_pyenv_to_path()


def _lowest(session: nox.Session) -> list[str]:
    """The lower bound of each runtime dependency, as a pin."""
    pins: list[str] = []
    for dependency in PROJECT['project']['dependencies']:
        requirement = Requirement(dependency)
        marker = requirement.marker
        if marker is None or marker.evaluate({'python_version': str(session.python)}):
            (bound,) = [s.version for s in requirement.specifier if s.operator == '>=']
            pins.append(f'{requirement.name}=={bound}')
    return pins


def _test(session: nox.Session, *pins: str) -> None:
    session.install('--quiet', '--upgrade', 'pip')
    session.install('--quiet', '--editable', '.', '--group', 'test', *pins)
    session.run(
        'python', '-m', 'pytest', '-q', *PARALLEL, *session.posargs, env={'FUZZ': 'glance'}
    )


@nox.session(python=PYTHONS)
def newest(session: nox.Session) -> None:
    """Test with the newest dependencies."""
    _test(session)


@nox.session(python=PYTHONS)
def lowest(session: nox.Session) -> None:
    """Test with the lowest dependencies that pyproject.toml allows."""
    _test(session, *_lowest(session))


@nox.session
def dist(session: nox.Session) -> None:
    """Install the sdist, then the wheel, from `dist`, and run the tests that the sdist holds."""
    (sdist,) = pathlib.Path('dist').resolve().glob('*.tar.gz')
    (wheel,) = sdist.parent.glob('*.whl')
    unpacked = pathlib.Path(session.create_tmp()) / sdist.name.removesuffix('.tar.gz')
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked.parent, filter='data')
    session.install('--quiet', '--upgrade', 'pip')
    session.install('--quiet', '--force-reinstall', '--no-deps', str(sdist))
    group = f'{unpacked / "pyproject.toml"}:test'
    session.install('--quiet', '--force-reinstall', '--no-deps', str(wheel))
    session.install('--quiet', f'{wheel}[cli,testing]', '--group', group)
    session.chdir(unpacked)
    session.run(
        'python', '-m', 'pytest', '-q', *PARALLEL, *session.posargs, env={'FUZZ': 'glance'}
    )
