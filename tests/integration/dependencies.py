# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a charm imports, fetched once for the Python that runs it."""

import hashlib
import importlib.metadata
import pathlib
import re
import subprocess
import sys
import tempfile

_KEPT = pathlib.Path(__file__).parents[2] / 'build' / 'integration'


def of_charm(charm: pathlib.Path) -> list[str]:
    """Return what a charm requires besides the library."""
    lines = (charm / 'requirements.txt').read_text().splitlines()
    library = re.compile(r'(\./)?opencti[-_]connector\b')
    return [line for line in lines if line and library.match(line) is None]


def fetch(charm: pathlib.Path, python: str) -> pathlib.Path:
    """Return a folder with all that a charm and the library require."""
    of_library = importlib.metadata.requires('opencti-connector') or []
    requirements = of_charm(charm) + [line for line in of_library if 'extra ==' not in line]
    key = hashlib.sha256('\n'.join([python, *requirements]).encode()).hexdigest()[:16]
    kept = _KEPT / f'dependencies-{key}'
    if not kept.exists():
        _KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_KEPT) as temporary:
            target = pathlib.Path(temporary, 'lib')
            pip = [sys.executable, '-m', 'pip', 'install', '--quiet', '--target', target]
            # Compiled parts are for the Python that runs the charm, not for this one.
            pip += ['--python-version', python, '--only-binary=:all:']
            subprocess.run([*pip, *requirements], check=True)
            target.rename(kept)
    return kept
