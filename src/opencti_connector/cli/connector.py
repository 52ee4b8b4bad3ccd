# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector, as its metadata describes it."""

import dataclasses
import pathlib
from collections.abc import Container

from .._relation import ConnectorType
from .defaults import unfit_defaults
from .invalid import Invalid
from .upstream.metadata import Manifest, Schema, read_manifest, read_schema
from .upstream.options import Option, common_options, options_of


@dataclasses.dataclass(frozen=True)
class Connector:
    """A connector of OpenCTI."""

    manifest: Manifest
    type: ConnectorType
    options: list[Option]
    has_schema: bool
    notes: list[str]
    """What is odd in the metadata, and what the charm has instead."""


def read_connector(
    manifest_file: pathlib.Path,
    schema_file: pathlib.Path | None,
    *,
    with_deprecated: bool,
    present: Container[str] = (),
) -> Connector:
    """Read a connector's metadata.

    Args:
        manifest_file: Its manifest.
        schema_file: Its schema, if there is one.
        with_deprecated: Whether to include deprecated options that are not required.
        present: The options that the charm already has; they are included even if deprecated.

    Raises:
        Invalid: if the metadata cannot be used.
    """
    manifest = read_manifest(manifest_file)
    if schema_file is None:
        return Connector(manifest, manifest.container_type, common_options(), False, [])
    schema = read_schema(schema_file)
    options = options_of(schema, schema_file, with_deprecated=with_deprecated, present=present)
    connector_type = _declared_type(schema, schema_file) or manifest.container_type
    notes: list[str] = []
    if connector_type is not manifest.container_type:
        notes.append(
            f'CONNECTOR_TYPE: the schema says {connector_type}, the manifest '
            f'{manifest.container_type}; the charm follows the schema'
        )
    unfit = unfit_defaults(options)
    notes += [f'{name}: its type refuses its default, which is left out' for name in unfit]
    options = [
        dataclasses.replace(option, default=None) if option.name in unfit else option
        for option in options
    ]
    return Connector(manifest, connector_type, options, True, notes)


def _declared_type(schema: Schema, file: pathlib.Path) -> ConnectorType | None:
    declared = schema.properties.get('CONNECTOR_TYPE')
    if declared is None or declared.enum is None or len(declared.enum) != 1:
        return None
    try:
        return ConnectorType(declared.enum[0])
    except ValueError as error:
        raise Invalid(file, 'properties.CONNECTOR_TYPE', str(error)) from None
