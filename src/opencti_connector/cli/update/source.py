# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Where the metadata of a charm that exists is read from."""

import dataclasses
import pathlib

import click

from ..charm.memory import FILE, Memory
from ..charm.origin import Source
from ..invalid import Invalid
from ..upstream import checkout


@dataclasses.dataclass(frozen=True)
class Named:
    """What a person named on the command line."""

    manifest: pathlib.Path | None = None
    schema: pathlib.Path | None = None
    compose: pathlib.Path | None = None
    checkout: pathlib.Path | None = None


def source_of(memory: Memory, named: Named) -> Source:
    """Return where to read, by the command line, else by what the charm remembers.

    Raises:
        UsageError: if neither says it.
        Invalid: if the checkout does not have the connector.
    """
    known = memory.content.upstream
    root = named.checkout or memory.path(known.checkout)
    manifest = named.manifest or (None if named.checkout else memory.path(known.manifest))
    schema, compose = named.schema, named.compose
    if named.manifest is None and named.checkout is None:
        schema = schema or memory.path(known.schema_file)
        compose = compose or memory.path(known.compose)
    elif named.manifest is not None:
        root = named.checkout
    if manifest is None and root is not None:
        if not root.is_dir():
            raise Invalid(root, '', 'no such directory; name a checkout with --upstream')
        manifest = checkout.manifest_of(root, known.directory, memory.content.generated.slug)
    if manifest is None:
        what = f'has no {FILE} yet' if memory.is_new else f'says in its {FILE} not where to read'
        raise click.UsageError(f'{memory.file.parent} {what}; pass --manifest')
    return Source(manifest, schema, compose, memory.path(known.dockerfile), root)
