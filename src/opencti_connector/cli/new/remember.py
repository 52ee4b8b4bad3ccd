# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a charm remembers of the way it was made."""

import pathlib

from ..charm.memory import Memory, Upstream
from ..connector import Connector
from ..upstream import checkout
from ..upstream.dockerfile import Start


def where(
    memory: Memory,
    manifest: pathlib.Path,
    schema: pathlib.Path | None,
    compose: pathlib.Path | None,
    dockerfile: pathlib.Path | None,
    root: pathlib.Path | None = None,
) -> Upstream:
    """Return where metadata was read from.

    Args:
        memory: The charm's memory.
        manifest: The manifest.
        schema: The schema that was named.
        compose: The compose file that was named.
        dockerfile: The Dockerfile that was named.
        root: The checkout of upstream's repository; by default it is found.
    """
    values: dict[str, str] = {}
    root = root or checkout.checkout_of(manifest)
    directory = checkout.directory_of(manifest, root) if root else ''
    if root and directory:
        values |= {'checkout': memory.relative(root), 'directory': directory}
        values['commit'] = checkout.commit_of(root.absolute())
    else:
        values['manifest'] = memory.relative(manifest)
    files = {'schema': schema, 'compose': compose, 'dockerfile': dockerfile}
    for name, file in files.items():
        beside = checkout.find_beside(manifest, file.name) if file else None
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
