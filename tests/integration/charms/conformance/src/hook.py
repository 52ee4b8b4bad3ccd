# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Runs the calls of some scripts in one hook, and prints the answer to each as JSON.

Usage: hook.py FILE, with the scripts and their calls on standard input. The file keeps the ids.
"""

import json
import pathlib
import subprocess
import sys


def call(script: str, ids: dict[str, str], words: list[str]) -> list[object]:
    """Make one call, and return its exit code, its output and its error."""
    verb, *names = words
    label = [f'{script}-{name}' for name in names]
    secret = ids.get(label[0], 'secret:cjqub6vubg2s77p3nio0') if names else ''
    relation = subprocess.run(
        ['relation-ids', 'owner'], capture_output=True, text=True, check=True
    ).stdout.strip()
    as_json = ('--format', 'json')
    arguments = {
        'add': lambda: ('secret-add', f'token={names[1]}', '--label', label[2]),
        'set': lambda: ('secret-set', secret, f'token={names[1]}'),
        'label': lambda: ('secret-set', secret, '--label', label[1]),
        'describe': lambda: ('secret-set', secret, '--description', names[1]),
        'expire': lambda: ('secret-set', secret, '--expire', '2100-01-01T00:00:00'),
        'grant': lambda: ('secret-grant', secret, '--relation', relation),
        'revoke': lambda: ('secret-revoke', secret, '--relation', relation),
        'remove': lambda: (
            ('secret-remove', secret) + (('--revision', names[1]) if names[1:] else ())
        ),
        'info': lambda: ('secret-info-get', secret, *as_json),
        'info-label': lambda: ('secret-info-get', '--label', label[0], *as_json),
        'get': lambda: ('secret-get', secret, *as_json),
        'peek': lambda: ('secret-get', secret, '--peek', *as_json),
        'refresh': lambda: ('secret-get', secret, '--refresh', *as_json),
        'get-label': lambda: ('secret-get', '--label', label[0], *as_json),
        'peek-label': lambda: ('secret-get', '--label', label[0], '--peek', *as_json),
        'refresh-label': lambda: ('secret-get', '--label', label[0], '--refresh', *as_json),
    }[verb]()
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if verb == 'add' and done.returncode == 0:
        ids[label[0]] = done.stdout.strip()
    return [done.returncode, done.stdout, done.stderr]


def main() -> None:
    """Take the scripts and their calls from standard input."""
    known = pathlib.Path(sys.argv[1])
    ids = json.loads(known.read_text()) if known.exists() else {}
    answers = {
        script: [call(script, ids, words.split()) for words in calls]
        for script, calls in json.load(sys.stdin).items()
    }
    known.write_text(json.dumps(ids))
    json.dump(answers, sys.stdout)


if __name__ == '__main__':
    main()
