# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Checks how each step of a story ends, and prints what its hooks did."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import TypeVar

import rich.console
import rich.text
from ops import testing

from fakes import juju

from . import summary

_Value = TypeVar('_Value')


class Timeline:
    """Checks how each step of a story ends.

    Args:
        title: The story's title.
        model: The model in which it plays.
        is_verbose: Whether to print each hook, and what it changed.
    """

    def __init__(self, title: str, model: juju.Model, *, is_verbose: bool = False):
        self.story = summary.Story(title)
        self._model = model
        self._printed = 0
        self._console = summary.console(quiet=not is_verbose)
        self._console.print()
        self._console.rule(f'[bold]{title}', characters='=')

    def step(self, title: str, **outcomes: bool) -> None:
        """Check a step, and the hooks that ran since the last one."""
        self._line()
        self._line(f'{len(self.story.steps) + 1}. {title}', 'bold')
        problems: list[str] = []
        for hook in self._model.hooks[self._printed :]:
            self._line(f'   {hook.unit:<14}{_short(hook.event)}', 'cyan')
            for change in _changes(hook):
                self._line(f'   {"":<14}{change}')
            if hook.error is not None:
                problems.append(f'{hook.event} failed')
        self._printed = len(self._model.hooks)
        statuses = {application.name: _status(application) for application in self._applications}
        for name, status in statuses.items():
            self._line(f'   {name:<14}{status}', 'dim')
        for outcome, is_so in outcomes.items():
            text = outcome.replace('_', ' ')
            self._line(
                f'   {summary.mark(self._console, is_so)} {text}', 'green' if is_so else 'red'
            )
            if not is_so:
                problems.append(f'not {text}')
        self.story.steps.append(
            summary.Step(title, statuses, [o.replace('_', ' ') for o in outcomes], problems)
        )

    @property
    def _applications(self) -> list[juju.Application]:
        return [application for application in self._model.applications if application.units]

    def _line(self, text: str = '', style: str = '') -> None:
        self._console.print(rich.text.Text(text, style=style), soft_wrap=True)


def fingerprint(token: str) -> str:
    """Tell one token from another without showing it."""
    return hashlib.sha256(token.encode()).hexdigest()[:8]


def _changes(hook: juju.Hook) -> Iterator[str]:
    if hook.error is not None:
        yield f'failed, will run again: {hook.error}'
    for key, _, after in _differences(hook.before.databag, hook.after.databag):
        yield f'databag  {key}: {after or "(removed)"}'
    for _, before, after in _differences(hook.before.secrets, hook.after.secrets):
        yield f'secret   {_secret_change(before, after)}'
    for name, before, after in _differences(hook.before.services, hook.after.services):
        yield f'service  {name}: {after} (was {before or "not there"})'
    for name in hook.custom_events:
        yield f'emitted  {name}'


def _status(application: juju.Application) -> str:
    status = application.state.unit_status
    return f'{status.name}: {status.message}' if status.message else status.name


def _short(event: str) -> str:
    return event.replace('opencti_connector_', '').replace('_', '-')


def _secret_change(before: testing.Secret | None, after: testing.Secret | None) -> str:
    known = after or before
    assert known is not None
    label = known.label or known.id
    if after is None:
        return f'{label} is removed'
    (newest, *_) = (after.latest_content or {'': ''}).values()
    shown = fingerprint(newest)
    if before is None:
        return f'{shown} created as {label}'
    if before.latest_content != after.latest_content:
        return f'{shown} is a new revision of {label}'
    if before.tracked_content != after.tracked_content:
        return f'{shown} is the revision that was read'
    if before.remote_grants != after.remote_grants:
        return f'{label}: {"granted" if after.remote_grants else "revoked"}'
    return f'{label}: expiry or label changed'


def _differences(
    before: Mapping[str, _Value], after: Mapping[str, _Value]
) -> Iterator[tuple[str, _Value | None, _Value | None]]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield key, before.get(key), after.get(key)
