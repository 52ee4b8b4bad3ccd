# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""OpenCTI's end with more and more relations: calls and time."""

import dataclasses
import pathlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import ops
from ops import testing

from opencti_connector.testing import relation_for_requirer
from tests.round_trips import WRITES, counted

from . import charms

NUMBERS = (1, 10, 100, 1000)
ROUNDS = 5
Event = Callable[[testing.CharmEvents, testing.State], Any]


@dataclasses.dataclass(frozen=True)
class Row:
    """The cost of one hook with a number of relations."""

    hook: str
    relations: int
    relation_lists: int
    """ops lists the units of all relations of an endpoint when it looks at one."""
    relation_gets: int
    secret_infos: int
    writes: int
    seconds: float
    """The time in charm, library and ops, without the mock of Juju."""


def related(number: int) -> testing.State:
    """Return the state of an OpenCTI with a number of new connectors."""
    relations = {
        relation_for_requirer(id=i, remote_app_name=f'connector-{i}').relation
        for i in range(number)
    }
    return testing.State(leader=True, relations=relations)


def run(charm: type[ops.CharmBase], state: testing.State, event: Event) -> tuple[Any, Row]:
    """Run one hook and measure it."""
    context: testing.Context[Any] = testing.Context(charm, **charms.OPENCTI)
    made = event(context.on, state)
    with counted() as calls, context(made, state) as manager:
        start, mocked = time.perf_counter(), calls.seconds
        out = manager.run()
        seconds = time.perf_counter() - start - (calls.seconds - mocked)
    writes = sum(calls[write] for write in WRITES)
    number = len(list(state.relations))
    reads = (calls[name] for name in ('relation_list', 'relation_get', 'secret_info_get'))
    return out, Row('', number, *reads, writes, seconds)


def one_changed(on: testing.CharmEvents, state: testing.State) -> Any:
    """Let the connector of the oldest relation change."""
    return on.relation_changed(state.get_relation(0), remote_unit=0)


def measure(numbers: tuple[int, ...] = NUMBERS) -> list[Row]:
    """Measure a cold hook, two no-op ones, and one in which a single connector is new."""
    rows: list[Row] = []
    run(charms.MakingOpenctiCharm, related(1), lambda on, _: on.config_changed())  # Warm up.
    for number in numbers:
        state = related(number)

        def measured(hook: str, state: testing.State, event: Event) -> testing.State:
            # The mock also copies states before and after a hook, so subtract a bare charm's time.
            bare = [run(charms.BareCharm, state, event)[1].seconds for _ in range(ROUNDS)]
            ours = [run(charms.MakingOpenctiCharm, state, event) for _ in range(ROUNDS)]
            seconds = statistics.median(row.seconds for _, row in ours) - statistics.median(bare)
            out, row = ours[0]
            rows.append(dataclasses.replace(row, hook=hook, seconds=seconds))
            return out

        settled = measured('cold', state, lambda on, _: on.config_changed())
        # What one hook wrote, the next one looks at once more.
        settled, _ = run(charms.MakingOpenctiCharm, settled, lambda on, _: on.config_changed())
        measured('no-op', settled, lambda on, _: on.config_changed())
        measured('update-status', settled, lambda on, _: on.update_status())
        others = {r for r in settled.relations if r.id != 0}
        one_new = dataclasses.replace(settled, relations={*others, state.get_relation(0)})
        measured('one new', one_new, one_changed)
    return rows


def table(rows: list[Row]) -> list[str]:
    """Return the table in Markdown."""
    lines = [
        '| hook | relations | relation-list | relation-get | secret-info-get | writes | ms '
        '| ms a relation |',
        '|---|---|---|---|---|---|---|---|',
    ]
    for row in sorted(rows, key=lambda row: row.hook):
        milliseconds = row.seconds * 1000
        reads = (row.relation_lists, row.relation_gets, row.secret_infos)
        cells = (row.hook, row.relations, *reads, row.writes)
        times = f'{milliseconds:.1f} | {milliseconds / row.relations:.2f}'
        lines.append(f'| {" | ".join(map(str, cells))} | {times} |')
    return lines


def plot(rows: list[Row], file: pathlib.Path) -> None:
    """Plot the time over the number of relations, beside a linear line."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5))
    for hook in ('cold', 'no-op', 'one new'):
        # A logarithmic axis cannot show a hook that is no slower than the bare charm's.
        points = [
            (row.relations, row.seconds * 1000)
            for row in rows
            if row.hook == hook and row.seconds > 0
        ]
        axes.plot(*zip(*points, strict=True), marker='o', label=hook)
    numbers, times = zip(
        *((row.relations, row.seconds * 1000) for row in rows if row.hook == 'no-op'), strict=True
    )
    linear = [times[-1] * number / numbers[-1] for number in numbers]
    axes.plot(numbers, linear, linestyle=':', color='grey', label='linear')
    axes.set(xscale='log', yscale='log', xlabel='relations', ylabel='ms in charm, library and ops')
    axes.legend()
    figure.tight_layout()
    figure.savefig(file)
