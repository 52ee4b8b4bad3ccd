# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""All files of a charm."""

import pathlib

from . import config_module, render
from .charm import Charm
from .charmcraft import OptionsFile
from .pieces import CHARMCRAFT


def render_charm(charm: Charm) -> dict[str, str]:
    """Return the text of each of a charm's files, by its path."""
    files: dict[str, str] = {}
    for path in render.paths():
        if path == config_module.PATH:
            files[path] = config_module.render_config(charm.options)
        else:
            text = render.render(path, charm=charm)
            files[path] = render.format_python(text) if path.endswith('.py') else text
    declared = OptionsFile(pathlib.Path(CHARMCRAFT), files[CHARMCRAFT])
    return {**files, CHARMCRAFT: declared.updated(charm.options)}
