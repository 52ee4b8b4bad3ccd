# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Runs the scripts on the model of Juju."""

import datetime

from fakes import juju

from . import answers
from .answers import HookAnswer
from .scripts import AFTER, Script

_UNITS = {'leader': 'conformance/0', 'peer': 'conformance/1', 'reader': 'reader/0'}
_EXPIRE = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)
_UNKNOWN = 'secret:cjqub6vubg2s77p3nio0'


def run(script: Script, version: str) -> list[HookAnswer]:
    """Return the answers of each hook of a script, by the rules of a version of Juju."""
    if version.startswith('3.'):
        ledger = juju.Ledger(juju.Version.V3_6)
    else:
        ledger = juju.Ledger(juju.Version.V4_0, removes_later=True)
    ids: dict[str, str] = {}
    hooks = [*script['before'], ['leader', *script['writes']]]
    before = [_hook(ledger, ids, hook) for hook in hooks]
    ledger.run_removals()
    return before + [_hook(ledger, ids, hook) for hook in AFTER]


def _hook(ledger: juju.Ledger, ids: dict[str, str], hook: list[str]) -> HookAnswer:
    actor, *calls = hook
    tools = juju.HookTools(
        ledger,
        _UNITS[actor],
        is_leader=actor != 'peer',
        relations={1: juju.Relation('conformance' if actor == 'reader' else 'reader')},
    )
    answered = [_call(tools, ids, call.split()) for call in calls]
    try:
        tools.flush()
    except juju.HookFailed as failure:
        return [], answers.refused(str(failure))
    return answered, ''


def _call(tools: juju.HookTools, ids: dict[str, str], words: list[str]) -> str:
    try:
        return _done(tools, ids, words)
    except juju.Refused as refusal:
        return answers.refused(str(refusal))


def _done(tools: juju.HookTools, ids: dict[str, str], words: list[str]) -> str:
    verb, name, *more = words
    secret = ids.get(name, _UNKNOWN)
    by_label = {'label': name} if verb.endswith('-label') else {'secret_id': secret}
    match verb.removesuffix('-label'):
        case 'add':
            ids[name] = tools.secret_add({'token': more[0]}, label=more[1])
        case 'set':
            tools.secret_set(secret, juju.Changes(content={'token': more[0]}))
        case 'label' | '':
            tools.secret_set(secret, juju.Changes(label=more[0]))
        case 'describe':
            tools.secret_set(secret, juju.Changes(description=more[0]))
        case 'expire':
            tools.secret_set(secret, juju.Changes(expire=_EXPIRE))
        case 'grant':
            tools.secret_grant(secret, 1)
        case 'revoke':
            tools.secret_revoke(secret, 1)
        case 'remove':
            tools.secret_remove(secret, int(more[0]) if more else None)
        case 'info':
            _, known = tools.secret_info_get(**by_label)
            return answers.of_metadata(known)
        case 'get' | 'peek' | 'refresh' as read:
            content = tools.secret_get(**by_label, **({read: True} if read != 'get' else {}))
            return content['token']
        case _:
            raise AssertionError(verb)
    return ''
