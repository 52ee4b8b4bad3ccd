# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`python -m opencti_connector` is the command `opencti-connector`."""

import sys

try:
    import click as click
except ImportError:
    sys.exit("opencti-connector: the command needs its extra: install 'opencti-connector[cli]'")

from .cli._main import main

main(prog_name='opencti-connector')
