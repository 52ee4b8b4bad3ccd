# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Scripts of hook-tool calls, as data, to be run on a running Juju and on the model of it.

A call is a verb and names: `add X A L` adds a secret that the script calls X, with the content A
and the label L. Before the writes there are hooks that make the secret; the writes are one hook of
the leader, with looks between them; after them, the units look at what is left.
"""

import itertools
from collections.abc import Iterator
from typing import TypedDict


class Script(TypedDict):
    """Hooks are lists that start with whose they are; the writes are the leader's.

    What comes after them is the same for all: `AFTER`.
    """

    name: str
    before: list[list[str]]
    writes: list[str]


# The state of the secret before the writes.
_BEFORE: dict[str, list[list[str]]] = {
    'new': [['leader', 'add X A L']],
    'granted-and-read': [['leader', 'add X A L', 'grant X'], ['reader', 'refresh X']],
    'read-by-its-owner': [['leader', 'add X A L'], ['leader', 'get X']],
    'refused': [['leader', 'add X A L'], ['reader', 'get X']],
    'two-revisions': [['leader', 'add X A L', 'grant X'], ['leader', 'set X B']],
    'old-one-in-use': [
        ['leader', 'add X A L', 'grant X'],
        ['reader', 'refresh X'],
        ['leader', 'set X B'],
    ],
    'gone': [['leader', 'add X A L', 'remove X']],
}

_CORE = ('set X N', 'set X {stored}', 'grant X', 'revoke X', 'remove X', 'remove X 1')
_MORE = ('set X M', 'label X K', 'describe X d', 'expire X', 'add Y C L', 'remove X 2')
_LOOKS = {
    'info': ['info X', 'info-label L'],
    'reads': ['info X', 'get X', 'peek X', 'get-label L', 'refresh X', 'get X'],
    'none': [],
}
AFTER = [
    ['leader', 'info X', 'info-label L', 'info-label K', 'info Y'],
    ['reader', 'get X', 'peek X', 'get X', 'refresh X', 'get X'],
    ['peer', 'info X', 'get-label L', 'get X', 'refresh-label L'],
    ['leader', 'get X', 'get-label L', 'peek-label L', 'refresh X', 'get X', 'get Y'],
]


def scripts() -> list[Script]:
    """Return all scripts; each has a name of its own, which is part of its labels."""
    return [
        {'name': f's{number}', 'before': before, 'writes': writes}
        for number, (before, writes) in enumerate(_all())
    ]


def calls(script: Script) -> list[list[str]]:
    """Return the calls of each hook of a script, in the order in which the hooks run."""
    before = [hook[1:] for hook in script['before']]
    return [*before, script['writes'], *(hook[1:] for hook in AFTER)]


def _all() -> Iterator[tuple[list[list[str]], list[str]]]:
    for name, before in _BEFORE.items():
        is_rich = name == 'old-one-in-use'
        longest = {'old-one-in-use': 3, 'gone': 1}.get(name, 2)
        for length in range(1, longest + 1):
            # All writes alone and in pairs where the secret has most to lose.
            verbs = _CORE + _MORE if length == 1 or (is_rich and length == 2) else _CORE
            for writes in itertools.permutations(verbs, length):
                for looks in _looks_for(name, length):
                    yield (before, [*(_stored(name, write) for write in writes), *_LOOKS[looks]])
    yield from _between()


def _looks_for(name: str, length: int) -> tuple[str, ...]:
    return ('info', 'reads') if name == 'old-one-in-use' and length == 1 else ('info',)


def _between() -> Iterator[tuple[list[list[str]], list[str]]]:
    """Reads between two writes, which pin what is stored then."""
    before = _BEFORE['old-one-in-use']
    for first, second in itertools.permutations(_CORE, 2):
        for read in ('get X', 'refresh X', 'peek-label L'):
            writes = [_stored('old-one-in-use', write) for write in (first, second)]
            yield before, [writes[0], read, writes[1], 'info X']


def _stored(name: str, write: str) -> str:
    has_two = name in ('two-revisions', 'old-one-in-use')
    return write.format(stored='B' if has_two else 'A')
