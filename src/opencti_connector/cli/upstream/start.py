# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How a connector's image starts the connector, which Pebble has to do in the charm.

Upstream's metadata does not say this, but each connector's `Dockerfile` does. Most images run
`/entrypoint.sh`; others start Python in a directory of their own. `images.json` lists those that
do more than run the script, by the connector's directory in OpenCTI-Platform/connectors.
"""

import functools
import json
import pathlib

from .dockerfile import Start, read_dockerfile

_TABLE = pathlib.Path(__file__).parent / 'images.json'

# A rock has bash, and a script that changes to its directory.
ROCK = Start('bash /entrypoint.sh')


def image_start(source_directory: str, dockerfile: pathlib.Path | None) -> Start:
    """Return how the image of a connector starts, by its Dockerfile, else by `images.json`."""
    if dockerfile is not None:
        return read_dockerfile(dockerfile)
    return Start(**_table().get(source_directory, {}))


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    return json.loads(_TABLE.read_text(encoding='utf-8'))
