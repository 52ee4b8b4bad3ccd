# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Checks upstream's defaults with the model that the charm will have."""

from typing import Any

import pydantic

from ..upstream.options import Option
from .config_module import config_source


def unfit_defaults(options: list[Option]) -> list[str]:
    """Return the options whose default would block the charm."""
    namespace: dict[str, Any] = {'__name__': 'config'}
    # The text was just rendered, and has the metadata as literals only.
    exec(config_source(options), namespace)  # noqa: S102
    fields = {option.name.replace('-', '_'): option.name for option in options}
    defaults = {
        field: option.default
        for field, option in zip(fields, options, strict=True)
        if option.default is not None
    }
    try:
        namespace['Config'](**defaults)
    except pydantic.ValidationError as error:
        wrong = dict.fromkeys(str(each['loc'][0]) for each in error.errors())
        return [fields[field] for field in wrong if field in defaults]
    return []
