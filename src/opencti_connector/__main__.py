# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command `opencti-connector`, which is also `python -m opencti_connector`."""

import signal
import sys

_is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _is_interruptible:
    # There is nothing to tidy up yet: Ctrl-C just ends it, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

try:
    import click as click

    from .cli.main import main
except ImportError:
    sys.exit(
        "opencti-connector: the command needs its extra: pip install 'opencti-connector[cli]', or "
        "'.[cli]' in a clone"
    )

if _is_interruptible:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Click ends as quietly.

if __name__ == '__main__':
    main(prog_name='opencti-connector')
