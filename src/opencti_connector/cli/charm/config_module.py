# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From options to a charm's `src/config.py`."""

import ast

from ..upstream.options import Option
from .render import format_python, render, without_unused_imports

PATH = 'src/config.py'
# Only a file with these words may be overwritten.
MARK = 'Written by `opencti-connector`'


def render_config(options: list[Option]) -> str:
    """Return the text of `src/config.py`."""
    return format_python(without_unused_imports(config_source(options)))


def config_source(options: list[Option]) -> str:
    """Return the same module, not formatted and with each import that it may need."""
    tree = ast.parse('\n'.join(option.field_type for option in options))
    types = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    def uses(*names: str) -> bool:
        return not types.isdisjoint(names)

    settings = ['arbitrary_types_allowed=True'] if uses('ops') else []
    if any(option.field.startswith('model_') for option in options):
        settings.append('protected_namespaces=()')
    return render(PATH, options=options, uses=uses, settings=settings)
