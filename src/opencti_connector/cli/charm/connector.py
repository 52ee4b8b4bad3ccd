# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector, as its metadata describes it."""

import dataclasses
import pathlib
from collections.abc import Container

from ..._relation import ConnectorType
from ..invalid import Invalid
from ..upstream import compose
from ..upstream.checkout import find_beside
from ..upstream.common import guessed_schema
from ..upstream.credentials import is_credential_by_name
from ..upstream.metadata import Manifest, Schema, read_manifest, read_schema
from ..upstream.options import Option, options_of
from .defaults import unfit_defaults


@dataclasses.dataclass(frozen=True)
class Connector:
    """A connector of OpenCTI."""

    manifest: Manifest
    type: ConnectorType
    options: list[Option]
    files: list[pathlib.Path]
    """The files that were read."""

    has_schema: bool
    notes: list[str]
    """What is odd in the metadata, and what the charm has instead."""

    @property
    def compose_file(self) -> pathlib.Path | None:
        """The compose file from which the options were guessed, for want of a schema."""
        return None if self.has_schema or len(self.files) == 1 else self.files[1]

    @property
    def likely_secrets(self) -> list[str]:
        """The plain options that are credentials, by their names."""
        return [
            option.name
            for option in self.options
            if option.type == 'string'
            and option.schema.enum is None
            and is_credential_by_name(option.name)
        ]


def read_connector(
    manifest_file: pathlib.Path,
    schema_file: pathlib.Path | None = None,
    *,
    compose_file: pathlib.Path | None = None,
    with_deprecated: bool,
    present: Container[str] = (),
) -> Connector:
    """Read a connector's metadata.

    Args:
        manifest_file: Its manifest.
        schema_file: Its schema; by default the one beside the manifest, if there is one.
        compose_file: A compose file that lists the variables, read if there is no schema; by
            default the one beside the manifest, if there is one.
        with_deprecated: Whether to include deprecated options that are not required.
        present: The options that the charm already has; they are included even if deprecated.

    Raises:
        Invalid: if the metadata cannot be used.
    """
    manifest = read_manifest(manifest_file)
    if schema_file is None and compose_file is None:
        schema_file = find_beside(manifest_file, 'schema')
        compose_file = find_beside(manifest_file, 'compose')
    notes: list[str] = []
    read = schema_file or compose_file
    if schema_file is not None:
        schema = read_schema(schema_file)
    elif compose_file is not None:
        schema, notes = compose.read_compose(compose_file, manifest.container_image)
    else:
        schema = guessed_schema({}, [])
    options = options_of(
        schema, read or manifest_file, with_deprecated=with_deprecated, present=present
    )
    connector_type = _declared_type(schema, read or manifest_file) or manifest.container_type
    if connector_type is not manifest.container_type:
        notes.append(
            f'CONNECTOR_TYPE: the schema says {connector_type}, the manifest '
            f'{manifest.container_type}; the charm follows the schema'
        )
    unfit = unfit_defaults(options)
    options = [
        dataclasses.replace(each, default=None) if each.name in unfit else each for each in options
    ]
    notes += [
        f'{option.name}: its type refuses its default, which is left out'
        for option in options
        if option.default is None
        and option.schema.default not in (None, '', [])
        and not option.is_secret
    ]
    files = [file for file in (manifest_file, read) if file is not None]
    return Connector(manifest, connector_type, options, files, schema_file is not None, notes)


def _declared_type(schema: Schema, file: pathlib.Path) -> ConnectorType | None:
    declared = schema.properties.get('CONNECTOR_TYPE')
    if declared is None or declared.enum is None or len(declared.enum) != 1:
        return None
    try:
        return ConnectorType(declared.enum[0])
    except ValueError as error:
        raise Invalid(file, 'properties.CONNECTOR_TYPE', str(error)) from None
