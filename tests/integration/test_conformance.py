# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A running Juju and the model of it in `fakes` give the same answers to the same scripts.

Each twentieth script is tried, which takes a minute or two. `make conformance` tries all of them,
in a quarter of an hour, and keeps the answers for the tests that run without a Juju.
"""

import json
import os
import shlex
from typing import Any

import jubilant

from tests.fakes.juju.conformance import answers, on_model, recorded, scripts

from .models import Model, Pack

RECORDS = os.environ.get('CONFORMANCE') == 'record'

_START = """
cd "$CHARM_DIR/src" && mkdir -p {directory} && (
    env -i PATH="$PATH" setsid /usr/bin/python3 runner.py {directory} {units} \
        > {directory}/log 2>&1 < /dev/null &
)
"""


def test_same_answers(model: Model, pack: Pack):
    chosen = scripts.scripts()[:: 1 if RECORDS else 20]
    given = json.dumps({'after': scripts.AFTER, 'scripts': chosen}, separators=(',', ':'))
    owner = model.deploy(pack('conformance'), scripts=given)
    model.add_unit(owner)
    reader = model.deploy(pack('conformance'))
    model.integrate(owner, 'owner', f'{reader}:reader')
    model.wait_for_idle()

    found = run_on_juju(model, owner, reader, seconds=60 + 3 * len(chosen))
    by_juju = {
        script['name']: answers.of_juju(found[script['name']], scripts.calls(script))
        for script in chosen
    }
    version = model.juju.status().model.version
    if RECORDS:
        recorded.write(version, by_juju)
    for script in chosen:
        assert on_model.run(script, version) == by_juju[script['name']], script


def run_on_juju(model: Model, owner: str, reader: str, seconds: float) -> dict[str, list[Any]]:
    """Run the scripts beside the leader's agent, and wait for all answers."""
    leader, its_reader = model.leader(owner), model.leader(reader)
    assert leader
    assert its_reader
    (peer,) = model.units(owner) - {leader}
    directory = f'/var/tmp/{owner}'
    units = shlex.join([leader, peer, its_reader])
    model.exec(_START.format(directory=directory, units=units), unit=leader)
    shown = ''

    def has_answers(_: jubilant.Status) -> bool:
        nonlocal shown
        show = f'cat {directory}/answers 2>/dev/null || true; cat {directory}/log >&2'
        task = model.exec(show, machine=0)
        assert not task.stderr, task.stderr
        shown = task.stdout
        return bool(shown)

    model.juju.wait(has_answers, delay=2, successes=1, timeout=seconds)
    return json.loads(shown)
