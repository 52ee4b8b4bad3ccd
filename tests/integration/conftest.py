# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A model of a real Juju, and the example charms, packed."""

import pathlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import jubilant

ROOT = pathlib.Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [tool for tool in ('juju', 'charmcraft') if shutil.which(tool) is None]
    if missing:
        reason = f'needs a Juju controller; not found here: {", ".join(missing)}'
        for item in items:
            if pathlib.Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope='module')
def juju() -> 'Iterator[jubilant.Juju]':
    import jubilant

    with jubilant.temp_model() as juju:
        juju.wait_timeout = 15 * 60
        yield juju


@pytest.fixture(scope='session')
def pack(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], pathlib.Path]:
    """Pack an example charm with the library as it stands here."""

    def pack(example: str) -> pathlib.Path:
        charm = tmp_path_factory.mktemp('charms') / example
        shutil.copytree(ROOT / 'docs' / 'examples' / example, charm)
        subprocess.run(
            [sys.executable, '-m', 'build', '--wheel', '--outdir', charm, ROOT], check=True
        )
        (wheel,) = charm.glob('*.whl')
        requirements = charm / 'requirements.txt'
        lines = requirements.read_text().splitlines()
        lines[lines.index('opencti-connector')] = f'./{wheel.name}'
        requirements.write_text('\n'.join(lines) + '\n')
        subprocess.run(['charmcraft', 'pack'], cwd=charm, check=True)
        (packed,) = charm.glob('*.charm')
        return packed

    return pack
