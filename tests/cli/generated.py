# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm that the command made, run in ops.testing."""

import contextlib
import importlib
import pathlib
import sys
from collections.abc import Generator
from typing import Any

import ops
import yaml
from click.testing import CliRunner, Result
from ops import testing

from opencti_connector.cli.main import main
from opencti_connector.testing import relation_for_provider
from tests.cli import schemas


def new(directory: pathlib.Path, manifest: pathlib.Path, *arguments: str | pathlib.Path) -> Result:
    """Run `opencti-connector new`."""
    line = ['new', str(directory), '--manifest', str(manifest), *map(str, arguments)]
    return CliRunner().invoke(main, line, catch_exceptions=False)


def charmcraft(directory: pathlib.Path) -> dict[str, Any]:
    """Return what a charm's `charmcraft.yaml` says."""
    return yaml.safe_load((directory / 'charmcraft.yaml').read_text())


def options(directory: pathlib.Path) -> dict[str, dict[str, Any]]:
    """Return the options in a charm's `charmcraft.yaml`."""
    return charmcraft(directory)['config']['options']


class Generated:
    """A generated charm."""

    def __init__(self, directory: pathlib.Path):
        self.charmcraft = charmcraft(directory)
        self.options: dict[str, dict[str, Any]] = self.charmcraft['config']['options']
        with _modules(directory) as charm_type:
            self.type = charm_type
            self.context = testing.Context(
                charm_type,
                meta={k: v for k, v in self.charmcraft.items() if k not in ('config', 'parts')},
                config=self.charmcraft['config'],
            )

    def run(self, config: dict[str, schemas.Value]) -> testing.State:
        """Run a hook, with all of OpenCTI's data."""
        relation, secrets = relation_for_provider()
        values = dict(config)
        kept = set(secrets)
        for name, value in config.items():
            if self.options[name]['type'] == 'secret':
                secret = testing.Secret({'value': str(value)})
                kept.add(secret)
                values[name] = secret.id
        container = testing.Container(self.charmcraft['name'], can_connect=True)
        state = testing.State(
            leader=True, config=values, relations={relation}, secrets=kept, containers={container}
        )
        return self.context.run(self.context.on.config_changed(), state)

    def environment(self, out: testing.State) -> dict[str, str]:
        """Return the environment of the connector's service."""
        container = out.get_container(self.charmcraft['name'])
        return container.plan.services['connector'].environment


@contextlib.contextmanager
def _modules(directory: pathlib.Path) -> Generator[type[ops.CharmBase], None, None]:
    """Import a charm's modules, which have the same names in each charm."""
    for name in ('charm', 'config'):
        sys.modules.pop(name, None)
    sys.path.insert(0, str(directory / 'src'))
    importlib.invalidate_caches()
    try:
        module = importlib.import_module('charm')
        (charm_type,) = (
            each
            for each in vars(module).values()
            if isinstance(each, type) and issubclass(each, ops.CharmBase)
        )
        yield charm_type
    finally:
        sys.path.remove(str(directory / 'src'))
        for name in ('charm', 'config'):
            sys.modules.pop(name, None)
