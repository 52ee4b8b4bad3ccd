# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`charmcraft pack` can pack each charm in the documentation.

The `charm` plugin of charmcraft installs with `pip install --no-binary=:all:`, after what
`charm-binary-python-packages` names. What is not pure Python has to be named there: its image has
no compiler for Rust. The `uv` plugin would need a `uv.lock` beside each charm.
"""

import importlib.metadata
import os
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = pathlib.Path(__file__).parents[2]
FILES = sorted((ROOT / 'docs').rglob('charmcraft.yaml'))


def part(file: pathlib.Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text())['parts']['charm']


def dependencies(requirement: Requirement) -> Iterator[Requirement]:
    """Yield a requirement and all that it requires, as installed here."""
    yield requirement
    environments = [{'extra': extra} for extra in ['', *requirement.extras]]
    for text in importlib.metadata.requires(requirement.name) or []:
        needed = Requirement(text)
        marker = needed.marker
        if marker is None or any(marker.evaluate(environment) for environment in environments):
            yield from dependencies(needed)


def is_pure(name: str) -> bool:
    """Whether a distribution that is installed here is pure Python."""
    wheel = importlib.metadata.distribution(name).read_text('WHEEL') or ''
    return 'Root-Is-Purelib: true' in wheel


def is_optional(name: str) -> bool:
    """Whether a distribution also works without its extension module."""
    return name in {'pyyaml', 'charset-normalizer', 'markupsafe'}


def test_there_are_charms():
    assert {file.parent.name for file in FILES} >= {'k8s-connector', 'opencti'}


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.parent.name)
class TestCharm:
    def test_wheels_are_named_for_what_is_not_pure_python(self, file: pathlib.Path):
        requirements = (file.parent / 'requirements.txt').read_text().splitlines()
        needed = {
            canonicalize_name(found.name)
            for line in requirements
            for found in dependencies(Requirement(line))
        }
        named = {
            canonicalize_name(found.name)
            for text in part(file)['charm-binary-python-packages']
            for found in dependencies(Requirement(text))
        }
        compiled = {name for name in needed if not is_pure(name) and not is_optional(name)}
        assert 'pydantic-core' in compiled
        assert compiled <= named

    def test_a_named_package_brings_the_core_that_fits(self, file: pathlib.Path):
        # pydantic requires one exact version of its core: the newest one need not be it.
        assert 'pydantic' in part(file)['charm-binary-python-packages']
        assert 'pydantic-core' not in part(file)['charm-binary-python-packages']

    def test_the_file_says_why(self, file: pathlib.Path):
        assert re.search(r'# .*wheel.*\n +charm-binary-python-packages:', file.read_text())

    def test_the_plugin_needs_no_lock_file(self, file: pathlib.Path):
        assert part(file)['plugin'] == 'charm'
        assert part(file)['source'] == '.'

    def test_the_charm_can_be_started(self, file: pathlib.Path):
        for entry in file.parent.glob('src/*charm.py'):
            assert os.access(entry, os.X_OK), f'{entry}: must be executable'
            assert entry.read_text().startswith('#!/usr/bin/env python3\n')
            assert 'ops.main(' in entry.read_text()
        assert (file.parent / part(file).get('charm-entrypoint', 'src/charm.py')).exists()
