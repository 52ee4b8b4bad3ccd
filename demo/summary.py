# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the stories proved, at a glance."""

import dataclasses
from collections.abc import Iterable, Mapping

import rich.box
import rich.console
import rich.table


@dataclasses.dataclass(frozen=True)
class Step:
    """A step of a story, and how it ended."""

    title: str
    statuses: Mapping[str, str]
    proven: list[str]
    problems: list[str]


@dataclasses.dataclass(frozen=True)
class Story:
    """A story, with the steps played so far."""

    title: str
    steps: list[Step] = dataclasses.field(default_factory=list[Step])

    @property
    def failures(self) -> list[str]:
        """What did not end as it must."""
        return [
            f'{number}. {step.title}: {problem}'
            for number, step in enumerate(self.steps, 1)
            for problem in step.problems
        ]


def console(*, quiet: bool = False) -> rich.console.Console:
    """Return a console as wide as the terminal, with colours and symbols on a terminal only."""
    return rich.console.Console(highlight=False, quiet=quiet)


def mark(target: rich.console.Console, is_so: bool) -> str:
    """Return the mark of an outcome, for good or bad."""
    if target.is_terminal:
        return '✔' if is_so else '✘'
    return 'ok' if is_so else 'FAILED'


def show(stories: Iterable[Story]) -> None:
    """Print a table of all steps."""
    target = console()
    box = rich.box.SIMPLE_HEAD if target.is_terminal else rich.box.ASCII2
    table = rich.table.Table('step', 'connector', 'OpenCTI', 'proven', box=box)
    for story in stories:
        table.add_row(story.title, style='bold')
        for number, step in enumerate(story.steps, 1):
            opencti, connector = _states(step.statuses)
            so = len(step.proven) - len(step.problems)
            proven = f'{mark(target, not step.problems)} {so} of {len(step.proven)}'
            style = 'red' if step.problems else ''
            table.add_row(f'{number}. {step.title}', connector, opencti, proven, style=style)
        table.add_section()
    target.print(table)


def _states(statuses: Mapping[str, str]) -> tuple[str, str]:
    states = {name: status.partition(':')[0] for name, status in statuses.items()}
    opencti = states.pop('opencti', 'gone')
    return opencti, next(iter(states.values()), 'gone')
