# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Generated files, and generated parts of `charmcraft.yaml`: which may be overwritten.

A piece may be, as long as it is what was generated last.
"""

import dataclasses
import difflib
import io
import textwrap
from collections.abc import Mapping
from typing import Any

import yaml

from .charmcraft import compose, end_of_block
from .memory import digest

CHARMCRAFT = 'charmcraft.yaml'
# Instead of the digest of a piece that was not generated.
OF_A_PERSON = ''


@dataclasses.dataclass(frozen=True)
class Piece:
    """A file, or a part of one."""

    name: str
    have: str | None
    """Its text in the charm, if it is there."""
    want: str
    """Its text as it would be generated now."""

    def differences(self) -> str:
        """Return what would be written."""
        return '\n'.join(
            difflib.unified_diff(
                (self.have or '').splitlines(),
                self.want.splitlines(),
                f'{self.name} (the charm)',
                f'{self.name} (generated)',
                lineterm='',
            )
        )


@dataclasses.dataclass
class Outcome:
    """What becomes of a charm's pieces."""

    written: dict[str, str] = dataclasses.field(default_factory=dict[str, str])
    left_alone: list[Piece] = dataclasses.field(default_factory=list[Piece])
    digests: dict[str, str] = dataclasses.field(default_factory=dict[str, str])


def settle(pieces: list[Piece], last: dict[str, str], *, is_first: bool) -> Outcome:
    """Decide which pieces are written.

    Args:
        pieces: The pieces.
        last: The digest of each as it was generated last.
        is_first: Whether nothing is remembered yet; then what differs is a person's.
    """
    outcome = Outcome()
    for piece in pieces:
        known = last.get(piece.name)
        new = digest(piece.want)
        if piece.have is not None and digest(piece.have) == new:
            pass
        elif known == OF_A_PERSON or (known is None and (is_first or piece.have is not None)):
            new = OF_A_PERSON
        elif known is None or (piece.have is not None and digest(piece.have) == known):
            outcome.written[piece.name] = piece.want
        elif known != new:
            outcome.left_alone.append(piece)
        outcome.digests[piece.name] = new
    return outcome


def digests(pieces: list[Piece]) -> dict[str, str]:
    """Return what is remembered of pieces that were just generated."""
    return {piece.name: digest(piece.want) for piece in pieces}


def pieces_of(files: Mapping[str, str], have: Mapping[str, str], name: str) -> list[Piece]:
    """Return the pieces of a charm.

    Args:
        files: The generated files.
        have: The charm's own files, as far as they exist.
        name: The charm's name.
    """
    found = [Piece(p, have.get(p), text) for p, text in files.items() if p != CHARMCRAFT]
    if CHARMCRAFT in have:
        found += _parts(have[CHARMCRAFT], files[CHARMCRAFT], f'{name}-image')
    return found


def _parts(have: str, want: str, image: str) -> list[Piece]:
    """Return the parts of `charmcraft.yaml` that say what the connector is."""
    paths = (('title',), ('summary',), ('description',), ('links',), ('resources', image))
    found: list[Piece] = []
    for path in paths:
        old, new = _lines_of(have, path), _lines_of(want, path)
        if old is not None and new is not None:
            name = f'{CHARMCRAFT}: {".".join(path)}'
            found.append(Piece(name, _dedent(have, old), _dedent(want, new)))
    return found


def with_parts(text: str, written: dict[str, str]) -> str:
    """Return `charmcraft.yaml` with new parts."""
    for name, part in written.items():
        file, _, path = name.partition(': ')
        span = _lines_of(text, tuple(path.split('.'))) if file == CHARMCRAFT and path else None
        if span is not None:
            lines = _lines(text)
            first = lines[span[0]]
            indent = first[: len(first) - len(first.lstrip())]
            lines[span[0] : span[1]] = [textwrap.indent(part, indent)]
            text = ''.join(lines)
    return text


def _dedent(text: str, span: tuple[int, int]) -> str:
    return textwrap.dedent(''.join(_lines(text)[span[0] : span[1]]))


def _lines_of(text: str, path: tuple[str, ...]) -> tuple[int, int] | None:
    """Return the lines of a value, from that of its key to that behind it."""
    node = compose(text)
    key: Any = None
    for name in path:
        if not isinstance(node, yaml.MappingNode) or node.flow_style:
            return None
        pairs = ((key, value) for key, value in node.value if key.value == name)
        key, node = next(pairs, (None, None))
    if key is None:
        return None
    row, column = key.start_mark.line, key.start_mark.column
    return row, end_of_block(_lines(text), row, column + 1)


def _lines(text: str) -> list[str]:
    return io.StringIO(text).readlines()
