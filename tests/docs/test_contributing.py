# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""CONTRIBUTING.md lays out the code as it is, and the workflows run targets that exist."""

import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
PACKAGE = ROOT / 'src' / 'opencti_connector'


def layout() -> list[str]:
    text = (ROOT / 'CONTRIBUTING.md').read_text()
    return re.findall(r'^ {4,8}([\w/]+(?:\.py|/)) +\w', text, re.MULTILINE)


def test_each_module_is_named():
    modules = {path.name for path in PACKAGE.glob('*.py')} - {'__init__.py', '__main__.py'}
    packages = {f'{path.parent.name}/' for path in PACKAGE.glob('*/__init__.py')}
    named = set(layout())
    assert {name for name in named if name.endswith('.py')} == modules
    assert packages <= named


def test_each_directory_is_named():
    folders = {name for name in layout() if name.endswith('/')}
    assert {'cli/', 'demo/', 'docs/', 'fakes/'} <= folders
    tests = {f'tests/{path.parent.name}/' for path in (ROOT / 'tests').glob('*/__init__.py')}
    assert tests == {folder for folder in folders if folder.startswith('tests/')}
    for folder in folders:
        assert (PACKAGE / folder).is_dir() or (ROOT / folder).is_dir(), folder


def test_workflows_run_targets_that_exist():
    targets = set(re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(), re.MULTILINE))
    for workflow in (ROOT / '.github' / 'workflows').glob('*.yml'):
        for run in re.findall(
            r'run: make PYTHON=python (.+?)(?: #.*)?$', workflow.read_text(), re.M
        ):
            assert set(run.split()) <= targets, workflow
