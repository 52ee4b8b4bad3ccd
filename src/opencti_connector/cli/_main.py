# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command and its verbs; each verb is a module of its own, imported when it is called."""

import importlib

import click

_VERBS = ('check', 'new', 'update')


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        return importlib.import_module(f'._{cmd_name}', __package__).command


@click.group(cls=_Verbs)
@click.version_option(package_name='opencti-connector')
def main() -> None:
    """Make charms of OpenCTI's connectors, and check their relation with OpenCTI."""
