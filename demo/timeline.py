# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Prints what hooks did, for people to read."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from ops import testing

from . import juju

_WIDTH = 96
_Value = TypeVar('_Value')


class Timeline:
    """Prints the steps of a story and checks how each ends."""

    def __init__(self, model: juju.Model):
        self._model = model
        self._printed = 0
        self.failures: list[str] = []

    def step(self, title: str, **outcomes: bool) -> None:
        """Print the hooks that ran since the last step, and whether they ended as they must."""
        print(f'\n{title}\n{"─" * _WIDTH}')
        for hook in self._model.hooks[self._printed :]:
            print(f'  {hook.application:<12}{hook.event.replace("_", "-")}')
            if hook.error is not None:
                print(f'{"":<14}failed   {hook.error}')
                self.failures.append(f'{title}: {hook.event} failed')
            for line in self._changes(hook):
                print(f'{"":<14}{line}')
        self._printed = len(self._model.hooks)
        for application in self._model.applications:
            status = application.state.unit_status
            print(f'  {application.name:<12}is {status.name}: {status.message or "-"}')
        for outcome, is_so in outcomes.items():
            print(f'  {"✔" if is_so else "✘"} {outcome.replace("_", " ")}')
            if not is_so:
                self.failures.append(f'{title}: not {outcome.replace("_", " ")}')

    def _changes(self, hook: juju.Hook) -> Iterator[str]:
        for key, _, after in _differences(hook.before.databag, hook.after.databag):
            yield f'databag  {key}: {after or "(removed)"}'
        for _, before, after in _differences(hook.before.secrets, hook.after.secrets):
            known_as = next(s.label or s.id for s in (after, before) if s is not None)
            yield f'secret   {known_as}: {self._secret_change(before, after)}'
        for name, before, after in _differences(hook.before.services, hook.after.services):
            yield f'service  {name}: {after} (was {before or "not there"})'
        for name in hook.custom_events:
            yield f'emitted  {name}'

    def _secret_change(self, before: testing.Secret | None, after: testing.Secret | None) -> str:
        if after is None:
            return 'removed'
        masked = dict.fromkeys(after.latest_content or {}, '********')
        if before is None:
            return f'created with {masked}'
        if before.latest_content != after.latest_content:
            return f'new revision with {masked}'
        if before.tracked_content != after.tracked_content:
            return f'moved to the newest revision with {masked}'
        return f'granted to {sorted(after.remote_grants.items())}'


def _differences(
    before: Mapping[str, _Value], after: Mapping[str, _Value]
) -> Iterator[tuple[str, _Value | None, _Value | None]]:
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield key, before.get(key), after.get(key)
