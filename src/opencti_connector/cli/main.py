# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command and its subcommands; the module of each is imported when it is called."""

import importlib
import io
import sys
from typing import Any

import click

from .invalid import refusing

_SUBCOMMANDS = ('check', 'new', 'update')


class _Subcommands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _SUBCOMMANDS:
            return None
        return importlib.import_module(f'.{cmd_name}', __package__).command

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # It need not have each character.
                stream.reconfigure(errors='backslashreplace')
        try:
            with refusing():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)  # As a shell says it of a command that Ctrl-C ended.


@click.group(cls=_Subcommands)
@click.version_option(package_name='opencti-connector')
def main() -> None:
    """Make charms of OpenCTI's connectors, and check their relation with OpenCTI."""
