# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The templates: `templates/` is laid out like a charm."""

import functools
import json
import pathlib
import re
import shlex
import subprocess
from typing import Any

import jinja2
import ruff  # pyright: ignore[reportMissingTypeStubs]

_TEMPLATES = pathlib.Path(__file__).parent / 'templates'
_SUFFIX = '.j2'


def paths() -> list[str]:
    """Return the paths of a charm's files."""
    return sorted(
        template.relative_to(_TEMPLATES).as_posix().removesuffix(_SUFFIX)
        for template in _TEMPLATES.rglob(f'*{_SUFFIX}')
    )


def render(path: str, **context: Any) -> str:
    """Return the text of one of a charm's files."""
    return _environment().get_template(path + _SUFFIX).render(**context)


def format_python(text: str) -> str:
    """Format as `ruff format` does without a configuration."""
    return _ruff(text, 'format')


def without_unused_imports(text: str) -> str:
    """Return a module with the imports that it uses."""
    return _ruff(text, 'check', '--select=F401', '--fix')


@functools.cache
def _ruff(text: str, *arguments: str) -> str:
    return subprocess.run(
        [ruff.find_ruff_bin(), *arguments, '--isolated', '--quiet', '-'],
        input=text,
        capture_output=True,
        check=True,
        encoding='utf-8',
    ).stdout


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(  # noqa: S701 - it renders no HTML.
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    # A JSON string is also a YAML string.
    environment.filters['yaml'] = functools.partial(json.dumps, ensure_ascii=False)
    environment.filters['python'] = repr
    environment.filters['shell'] = shlex.quote
    environment.filters['docstring'] = _plain
    return environment


def _plain(text: str) -> str:
    """Return a text without the characters that can end a docstring."""
    return re.sub(r'[\\"]', '', text)
