# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What ends the command with exit code 2, and what Juju's client means where it refuses.

Each cause is in our words, with the next command. Juju's own words may name anything, so they are
matched and never repeated. They are those of `cmd/modelcmd/modelcommand.go`,
`cmd/modelcmd/controller.go` and `apiserver/errors` in Juju.
"""

import re

import click


class Unreadable(click.ClickException):
    """The input cannot be read; the text says why, and never holds a value of it."""

    exit_code = 2


class Refused(Unreadable):
    """Juju did not answer; the text says what to do, and holds none of Juju's words."""

    def __init__(self, text: str, words: str = ''):
        super().__init__(text)
        self.words = words
        """What Juju said; it may hold anything, and is not shown."""


NOT_THERE = r'secret \S+ not found'
_CAUSES = tuple(
    (re.compile(words, re.IGNORECASE), text)
    for words, text in (
        (r'no controllers registered', 'this client knows no controller: `juju register`'),
        (r'no selected controller', 'no controller is selected: `juju switch`'),
        (r'no model in focus', 'no model is selected: `juju switch`'),
        (
            r'model \S+ not found|model not found|controller \S+ not found',
            'there is no such model, or this user may not see it: `juju models`',
        ),
        (
            r'\bunit \S+ not found',
            'there is no unit of this name: `juju status{model}` has the real one; for one of '
            'another model: `opencti-connector check --juju{model}`',
        ),
        (
            r'\bapplication \S+ not found',
            'there is no application of this name; its real name is in: `juju status{model}`',
        ),
        (NOT_THERE, 'there is no such secret'),
        (
            r'not logged in|enter password|password for|invalid entity name|macaroon|log ?in',
            'this client is not logged in: `juju login`',
        ),
        (
            r'permission denied|unauthori[sz]ed|not authorized',
            'this user may not read that: ask for access, see `juju whoami`',
        ),
        (
            r'unable to connect|cannot connect|connection (is )?(refused|shut)|timed? ?out'
            r'|no such host|no route to host|dial tcp',
            'the controller does not answer: `juju show-controller`',
        ),
    )
)


def cause(words: str, model: str = '') -> str:
    """Return the cause of a refusal in Juju's words, and what to type about the model."""
    found = (text for pattern, text in _CAUSES if pattern.search(words))
    text = next(found, 'Juju refused it: `juju status{model}` says more')
    return text.format(model=f' --model {model}' if model else '')
