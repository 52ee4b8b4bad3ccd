# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Runs the platform until the process is told to end.

The administrator's token comes from the environment variable `ADMIN_TOKEN`. The first line on
standard output is the URL.
"""

import argparse
import os

from . import ADMIN_TOKEN, CURRENT, Platform

parser = argparse.ArgumentParser('python -m fakes.opencti', description=__doc__)
parser.add_argument('--host', default='127.0.0.1', help='the address to listen on')
parser.add_argument('--port', default=0, type=int, help='the port; by default one that is free')
parser.add_argument('--base-path', default='', help='such as /opencti')
parser.add_argument('--platform-version', default=CURRENT, help='decides how tokens work')
arguments = parser.parse_args()

platform = Platform(
    arguments.platform_version,
    admin_token=os.environ.get('ADMIN_TOKEN', ADMIN_TOKEN),
    base_path=arguments.base_path,
    host=arguments.host,
    port=arguments.port,
)
print(platform.url, flush=True)  # noqa: T201
platform.run()
