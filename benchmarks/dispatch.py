# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A whole hook: the K8s example and a bare charm, each dispatched by ops in a fresh process.

Stand-ins for Juju's hook tools answer at once, and record that they ran. So the time is that of
Python, ops and the library; the processes are as many as in a deployed charm. There is no Pebble,
so the hook ends with waiting for the container.
"""

import collections
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import yaml

from demo import EXAMPLES

from .processes import medians

_ANSWERS = {
    'is-leader': 'true',
    'relation-ids': '["opencti-connector:1"]',
    'relation-list': '["opencti/0"]',
    'config-get': (
        '{"crowdstrike-client-id": "x", "connector-log-level": "info", '
        '"crowdstrike-client-secret": "secret:cjqub6vubg2s77p3nio1"}'
    ),
    'secret-get': '{"token": "a-token"}',
    'goal-state': (
        '{"units": {"crowdstrike/0": {"status": "active", "since": "2026-01-01T00:00:00Z"}}, '
        '"relations": {}}'
    ),
    'juju-log': '',
    'status-set': '',
    'relation-set': '',
    'state-get': '',
}
_RELATION_GET = """#!/bin/sh
echo relation-get >> "$CALLS"
case "$*" in
*crowdstrike*) echo '{"connector_charm_name": "opencti-crowdstrike-connector",
    "connector_type": "EXTERNAL_IMPORT",
    "connector_id": "5f4e2a52-0f5a-4f4b-9f3c-4f7d4a1d2b3c"}' ;;
*) echo '{"opencti_url": "http://opencti:8080",
    "opencti_token": "secret:cjqub6vubg2s77p3nio0"}' ;;
esac
"""
_BARE = """
import ops

class BareCharm(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        framework.observe(self.on.config_changed, self._on_event)
        framework.observe(self.on.collect_unit_status, self._on_status)

    def _on_event(self, event):
        pass

    def _on_status(self, event):
        event.add_status(ops.ActiveStatus())

ops.main(BareCharm)
"""


def _tools(directory: pathlib.Path) -> None:
    directory.mkdir()
    for name, answer in _ANSWERS.items():
        script = f'#!/bin/sh\necho {name} >> "$CALLS"\ncat <<"END"\n{answer}\nEND\n'
        (directory / name).write_text(script)
    (directory / 'relation-get').write_text(_RELATION_GET)
    for tool in directory.iterdir():
        tool.chmod(0o755)


def _charm(root: pathlib.Path, name: str) -> pathlib.Path:
    charm = root / name
    shutil.copytree(EXAMPLES / 'k8s-connector', charm)
    # As charmcraft does when it packs a charm.
    metadata = yaml.safe_load((charm / 'charmcraft.yaml').read_text())
    (charm / 'config.yaml').write_text(yaml.safe_dump(metadata.pop('config')))
    (charm / 'metadata.yaml').write_text(yaml.safe_dump(metadata))
    if name == 'bare':
        (charm / 'src' / 'charm.py').write_text(_BARE)
    return charm


def _environment(root: pathlib.Path, charm: pathlib.Path) -> dict[str, str]:
    return {
        **os.environ,
        'PATH': f'{root / "tools"}{os.pathsep}{os.environ["PATH"]}',
        'CALLS': str(root / f'{charm.name}.calls'),
        'CHARM_DIR': str(charm),
        'JUJU_CHARM_DIR': str(charm),
        'JUJU_DISPATCH_PATH': 'hooks/config-changed',
        'JUJU_HOOK_NAME': 'config-changed',
        'JUJU_MODEL_NAME': 'benchmark',
        'JUJU_MODEL_UUID': '59060ecc-0495-4a80-8006-5f1fc13fd783',
        'JUJU_UNIT_NAME': 'crowdstrike/0',
        'JUJU_VERSION': '3.6.0',
    }


@dataclasses.dataclass(frozen=True)
class Dispatch:
    """A charm's hook that can be run again and again."""

    command: list[str]
    environment: dict[str, str]

    def processes(self) -> collections.Counter[str]:
        """Run the hook, and count the hook tools that it ran."""
        log = pathlib.Path(self.environment['CALLS'])
        log.write_text('')
        subprocess.run(self.command, check=True, env=self.environment, capture_output=True)
        return collections.Counter(log.read_text().split())


def prepare(root: pathlib.Path) -> dict[str, Dispatch]:
    """Write the charms and the stand-ins to an empty directory."""
    _tools(root / 'tools')
    charms = [_charm(root, name) for name in ('bare', 'k8s-connector')]
    return {
        charm.name: Dispatch(
            [sys.executable, str(charm / 'src' / 'charm.py')], _environment(root, charm)
        )
        for charm in charms
    }


def table(rounds: int = 21) -> list[str]:
    """Return the table in Markdown."""
    with tempfile.TemporaryDirectory() as directory:
        dispatches = prepare(pathlib.Path(directory))
        commands = {name: dispatch.command for name, dispatch in dispatches.items()}
        environments = {name: dispatch.environment for name, dispatch in dispatches.items()}
        times = medians(commands, rounds, environments)
        lines = ['| charm | ms | ratio | processes |', '|---|---|---|---|']
        for name, dispatch in dispatches.items():
            calls = dispatch.processes()
            each = ', '.join(f'{calls[tool]} {tool}' for tool in sorted(calls))
            ratio = times[name] / times['bare']
            lines.append(f'| {name} | {times[name] * 1000:.0f} | {ratio:.2f} | {each} |')
    return lines
