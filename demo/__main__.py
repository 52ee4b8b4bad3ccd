# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Plays the example charms through the life of a relation; fails if a step ends wrongly."""

import os
import pathlib
import sys
import tempfile

from . import kubernetes, machine


def main() -> int:
    """Play each story and return the exit code."""
    print('═══ A connector on a machine, and OpenCTI ═══')
    with tempfile.TemporaryDirectory() as root:
        failures = machine.play(pathlib.Path(root))
    print('\n═══ A connector on Kubernetes, and OpenCTI ═══')
    failures += kubernetes.play()
    print('\n' + ('\n'.join(failures) if failures else 'Every step ended as it must.'))
    return 1 if failures else 0


if __name__ == '__main__':
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # The reader, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)
