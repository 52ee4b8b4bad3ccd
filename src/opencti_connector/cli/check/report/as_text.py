# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The report for people: aligned text, in colour on a terminal only."""

import collections
import textwrap
from typing import IO

import rich.console
import rich.text

from .. import masking, relations
from ..finding import Checked, Finding, Level, Report
from ..rules import of_databags
from ..sides import Side

_WIDTH = 80
_INDENT = ' ' * 9
_STYLES = {Level.ERROR: 'red', Level.NOTE: 'yellow'}
# With more relations than a screen holds, those in order are only counted.
_MANY = 12


def show(report: Report, file: IO[str] | None = None) -> None:
    """Print a report, to standard output or to a file."""
    # rich must not wrap, because people copy the commands. Other text is wrapped here.
    console = rich.console.Console(
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        file=file,
        color_system=None if file else 'auto',
    )
    if report.seen:
        console.print(*report.seen, '', sep='\n')
    shown = report.relations
    if len(shown) > _MANY:
        shown = sorted((one for one in shown if _rank(one) < _IN_ORDER), key=_rank)
        _show_summary(console, report)
    for one in shown:
        relation = one.relation
        console.print(_title(relation), style='bold')
        for side in Side:
            _show_databag(console, relation, side)
        for line in (*relation.seen, *(f'log    {line}' for line in relation.log)):
            console.print(f'  {line}')
        _show_findings(console, one.findings)
        console.print()
    if report.general:
        general = sorted(report.general, key=lambda finding: finding.level is Level.NOTE)
        _show_findings(console, general[:_MANY])
        if len(general) > _MANY:
            console.print(f'  and {len(general) - _MANY} more: --format json has all')
        console.print()
    _show_verdict(console, report)


_WRONG, _INCOMPLETE, _IN_ORDER = range(3)


def _rank(one: Checked) -> int:
    if one.error_codes:
        return _WRONG
    return _IN_ORDER if one.relation.is_complete else _INCOMPLETE


def _show_summary(console: rich.console.Console, report: Report) -> None:
    ranks = collections.Counter(map(_rank, report.relations))
    console.print(
        f'{len(report.relations)} relations: {ranks[_WRONG]} wrong, {ranks[_INCOMPLETE]} '
        f'incomplete, {ranks[_IN_ORDER]} in order',
        style='bold',
    )
    for one in report.relations:
        if one.error_codes:
            errors = (', '.join(one.error_codes), 'red')
            console.print(rich.text.Text.assemble(f'  {_title(one.relation)}: ', errors))
    console.print()


def _show_verdict(console: rich.console.Console, report: Report) -> None:
    if report.verdict is not None:
        if len(report.errors) == 1:
            console.print('Something is wrong: see each error.', style='red')
            return
        console.print(f'Something is wrong: {len(report.errors)} errors. First:', style='red')
        _show_findings(console, [report.verdict])
    elif report.is_complete:
        console.print('Nothing is wrong in what is shown.', style='green')
    else:
        console.print(
            'Incomplete: nothing is wrong in what is shown, but one end is not shown.',
            style='yellow',
        )


def _title(relation: relations.Relation) -> str:
    view = relation.views[0]
    others = [app for app in relation.both_ends if app != view.app]
    unknown = '(another model)' if relation.is_across_models else '(no unit)'
    other = others[0] if others else unknown
    own_end = f'{view.app}:{masking.name(view.info.endpoint)}'
    return (
        f'Relation {relation.id}: {own_end} and {other}:{masking.name(view.info.related_endpoint)}'
    )


def _show_databag(console: rich.console.Console, relation: relations.Relation, side: Side) -> None:
    app = relation.apps.get(side)
    label = f'{side.label} ({app})' if app else side.label
    databag = relation.databags.get(side)
    if databag is None:
        console.print(f'  {label}: what it wrote is not shown here')
        return
    keys = [key for key in side.keys if key in databag]
    what = '' if keys else ' no key of the interface' if databag else ' nothing'
    console.print(f'  {label} wrote{what}')
    for key in keys:
        value = _value(side, key, databag[key])
        console.print(rich.text.Text.assemble(f'    {key:<20}  ', value))


def _value(side: Side, key: str, value: str) -> tuple[str, str]:
    if of_databags.unusable(side, key, value) is not None:
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
            console.print(f'{_INDENT}{line}')
        console.print(rich.text.Text.assemble('  ', ('next', 'cyan'), f'   {finding.command}'))
