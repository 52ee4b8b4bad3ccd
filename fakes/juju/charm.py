# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Loads the charms of this repository."""

import importlib.util
import pathlib
import sys

import ops


def load_charm(directory: pathlib.Path) -> type[ops.CharmBase]:
    """Import the charm of a charm directory under a name of its own: all are called `charm`."""
    source = directory / 'src'
    name = f'{directory.name.replace("-", "_")}_charm'
    spec = importlib.util.spec_from_file_location(name, source / 'charm.py')
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(source))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(source))
    own = [value for value in vars(module).values() if getattr(value, '__module__', '') == name]
    return next(c for c in own if isinstance(c, type) and issubclass(c, ops.CharmBase))
