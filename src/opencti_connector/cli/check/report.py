# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The report for people: aligned text, in colour on a terminal only."""

import dataclasses
import textwrap

import rich.console
import rich.text

from . import masking, relations, rules_of_databags
from .finding import Finding, Level
from .sides import Side

_WIDTH = 80
_INDENT = ' ' * 9
_STYLES = {Level.ERROR: 'red', Level.NOTE: 'yellow'}


@dataclasses.dataclass(frozen=True)
class Report:
    """All that was found."""

    relations: list[tuple[relations.Relation, list[Finding]]]
    """Each relation, with what was found in it."""

    general: list[Finding]
    """What was found that is not about a single relation."""

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        found = [*self.general, *(finding for _, own in self.relations for finding in own)]
        return all(finding.level is not Level.ERROR for finding in found)


def show(report: Report) -> None:
    """Print a report."""
    # rich must not wrap, because people copy the commands. Other text is wrapped here.
    console = rich.console.Console(highlight=False, soft_wrap=True)
    for relation, findings in report.relations:
        console.print(_title(relation), style='bold')
        for side in Side:
            _show_databag(console, relation, side)
        _show_findings(console, findings)
        console.print()
    if report.general:
        _show_findings(console, report.general)
        console.print()
    if report.is_ok:
        console.print('Nothing is wrong in what is shown.', style='green')
    else:
        console.print('Something is wrong: see each error.', style='red')


def _title(relation: relations.Relation) -> rich.text.Text:
    view = relation.views[0]
    others = [app for app in relation.both_ends if app != view.app]
    if relation.is_across_models:
        others = ['(another model)']
    ends = [
        f'{app}:{masking.name(endpoint)}'
        for app, endpoint in (
            (view.app, view.info.endpoint),
            (others[0] if others else '(no unit)', view.info.related_endpoint),
        )
    ]
    return rich.text.Text(f'Relation {relation.id}: {" and ".join(ends)}')


def _show_databag(console: rich.console.Console, relation: relations.Relation, side: Side) -> None:
    app = relation.apps.get(side)
    label = f'{side.label} ({app})' if app else side.label
    databag = relation.databags.get(side)
    if databag is None:
        console.print(rich.text.Text(f'  {label}: what it wrote is not shown here'))
    elif not any(key in databag for key in side.keys):
        console.print(rich.text.Text(f'  {label} wrote nothing'))
    else:
        console.print(rich.text.Text(f'  {label} wrote'))
        for key in side.keys:
            if key in databag:
                value = _value(side, key, databag[key])
                console.print(rich.text.Text.assemble(f'    {key:<20}  ', value))


def _value(side: Side, key: str, value: str) -> tuple[str, str]:
    if rules_of_databags.unusable(side, key, value) is not None:
        return '(unusable, not shown)', 'red'
    shown = masking.shown(key, value)
    return (shown, '') if shown else ('(usable, not shown)', 'dim')


def _show_findings(console: rich.console.Console, findings: list[Finding]) -> None:
    for finding in findings:
        text = f'{finding.key} {finding.problem}' if finding.key else finding.problem
        first, *rest = textwrap.wrap(text, _WIDTH - len(_INDENT), break_on_hyphens=False)
        level = finding.level
        console.print(
            rich.text.Text.assemble('  ', (f'{level.value:<5}', _STYLES[level]), f'  {first}')
        )
        for line in rest:
            console.print(rich.text.Text(f'{_INDENT}{line}'))
        console.print(rich.text.Text.assemble('  ', ('next', 'cyan'), f'   {finding.command}'))
