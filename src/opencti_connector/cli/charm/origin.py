# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Where a charm's metadata comes from, and what it says, as the charm remembers it."""

import dataclasses
import pathlib

from ..upstream import checkout
from ..upstream.checkout import find_beside
from ..upstream.dockerfile import Start
from .connector import Connector
from .memory import Memory, Upstream


@dataclasses.dataclass(frozen=True)
class Source:
    """The files to read, and the checkout of upstream's repository that they lie in."""

    manifest: pathlib.Path
    schema: pathlib.Path | None
    compose: pathlib.Path | None
    dockerfile: pathlib.Path | None
    checkout: pathlib.Path | None = None


def where(memory: Memory, source: Source) -> Upstream:
    """Return where metadata was read from, as the charm's memory names it."""
    values: dict[str, str] = {}
    root = source.checkout or checkout.checkout_of(source.manifest)
    directory = checkout.directory_of(source.manifest, root) if root else ''
    if root and directory:
        values |= {'checkout': memory.relative(root), 'directory': directory}
        values['commit'] = checkout.commit_of(root.absolute())
    else:
        values['manifest'] = memory.relative(source.manifest)
    schema = find_beside(source.manifest, 'schema')
    compose = None if schema else find_beside(source.manifest, 'compose')
    files = {
        'schema': (source.schema, schema),
        'compose': (source.compose, compose),
        'dockerfile': (source.dockerfile, find_beside(source.manifest, 'dockerfile')),
    }
    for name, (file, beside) in files.items():
        if file and not (beside and file.samefile(beside)):
            values[name] = memory.relative(file)
    return Upstream.model_validate({key: value for key, value in values.items() if value})


def said(connector: Connector, start: Start | None) -> dict[str, str]:
    """Return what upstream says of a charm, as the memory names it."""
    values = {
        'type': connector.type.value,
        'title': connector.manifest.title,
        'image': connector.manifest.container_image,
        'tag': connector.manifest.container_version,
        'command': start.command if start else None,
        'working-dir': start.working_dir if start else None,
        'user': start.user if start else None,
    }
    return {key: value for key, value in values.items() if value}
