# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `check --juju` asks `juju`: a closed list of commands, none of which changes anything."""

import contextlib
import shlex
import threading
from collections.abc import Callable, Generator

import jubilant

from .. import refusals

COMMANDS = {'status', 'show-unit', 'show-secret', 'show-model', 'offers', 'debug-log', 'ssh'}
# All that is run on a unit, without a shell; Pebble lies there in each container.
SEE_SERVICES = ('/charm/bin/pebble', 'services')
# Seconds without an answer until it is said that Juju is slow, and again.
PATIENCE = 10.0

Say = Callable[[str], None]


class Progress:
    """Says what is asked, and how far it is."""

    def __init__(self, say: Say):
        self._say = say
        self._asked = 0
        self.expected = 3  # The status, the units and the log.

    @contextlib.contextmanager
    def of(self, command: str) -> Generator[None]:
        """Say that a command runs, and that it is slow as long as it is."""
        self._asked += 1
        self._say(f'[{self._asked}/{max(self._asked, self.expected)}] {command}')
        done = threading.Event()
        thread = threading.Thread(target=self._wait_for, args=(done,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _wait_for(self, done: threading.Event) -> None:
        seconds = 0.0
        while not done.wait(PATIENCE):
            seconds += PATIENCE
            self._say(f'    no answer for {seconds:.0f} s; Ctrl-C ends it')


class Client(jubilant.Juju):
    """Juju's client for one model, which can only look."""

    def __init__(self, model: str, progress: Progress):
        super().__init__(model=model or None)
        self.progress = progress

    def cli(self, *args: str, include_model: bool = True, stdin: str | None = None) -> str:
        """Run one of the commands.

        Raises:
            refusals.Refused: if it fails, or `juju` cannot be run.
        """
        can_only_look = args[0] in COMMANDS and '--reveal' not in args
        if not can_only_look or (args[0] == 'ssh' and args[-2:] != SEE_SERVICES):
            raise ValueError(f'not one of the commands that only look: {args[0]}')
        model = f' --model {self.model}' if include_model and self.model else ''
        command = f'juju {args[0]}{model} {shlex.join(args[1:])}'
        with self.progress.of(command):
            try:
                # Without an input, Juju asks for no password, which nobody would see.
                return super().cli(*args, include_model=include_model, stdin='')
            except jubilant.CLIError as error:
                words = error.stderr or ''
                cause = refusals.cause(words, self.model or '')
                raise refusals.Refused(f'`juju {args[0]}`: {cause}', words) from None
            except OSError:
                raise refusals.Refused(
                    '`juju` is not on the PATH: install it, or run this where it is'
                ) from None
            except UnicodeDecodeError:
                raise refusals.Refused(
                    f'`juju {args[0]}` answers what is not text in UTF-8'
                ) from None
