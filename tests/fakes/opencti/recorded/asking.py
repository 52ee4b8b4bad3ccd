# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Scripts of what is asked of an OpenCTI, with what running ones answered, in `answers.json`.

The file holds facts only. What is not written in an answer may vary. In an answer, `*` is any
value, `!…` is any other value, `null` is a value that is missing, and the order of a list does not
matter. `{…}` stands for what the script made: `{X.id}` and `{X.email}` of an account, `{prefix}`
of all addresses, `{nobody}` for an id that nobody has, and `{group.Connectors}`.

An answer is kept by the version that gave it, or as `either` where the record does not say which
of the two was asked.
"""

import dataclasses
import json
import pathlib
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from tests.platform.person import Person

VERSIONS = ('7.260817.0', '6.9.17')
_FILE: dict[str, Any] = json.loads(pathlib.Path(__file__).with_name('answers.json').read_text())


@dataclasses.dataclass(frozen=True)
class Script:
    """Accounts to make, and what is asked then."""

    name: str
    steps: list[dict[str, Any]]
    accounts: dict[str, list[str]] = dataclasses.field(default_factory=dict[str, list[str]])
    """The groups of each account."""

    needs: str | None = None
    """What has to happen before the last step, and cannot be asked for by the API."""

    def holds_for(self, version: str) -> bool:
        """Whether it is recorded what a version answers."""
        return any(_recorded(step, version) is not None for step in self.steps)

    def __str__(self) -> str:
        return self.name


SCRIPTS = [Script(**script) for script in _FILE['scripts']]


def nearest(version: str) -> str:
    """Return the recorded version whose answers another version is compared with."""
    return VERSIONS[0] if int(version.split('.')[0]) >= 7 else VERSIONS[1]


def run(
    script: Script,
    person: Person,
    prefix: str,
    arrange: Callable[[str], None] | None = None,
    nobody: str | None = None,
) -> Iterator[str]:
    """Ask what a script asks, and yield what differs from the recorded answers.

    Args:
        script: The script.
        person: The administrator of the OpenCTI.
        prefix: What the addresses of all accounts start with, and those of nobody else.
        arrange: Lets happen what the script needs.
        nobody: An id that nobody has.
    """
    names = {'prefix': prefix, 'PREFIX': prefix.upper(), 'nobody': nobody or str(uuid.uuid4())}
    tokens: dict[str, str] = {'nobody': ''}
    for label, groups in script.accounts.items():
        email = f'{prefix}{script.name}-{label.lower()}@connectors.invalid'
        user_id = person.add(f'{prefix}{script.name}', email, *groups)
        names |= {f'{label}.id': user_id, f'{label}.email': email}
        tokens[label] = person.token_of(user_id)
    version = nearest(person.version)
    for number, step in enumerate(script.steps):
        if arrange is not None and script.needs and number == len(script.steps) - 1:
            arrange(script.needs)
        answer = person.ask(
            _FILE['queries'][step['query']],
            _filled(step.get('variables', {}), names, person),
            token=tokens.get(step.get('as', '')),
            path=step.get('path', '/graphql'),
        )
        expected = _recorded(step, version)
        if expected is not None:
            expected = _filled(expected, names, person)
            yield from _differences(expected, answer, f'{script.name}: {step["query"]}')


def _recorded(step: dict[str, Any], version: str) -> Any:
    answers = step.get('answers', {})
    return answers.get(version, answers.get('either'))


def _filled(value: Any, names: dict[str, str], person: Person) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, names, person) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, names, person) for item in value]
    if not isinstance(value, str):
        return value

    def found(match: re.Match[str]) -> str:
        kind, _, name = match[1].partition('.')
        return person.group_id(name) if kind == 'group' else names[match[1]]

    return re.sub(r'{([\w.]+)}', found, value)


def _differences(expected: Any, answer: Any, where: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(answer, dict):
        for key, value in expected.items():
            yield from _differences(value, answer.get(key), f'{where}.{key}')
    elif isinstance(expected, list) and isinstance(answer, list):
        left = list(answer)
        for value in expected:
            for item in left:
                if not list(_differences(value, item, '')):
                    left.remove(item)
                    break
            else:
                yield f'{where}: {json.dumps(value)} is not in {json.dumps(answer)}'
        for item in left[: len(answer) - len(expected)]:
            yield f'{where}: {json.dumps(item)} is new'
    elif isinstance(expected, str) and expected.startswith('!'):
        if answer == expected[1:]:
            yield f'{where}: is {json.dumps(answer)}'
    elif expected == '*':
        if answer is None:
            yield f'{where}: is missing'
    elif answer != expected:
        yield f'{where}: recorded is {json.dumps(expected)}, and it is {json.dumps(answer)}'
