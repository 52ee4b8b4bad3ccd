# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Measures everything, prints it, and writes it to build/bench."""

import importlib.metadata
import pathlib
import platform

from . import dispatch, hooks, scale, startup

OUTPUT = pathlib.Path(__file__).parent.parent / 'build' / 'bench'


def main() -> None:
    """Measure everything."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    packages = ('ops', 'ops-scenario', 'pydantic', 'opencti-connector')
    versions = [
        f'Python {platform.python_version()}',
        *(f'{package} {importlib.metadata.version(package)}' for package in packages),
    ]
    rows = scale.measure()
    sections = {
        'Round trips': hooks.table(),
        'Start-up': startup.table(),
        'Whole hook': dispatch.table(),
        'Scale': scale.table(rows),
    }
    text = ', '.join(versions) + '\n'
    for title, lines in sections.items():
        text += f'\n## {title}\n\n' + '\n'.join(lines) + '\n'
    print(text)
    (OUTPUT / 'results.md').write_text(text)
    scale.plot(rows, OUTPUT / 'scale.png')
    print(f'Written to {OUTPUT.relative_to(pathlib.Path.cwd())}, with a plot of the times.')


if __name__ == '__main__':
    main()
