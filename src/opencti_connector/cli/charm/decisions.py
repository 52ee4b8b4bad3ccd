# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What people decided about a charm's options."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from ..upstream.options import Option
from ..upstream.succession import settle
from .charmcraft import OptionsFile
from .declarations import meaning
from .memory import Content, Credential, Decision, Memory, digest


def decide(options: list[Option], content: Content) -> list[Option]:
    """Return upstream's options as people decided them."""
    decided: list[Option] = []
    for option in options:
        decision = content.options.get(option.name, Decision())
        if decision.omit:
            continue
        if option.name in content.credentials and content.credentials[option.name].secret:
            option = option.as_secret()
        if decision.default is not None and not option.is_secret:
            option = dataclasses.replace(option, default=decision.default)
        if not decision.has_default:
            option = dataclasses.replace(option, default=None)
        if decision.optional is not None:
            option = dataclasses.replace(option, is_mandatory=not decision.optional)
        decided.append(option)
    return settle(decided, content.decided_defaults)


def note_credentials(
    content: Content, likely: list[str], secrets: Iterable[str] = ()
) -> list[str]:
    """Remember the plain options that look like credentials, and return the new ones.

    Args:
        content: What the charm remembers.
        likely: These options.
        secrets: The options that a person wants as secrets.
    """
    new = [name for name in likely if name not in content.credentials]
    content.credentials = {
        **content.credentials,
        **{name: Credential(secret=False) for name in new},
        **{name: Credential(secret=True) for name in secrets},
    }
    return new


def remember(options: list[Option], upstream: list[Option]) -> dict[str, dict[str, Any]]:
    """Return what is remembered of options, by which a change of a person is found.

    Args:
        options: The options as they are written.
        upstream: The options with upstream's own descriptions.
    """
    digests = {option.name: _digest(option.declaration()) for option in upstream}
    return {
        option.name: {**option.declaration(), 'description': digests[option.name]}
        for option in options
    }


def take_decisions(
    memory: Memory, declared: OptionsFile, options: list[Option]
) -> tuple[list[Option], list[str]]:
    """Remember what people changed in the options of a charm's file.

    Returns:
        Upstream's options, with the descriptions that people wrote, and what was found.
    """
    found: list[str] = []
    kept: list[Option] = []
    present = [option for option in options if option.name not in memory.content.omitted]
    undecided = {option.name: option.declaration() for option in settle(present)}
    for option in options:
        upstream = undecided.get(option.name, {})
        last = memory.content.generated.options.get(option.name)
        have = declared.declarations.get(option.name)
        if have is not None and last is not None:
            found += _changed(memory.content, declared, option, upstream, have, last)
            found += _reasoned(memory.content, declared, option, upstream, have)
            if _digest(have) != last.get('description'):
                description = {'description': str(have.get('description', ''))}
                schema = option.schema.model_copy(update=description)
                option = dataclasses.replace(option, schema=schema)
        elif have is not None:
            if have.get('type') == 'secret' and not option.is_secret:
                _remember_secret(memory.content, declared, option.name, is_secret=True)
                found.append(f'{option.name}: it is a secret, and stays one')
            found += _reasoned(memory.content, declared, option, upstream, have)
        elif last is not None and not memory.content.options.get(option.name, Decision()).omit:
            _decide(memory.content, option.name, omit=True)
            found.append(f'{option.name}: a person left it out, and it stays out')
        kept.append(option)
    return kept, found


def _changed(
    content: Content,
    declared: OptionsFile,
    option: Option,
    upstream: dict[str, Any],
    have: dict[str, Any],
    last: dict[str, Any],
) -> list[str]:
    """Remember what a person changed since the option was generated."""
    name = option.name
    found: list[str] = []
    if have.get('type') != last.get('type') and 'secret' in (have.get('type'), last.get('type')):
        is_secret = have.get('type') == 'secret'
        if option.is_secret:
            return [f'{name}: upstream marks it as a secret, so it is one']
        _remember_secret(content, declared, name, is_secret=is_secret)
        found.append(f'{name}: a person made it {"a secret" if is_secret else "no secret"}')
        return found
    for key in ('default', 'optional'):
        is_of_upstream = meaning(have, key) == meaning(upstream, key)
        is_decided = name in content.options
        if meaning(have, key) == meaning(last, key) or (is_of_upstream and not is_decided):
            continue
        value = have.get(key)
        if key == 'optional':
            decided = {'optional': value is not False}
        else:
            decided = {'default': value, 'has_default': None if value is not None else False}
        if is_of_upstream:
            decided = dict.fromkeys(decided)
        _decide(content, name, declared.comment(name, key), **decided)
        words = f'to {value!r}' if value is not None else 'away'
        what = 'follows upstream again' if is_of_upstream else 'stays'
        found.append(f'{name}: a person changed its {key} {words}, which {what}')
    return found


def _reasoned(
    content: Content,
    declared: OptionsFile,
    option: Option,
    upstream: dict[str, Any],
    have: dict[str, Any],
) -> list[str]:
    """Take a default with a comment for a decision: the comment is on that value."""
    name = option.name
    comment = declared.comment(name, 'default')
    is_decided = name in content.decided_defaults or option.is_secret
    if not comment or is_decided or meaning(have, 'default') == meaning(upstream, 'default'):
        return []
    _decide(content, name, comment, default=have['default'])
    return [f'{name}: its default {have["default"]!r} has a comment, and stays']


def _remember_secret(
    content: Content, declared: OptionsFile, name: str, *, is_secret: bool
) -> None:
    known = content.credentials.get(name, Credential(secret=is_secret))
    reason = declared.comment(name, 'type') or known.reason
    credential = Credential(secret=is_secret, reason=reason)
    content.credentials = {**content.credentials, name: credential}


def _decide(content: Content, name: str, reason: str = '', **decided: Any) -> None:
    """Remember a decision; of a key that is None, no decision is left."""
    known = content.options.get(name, Decision()).model_dump(exclude_unset=True)
    # An empty reason is for people to fill in.
    values = {**known, 'reason': reason or known.get('reason', ''), **decided}
    values = {key: value for key, value in values.items() if value is not None}
    content.options = {key: each for key, each in content.options.items() if key != name}
    if values.keys() != {'reason'}:
        content.options = {**content.options, name: Decision.model_validate(values)}


def _digest(declaration: dict[str, Any]) -> str:
    return digest(str(meaning(declaration, 'description')))
