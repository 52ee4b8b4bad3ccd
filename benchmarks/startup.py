# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What it costs to import the library: packages and time."""

import subprocess

from .processes import medians, python

_TWO_FIELDS = 'import ops, pydantic\nclass Model(pydantic.BaseModel):\n    a: str\n    b: int\n'
_USE = (
    'import opencti_connector\n'
    'opencti_connector.ConnectorDetails(connector_charm_name="a", connector_type="STREAM")\n'
)
IMPORTS = {
    'import ops': 'import ops',
    'import ops, pydantic': 'import ops\nfrom pydantic import BaseModel',
    'import ops, pydantic; a model of two fields': _TWO_FIELDS,
    'from opencti_connector import ConnectorProvides': (
        'from opencti_connector import ConnectorProvides'
    ),
    'from opencti_connector import OpenctiRequires': (
        'from opencti_connector import OpenctiRequires'
    ),
    'the wire alone; a model used': _USE,
    'from opencti_connector import OpenctiConnectorMixin': (
        'from opencti_connector import OpenctiConnectorMixin'
    ),
}


def modules(code: str) -> set[str]:
    """Return the modules that some code loads in a fresh process."""
    result = subprocess.run(
        python(f'{code}\nimport sys\nprint(*sys.modules)'),
        check=True,
        capture_output=True,
        text=True,
    )
    return set(result.stdout.split())


def packages(code: str) -> set[str]:
    """Return the packages that some code loads; more modules in one package do not count."""
    return {module.partition('.')[0] for module in modules(code)}


def table(rounds: int = 31) -> list[str]:
    """Return the table in Markdown."""
    times = medians({name: python(code) for name, code in IMPORTS.items()}, rounds)
    base = times['import ops']
    lines = ['| | packages | ms | ratio to `import ops` |', '|---|---|---|---|']
    for name, code in IMPORTS.items():
        row = (f'`{name}`', len(packages(code)), f'{times[name] * 1000:.0f}')
        lines.append(f'| {row[0]} | {row[1]} | {row[2]} | {times[name] / base:.2f} |')
    return lines
