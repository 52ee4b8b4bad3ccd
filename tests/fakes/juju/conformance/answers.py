# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What was answered, brought to what `ops` tells apart: one text for each call and each hook.

A refusal starts with `!`; what was done without an answer is empty.
"""

import json
from typing import Any

from fakes import juju

HookAnswer = tuple[list[str], str]
"""The answers of a hook's calls, and how the hook ended. A hook that is refused shows none."""

_REFUSALS = (
    'is not allowed to read this secret',
    'is not allowed to manage this secret',
    'permission denied',
    'already exists',
    'not found',
    'not the leader',
)


def refused(words: str) -> str:
    """Return the kind of a refusal, which is all that a charm can tell."""
    return '!' + next((kind for kind in _REFUSALS if kind in words), words.strip())


def described(revision: int, label: str, description: str, expires: bool, granted: bool) -> str:
    """Return what `secret-info-get` tells."""
    parts = [f'{label} {revision}', description, 'expires' * expires, 'granted' * granted]
    return ' '.join(part for part in parts if part)


def of_metadata(known: juju.Metadata) -> str:
    """Describe a secret as the model knows it."""
    is_granted = bool(known.grants)
    is_to_expire = known.expire is not None
    return described(known.revision, known.label, known.description, is_to_expire, is_granted)


def of_juju(hooks: list[list[Any]], calls: list[list[str]]) -> list[HookAnswer]:
    """Bring what the hooks of one script answered on a running Juju to texts."""
    return [
        (
            [_text(call, *answer) for call, answer in zip(its_calls, answers or [], strict=False)],
            refused(words) if code else '',
        )
        for its_calls, (answers, code, words) in zip(calls, hooks, strict=True)
    ]


def _text(call: str, code: int, out: str, words: str) -> str:
    if code:
        return refused(words)
    if call.startswith('info'):
        (known,) = json.loads(out).values()
        return described(
            known['revision'],
            known['label'].rpartition('-')[2],
            known.get('description', ''),
            'expiry' in known,
            bool(known.get('access')),
        )
    if call.startswith(('get', 'peek', 'refresh')):
        return json.loads(out)['token']
    return ''
