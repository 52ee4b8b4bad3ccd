# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From options to a charm's `src/config.py`."""

import ast

from ..upstream.options import Option
from .render import format_python, render

PATH = 'src/config.py'
# Only a file with these words may be overwritten.
MARK = 'Written by `opencti-connector`'

# What the module may import.
_IMPORTS = {
    'datetime': ('date', 'datetime', 'time', 'timedelta'),
    'ipaddress': ('IPv4Address', 'IPv6Address'),
    'typing': ('Annotated', 'Any', 'Literal', 'TypeVar'),
    'uuid': ('UUID',),
    'pydantic': (
        'AfterValidator',
        'AnyUrl',
        'BaseModel',
        'BeforeValidator',
        'ConfigDict',
        'Field',
        'HttpUrl',
        'IPvAnyAddress',
        'Json',
        'UrlConstraints',
        'ValidationError',
        'ValidatorFunctionWrapHandler',
        'WrapValidator',
        'model_validator',
    ),
}


def render_config(options: list[Option]) -> str:
    """Return the text of `src/config.py`."""
    types = _names_in('\n'.join(option.field_type for option in options))

    def uses(*names: str) -> bool:
        return not types.isdisjoint(names)

    settings = ['arbitrary_types_allowed=True'] if uses('ops') else []
    if any(option.field.startswith('model_') for option in options):
        settings.append('protected_namespaces=()')
    body = render(PATH, options=options, uses=uses, settings=settings, imports='')
    imports = _imports(_names_in(body))
    return format_python(
        render(PATH, options=options, uses=uses, settings=settings, imports=imports)
    )


def _imports(names: set[str]) -> str:
    def of(module: str) -> str:
        used = [name for name in _IMPORTS[module] if name in names]
        return f'from {module} import {", ".join(used)}\n' if used else ''

    def plain(module: str) -> str:
        return f'import {module}\n' if module in names else ''

    standard = plain('re') + ''.join(of(module) for module in _IMPORTS if module != 'pydantic')
    return f'{standard}\n{plain("ops")}{of("pydantic")}'


def _names_in(python: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(python)) if isinstance(node, ast.Name)}
