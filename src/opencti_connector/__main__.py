# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command `opencti-connector`, which is also `python -m opencti_connector`."""

import sys

try:
    import click as click
except ImportError:
    sys.exit("opencti-connector: the command needs its extra: install 'opencti-connector[cli]'")

from .cli.main import main

if __name__ == '__main__':
    main(prog_name='opencti-connector')
