# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What Juju answered, brought to what `ops` tells apart."""

import json
from typing import Any

Answer = tuple[Any, str]
"""What a call answered, and the words with which it was refused; none if it was not."""
HookAnswer = tuple[list[Answer], str]
"""The answers of a hook's calls, and the words with which the hook was refused as it ended."""


def kind(words: str) -> str:
    """Return the kind of a refusal, which is all that a charm can tell."""
    known = (
        'is not allowed to read this secret',
        'is not allowed to manage this secret',
        'permission denied',
        'already exists',
        'not found',
        'not the leader',
    )
    return next((k for k in known if k in words), words)


def of_juju(hooks: list[list[Any]], verbs: list[list[str]]) -> list[HookAnswer]:
    """Bring what the hooks of one script answered on a running Juju to comparable answers."""
    return [
        (
            # A hook that is refused shows no answers.
            [
                _answer(verb, *answer)
                for verb, answer in zip(its_verbs, answers or [], strict=answers is not None)
            ],
            kind(words) if code else '',
        )
        for its_verbs, (answers, code, words) in zip(verbs, hooks, strict=True)
    ]


def of_model(hooks: list[HookAnswer]) -> list[HookAnswer]:
    """Bring what the model answered to the same."""
    return [
        ([] if words else [(value, kind(said)) for value, said in answers], kind(words))
        for answers, words in hooks
    ]


def _answer(verb: str, code: int, out: str, words: str) -> Answer:
    if code:
        return None, kind(words)
    if verb.startswith('info'):
        (known,) = json.loads(out).values()
        return {
            'revision': known['revision'],
            'label': known['label'].rpartition('-')[2],
            'description': known.get('description', ''),
            'expires': 'expiry' in known,
            'granted': bool(known.get('access')),
        }, ''
    if verb.startswith(('get', 'peek', 'refresh')):
        return json.loads(out)['token'], ''
    return None, ''
