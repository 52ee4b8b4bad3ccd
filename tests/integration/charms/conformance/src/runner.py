# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Runs all scripts beside the unit's agent: `juju-exec` makes a hook of each command.

Usage: runner.py DIRECTORY OWNER PEER READER

What comes before and after the writes is done for many scripts in one hook, for they do not touch
each other; the writes have a hook for each script, for Juju can refuse them as it ends.
"""

import json
import pathlib
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

HERE = pathlib.Path(__file__).parent
DIRECTORY, *UNITS = sys.argv[1:]
BATCH = 25
# The agent of Juju 4.0 restarts if it is about to report a secret's revision that is gone by then.
# This may end a running hook, done or not, so its scripts have to run again.
ABORTED = 'command execution aborted'
# It also loses its list of secrets if another is removed meanwhile, and then says this of any
# secret that was asked for.
RACED = 'secret not found (secret not found)'


def in_hook(unit: str, calls: dict[str, list[str]]) -> list[Any]:
    """Make the calls in one hook of a unit; return the answers, and how the hook ended."""
    if not calls:
        return [{}, 0, '']
    ids = pathlib.Path(DIRECTORY, 'ids')
    command = f'echo {shlex.quote(json.dumps(calls))} | /usr/bin/python3 {HERE}/hook.py {ids}'
    while True:
        done = subprocess.run(
            ['/usr/bin/juju-exec', unit, command], capture_output=True, text=True, check=False
        )
        if 'dialing juju run socket' not in done.stderr:
            break
        time.sleep(1)  # The agent is restarting, see `ABORTED`.
    answers = json.loads(done.stdout) if done.stdout else dict.fromkeys(calls)
    return [answers, done.returncode, done.stderr]


def batches(scripts: list[Any]) -> Iterator[list[Any]]:
    """Cut the scripts into batches."""
    for start in range(0, len(scripts), BATCH):
        yield scripts[start : start + BATCH]


def run(scripts: list[Any], units: dict[str, str]) -> dict[str, list[Any]]:
    """Return for each script the answers of each of its hooks, and how the hook ended."""
    answers: dict[str, list[Any]] = {script['name']: [] for script in scripts}

    def together(part: str) -> None:
        for index in range(max(len(script[part]) for script in scripts)):
            for actor, unit in units.items():
                its = [s for s in scripts if index < len(s[part]) and s[part][index][0] == actor]
                for batch in batches(its):
                    calls = {script['name']: script[part][index][1:] for script in batch}
                    found, code, words = in_hook(unit, calls)
                    for name in calls:
                        answers[name].append([found[name], code, words])

    together('before')
    for script in scripts:
        name = script['name']
        found, code, words = in_hook(units['leader'], {name: script['writes']})
        answers[name].append([found[name], code, words])
    wait_for_removals(units['leader'])
    together('after')
    return answers


def wait_for_removals(leader: str) -> None:
    """Wait for the removal job: what is removed last is gone last."""
    canary = f'canary-{time.time()}'
    in_hook(leader, {canary: ['add X A L']})
    in_hook(leader, {canary: ['remove X']})
    is_there = True
    while is_there:
        time.sleep(0.5)
        seen = in_hook(leader, {canary: ['info X']})[0][canary]
        is_there = seen is None or seen[0][0] == 0


def main() -> None:
    """Run, and write the answers to a file that exists only when all is done."""
    config = subprocess.run(
        ['/usr/bin/juju-exec', UNITS[0], 'config-get scripts'],
        capture_output=True,
        text=True,
        check=True,
    )
    given = json.loads(config.stdout)
    scripts = [{**script, 'after': given['after']} for script in given['scripts']]
    units = dict(zip(('leader', 'peer', 'reader'), UNITS, strict=True))
    answers: dict[str, list[Any]] = {}
    while scripts:
        attempt = time.time_ns()
        found = run([{**s, 'name': f'{s["name"]}.{attempt}'} for s in scripts], units)
        for script in scripts:
            answers[script['name']] = found[f'{script["name"]}.{attempt}']
        said = {script['name']: json.dumps(answers[script['name']]) for script in scripts}
        scripts = [s for s in scripts if ABORTED in said[s['name']] or RACED in said[s['name']]]
    part = pathlib.Path(DIRECTORY, 'answers.part')
    part.write_text(json.dumps(answers))
    part.rename(part.with_suffix(''))


if __name__ == '__main__':
    main()
