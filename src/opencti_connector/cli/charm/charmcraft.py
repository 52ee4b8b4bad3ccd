# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The options in a charm's `charmcraft.yaml` (or `config.yaml`).

Only the lines of options that differ are changed; all others stay as they are.
"""

import io
import math
import pathlib
import re
import textwrap
from collections.abc import Container
from typing import Any

import yaml
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
)

from ..invalid import Invalid, read_text
from ..upstream.metadata import Scalar
from ..upstream.options import Option
from .declarations import differences

_WIDTH = 80
_INDENT = 2
# A key without a value.
_EMPTY = re.compile(r':\s*(\{\s*\}|null|~)(?=\s|$)')
_RESOLVER: Any = yaml.resolver.Resolver()
_LOADER: Any = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
_pyyaml: Any = yaml  # Typed only in part.
_STRING = 'tag:yaml.org,2002:str'

Declarations = dict[str, dict[str, Any]]


class OptionsFile:
    """A file with a charm's options.

    Args:
        file: The file.
        text: Its text; by default it is read.

    Raises:
        Invalid: if it cannot be read, or does not map options to mappings.
    """

    def __init__(self, file: pathlib.Path, text: str | None = None):
        self._path = ('options',) if file.name == 'config.yaml' else ('config', 'options')
        self.file = file
        self.text = read_text(file) if text is None else text
        self._document = _load(file, self.text)
        self.declarations = self._declarations()

    @property
    def charm_name(self) -> str:
        """The charm's name, if the file says it."""
        return str(self._document.get('name') or '')

    @classmethod
    def of_charm(cls, directory: pathlib.Path) -> 'OptionsFile':
        """Return the file that declares the options of a charm."""
        config = directory / 'config.yaml'
        return cls(config if config.exists() else directory / 'charmcraft.yaml')

    def comment(self, option: str, key: str) -> str:
        """Return the comment that a person wrote behind a value of an option."""
        place = self._parent()[self._path[-1]][option]
        _, _, comment, *_ = place.ca.items.get(key, (None,) * 4)
        return comment.value.partition('\n')[0].strip('# ') if comment else ''

    def updated(self, options: list[Option], gone: Container[str] = ()) -> str:
        """Return the text with these options and without those that are gone."""
        wanted = {option.name: option.declaration() for option in options}
        text = self._edited(wanted, gone)
        if text != self.text:
            self._check(text, wanted, gone)
        return text

    def _edited(self, wanted: Declarations, gone: Container[str]) -> str:
        lines = io.StringIO(self.text).readlines()
        if not self.declarations:
            return self._with_first_options(lines, wanted) if wanted else self.text
        place = self._parent()[self._path[-1]]
        names = list(place)
        starts = [place.lc.key(name)[0] for name in names]
        indent = place.lc.key(names[0])[1]
        end = end_of_block(lines, starts[-1], indent)
        block: list[str] = []
        for name, start, stop in zip(names, starts, [*starts[1:], end], strict=True):
            # Comments and blank lines after it are those of the next one.
            tail = start + end_of_block(lines[start:stop], 0, indent)
            chunk = lines[start:tail]
            if name in gone:
                chunk = []
            elif name in wanted and differences(self.declarations[name], wanted[name]):
                chunk = [self._changed(''.join(chunk), name, wanted[name], indent)]
            block += [*chunk, *lines[tail:stop]]
        if block and not block[-1].endswith('\n'):
            block.append('\n')
        new = {name: each for name, each in wanted.items() if name not in self.declarations}
        # The block may end with blank lines, or with a comment on what follows it.
        return ''.join([*lines[: starts[0]], *block, _dump(new, indent), *lines[end:]])

    def _changed(self, chunk: str, name: str, wanted: dict[str, Any], indent: int) -> str:
        try:
            document = _yaml().load(textwrap.dedent(chunk))
        except YAMLError:  # An alias of another node.
            raise Invalid(
                self.file, '.'.join((*self._path, name)), 'must not have an alias'
            ) from None
        declaration = document[name]
        for key in {**dict.fromkeys(differences(declaration, wanted)), 'description': None}:
            if key in wanted:
                declaration[key] = _scalar(wanted[key])
            else:
                declaration.pop(key, None)
        return textwrap.indent(_text(document, declaration.lc.col or _INDENT), ' ' * indent)

    def _with_first_options(self, lines: list[str], wanted: Declarations) -> str:
        """Return the text with options below the deepest key on their way that is there."""
        place: Any = self._document
        missing, indent = [*self._path], 0
        row: int | None = None
        while missing and missing[0] in place:
            row, column = place.lc.key(missing[0])
            place = place[missing.pop(0)] or {}
            indent = place.lc.key(next(iter(place)))[1] if place else column + _INDENT
        new: Any = wanted
        for key in reversed(missing):
            new = {key: new}
        if row is None:
            whole = ''.join(line for line in lines if line.rstrip() != '{}').rstrip('\n')
            return f'{whole}\n\n{_dump(new, indent)}'.lstrip('\n')
        line = _EMPTY.sub(':', lines[row]).rstrip('\n')
        return ''.join([*lines[:row], f'{line}\n', _dump(new, indent), *lines[row + 1 :]])

    def _check(self, text: str, wanted: Declarations, gone: Container[str]) -> None:
        """Check that nothing but the options has changed, however the file is written."""
        names = {name for name in self.declarations if name not in gone} | wanted.keys()
        try:
            (old, _), (new, options) = (self._split(each) for each in (self.text, text))
            is_right = old == new and options.keys() == names
            is_right = is_right and not any(differences(options[n], wanted[n]) for n in wanted)
        except yaml.YAMLError:
            is_right = False
        if not is_right:
            raise Invalid(self.file, '.'.join(self._path), 'must be in block style, not in {}')

    def _split(self, text: str) -> tuple[dict[str, Any], Declarations]:
        """Return the rest of a document, and its options."""
        document: dict[str, Any] = _pyyaml.load(text, Loader=_LOADER) or {}
        *above, key = self._path
        place = document
        for each in above:
            inner: dict[str, Any] = place.get(each) or {}
            place[each] = inner
            place = inner
        return document, place.pop(key, None) or {}

    def _parent(self) -> Any:
        parent: Any = self._document
        for key in self._path[:-1]:
            parent = parent.get(key) or {}
        return parent

    def _declarations(self) -> Declarations:
        place, field = self._document, ''
        for key in self._path:
            field = f'{field}.{key}'.strip('.')
            place = self._mapping(place.get(key), field)
        found: Declarations = {}
        for name, each in place.items():
            found[name] = dict(self._mapping(each, f'{field}.{name}'))
            default = found[name].get('default')
            is_odd = isinstance(default, float) and not math.isfinite(default)
            if is_odd or not isinstance(default, Scalar | None):
                problem = 'must be a text, a number or a boolean; put quotes around a text'
                raise Invalid(self.file, f'{field}.{name}.default', problem)
        return found

    def _mapping(self, value: Any, field: str) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise Invalid(self.file, field, 'is not a mapping')
        return value  # pyright: ignore[reportUnknownVariableType]


def compose(text: str) -> Any:
    """Return the nodes of YAML, as Charmcraft reads it.

    ruamel.yaml, which keeps comments, takes a hundred times as long.
    """
    return _pyyaml.compose(text, Loader=_LOADER)


def _load(file: pathlib.Path, text: str) -> Any:
    try:
        compose(text)
        document: Any = _yaml().load(text)
    except (yaml.YAMLError, YAMLError) as error:
        mark = getattr(error, 'problem_mark', None)
        problem = getattr(error, 'problem', None) or 'cannot be parsed'
        raise Invalid(file, f'line {mark.line + 1}' if mark else '', problem) from None
    if isinstance(document, dict):
        return document  # pyright: ignore[reportUnknownVariableType]
    raise Invalid(file, '', 'is not a mapping')


def end_of_block(lines: list[str], start: int, indent: int) -> int:
    """Return the line after a block, not counting comments and blank lines at its end."""
    end = start + 1
    for row in range(start + 1, len(lines)):
        text = lines[row].strip()
        depth = len(lines[row]) - len(lines[row].lstrip())
        if text and depth < indent:
            break
        if text and (depth > indent or not text.startswith('#')):
            end = row + 1
    return end


def _dump(mapping: Any, indent: int) -> str:
    return textwrap.indent(_text(_scalar(mapping)), ' ' * indent) if mapping else ''


def _scalar(value: Any) -> Any:
    """Return a value in the style that is easiest to read."""
    if isinstance(value, dict):
        mapping: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {_scalar(key): _scalar(each) for key, each in mapping.items()}
    if not isinstance(value, str):
        return value
    if '\n' in value:
        return LiteralScalarString(value)
    # ruamel.yaml writes YAML 1.2; Charmcraft and Juju read 1.1, where `yes` is not a string.
    if _RESOLVER.resolve(yaml.ScalarNode, value, (True, False)) != _STRING:
        return DoubleQuotedScalarString(value)
    folded = FoldedScalarString(value)
    folded.fold_pos = _folds(value)
    return folded if folded.fold_pos else value


def _folds(text: str) -> list[int]:
    """Return where a long text continues on a new line."""
    folds: list[int] = []
    start = 0
    for space in re.finditer(r'(?<=\S) (?=\S)', text):
        following = text.find(' ', space.end())
        if (len(text) if following < 0 else following) - start > _WIDTH:
            folds.append(space.start())
            start = space.end()
    return folds


def _text(mapping: Any, indent: int = _INDENT) -> str:
    stream = io.StringIO()
    round_trip = _yaml()
    round_trip.indent(mapping=indent)
    round_trip.dump(mapping, stream)
    return stream.getvalue()


def _yaml() -> Any:  # ruamel.yaml is typed only in part.
    round_trip = YAML()
    round_trip.preserve_quotes = True
    round_trip.width = 4096  # _folds folds instead, and leaves no blanks at the ends of lines.
    return round_trip
