# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Plays the example charms through the life of a relation; fails if a step goes wrong."""

import argparse
import os
import pathlib
import sys
import tempfile

from . import kubernetes, machine, summary, tokens


def main() -> int:
    """Play each story and return the exit code."""
    parser = argparse.ArgumentParser(prog='python -m demo', description=__doc__)
    parser.add_argument('--verbose', action='store_true', help='show what each hook does')
    is_verbose: bool = parser.parse_args().verbose
    print('The charms of docs/examples, run by ops as on Juju. Juju and OpenCTI are in memory.')
    if is_verbose:
        print('A token shows as its fingerprint: the first 8 digits of its SHA-256.')
    with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory() as other_root:
        stories = [
            machine.play(pathlib.Path(root), is_verbose=is_verbose),
            tokens.play(pathlib.Path(other_root), is_verbose=is_verbose),
            kubernetes.play(is_verbose=is_verbose),
        ]
    summary.show(stories)
    failures = [f'{story.title}, {failure}' for story in stories for failure in story.failures]
    print('\n'.join(failures) if failures else 'Every step ended as it must.')
    if not is_verbose:
        print('What each hook did: .venv/bin/python -m demo --verbose')
    return 1 if failures else 0


if __name__ == '__main__':
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # The reader, such as `head`, has stopped reading.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)
