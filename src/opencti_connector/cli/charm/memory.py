# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The file in a charm that remembers where it comes from, and what people decided."""

import hashlib
import os
import pathlib
from collections.abc import Mapping
from typing import Annotated, Any

import pydantic
import tomlkit
import tomlkit.exceptions
import tomlkit.items
from typing_extensions import Self

from ..invalid import Invalid, read_if_there
from ..upstream.metadata import Scalar

FILE = 'opencti-connector.toml'
_NEW = """\
# What `opencti-connector update` knows of this charm. It keeps comments, and what you decide:
# change [charm], [credentials] and [options], and add a `reason` to any of them.

[upstream]
# Where the metadata is; paths are relative to this file.

[charm]
# Follows upstream. What you change here stays.

[credentials]
# Options that look like credentials, though upstream does not say so.
# `secret = true` makes one a Juju secret.

[options]
# What you decide for an option: `default`, `has-default = false`, `optional` or `omit = true`.
"""
_GENERATED = """\

[generated]
# Written by `opencti-connector`, which finds by it what people changed: leave it alone.
"""


class _Table(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(
        extra='forbid',
        allow_inf_nan=False,
        populate_by_name=True,
        alias_generator=lambda field: field.replace('_', '-'),
    )

    reason: str = ''


class Upstream(_Table):
    """Where a charm's metadata comes from: a directory in a checkout, or files."""

    checkout: str = ''
    directory: str = ''
    commit: str = ''
    manifest: str = ''
    schema_file: str = pydantic.Field('', alias='schema')
    compose: str = ''
    dockerfile: str = ''


class Decision(_Table):
    """What people decided about an option."""

    default: Scalar | None = None
    has_default: bool = True
    optional: bool | None = None
    omit: bool = False


class Credential(_Table):
    """Whether an option that looks like a credential is a secret."""

    secret: bool


_NotEmpty = Annotated[str, pydantic.Field(min_length=1)]


class Settings(_Table):
    """What makes a charm, besides its options."""

    name: _NotEmpty = ''
    type: _NotEmpty = ''
    title: _NotEmpty = ''
    image: _NotEmpty = ''
    tag: _NotEmpty = ''
    command: _NotEmpty = ''
    working_dir: str = ''
    user: str = ''
    rock: bool = False


class Generated(_Table):
    """What was generated last, by upstream's metadata."""

    slug: str = ''
    has_schema: bool = False
    charm: Settings = Settings()
    options: dict[str, dict[str, Any]] = {}
    """The declaration of each option, with a digest for the description."""
    files: dict[str, str] = {}
    """The digest of each file, or part of a file."""


class Content(_Table):
    """What the file holds."""

    upstream: Upstream = Upstream.model_validate({})
    charm: Settings = Settings()
    credentials: dict[str, Credential] = {}
    options: dict[str, Decision] = {}
    generated: Generated = Generated()

    @property
    def decided_defaults(self) -> set[str]:
        """The options whose default a person decided."""
        return {name for name, each in self.options.items() if each.default is not None}

    @property
    def omitted(self) -> set[str]:
        """The options that people left out."""
        return {name for name, each in self.options.items() if each.omit}


class Memory:
    """A charm's `opencti-connector.toml`.

    Args:
        directory: The charm's directory.
        text: The file's text; by default it is empty.

    Raises:
        Invalid: if the text is not that of such a file.
    """

    def __init__(self, directory: pathlib.Path, text: str | None = None):
        self.file = directory / FILE
        self.is_new = text is None
        try:
            self._document = tomlkit.parse(_NEW + _GENERATED if text is None else text)
            self.content = Content.model_validate(self._document.unwrap())
        except tomlkit.exceptions.TOMLKitError as error:
            raise Invalid(self.file, '', f'is not TOML: {error}') from None
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            field = '.'.join(str(part) for part in first['loc'])
            raise Invalid(self.file, field, first['msg']) from None

    @classmethod
    def read(cls, directory: pathlib.Path) -> Self:
        """Return what a charm remembers, which may be nothing."""
        return cls(directory, read_if_there(directory / FILE))

    @property
    def commented(self) -> set[str]:
        """What makes the charm and has a comment, which would not fit another value."""
        document: Any = self._document
        values = document.get('charm', {}).items()
        return {
            key
            for key, value in values
            if isinstance(value, tomlkit.items.String) and value.trivia.comment
        }

    def text(self) -> str:
        """Return the file's text, with the comments that people wrote."""
        content = self.content.model_dump(
            by_alias=True, exclude_unset=True, exclude_none=True, mode='json'
        )
        _sync(self._document, content)
        return tomlkit.dumps(self._document)  # pyright: ignore[reportUnknownMemberType]

    def path(self, remembered: str) -> pathlib.Path | None:
        """Return a path that the file holds."""
        return self.file.parent / remembered if remembered else None

    def relative(self, path: pathlib.Path) -> str:
        """Return a path as the file holds it."""
        path = path.absolute()
        # The system resolves links before `..`; what is named may be a link that a person turns.
        relative = os.path.relpath(path.parent.resolve() / path.name, self.file.parent.resolve())
        return pathlib.Path(relative).as_posix()


def digest(text: str) -> str:
    """Return what is remembered of a text, whatever its line endings."""
    return hashlib.sha256('\n'.join(text.splitlines()).encode()).hexdigest()[:16]


def _sync(table: Any, wanted: Mapping[str, Any], *, inline: bool = False) -> None:
    """Change only what differs, so that comments and order stay."""
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        if isinstance(value, dict):
            nested: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
            is_missing = key not in table
            new: Any = tomlkit.inline_table() if inline else tomlkit.table()
            _sync(
                new if is_missing else table[key],
                nested,
                inline=inline or (key == 'options' and 'slug' in wanted),
            )
            if is_missing:
                table[key] = new
                if not inline and 'slug' not in wanted:
                    new.add(tomlkit.nl())  # Apart from what follows.
        elif key not in table or not _is_same(table[key], value):
            table[key] = value


def _is_same(item: Any, value: Any) -> bool:
    old = item.unwrap() if hasattr(item, 'unwrap') else item
    return (type(old), old) == (type(value), value)  # To Python, True equals 1.
