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

from ..upstream.beside import find_beside
from ..upstream.dockerfile import Start, read_dockerfile

_TABLE = pathlib.Path(__file__).parent / 'images.json'

# A rock has bash, and a script that changes to its directory.
ROCK = Start('bash /entrypoint.sh')


def start_of_image(
    manifest_file: pathlib.Path, source_directory: str, dockerfile: pathlib.Path | None = None
) -> tuple[Start, list[pathlib.Path]]:
    """Return how the image of a connector starts, and what was read to know it.

    Args:
        manifest_file: The connector's manifest.
        source_directory: The connector's directory in upstream's repository.
        dockerfile: Its Dockerfile; by default the one beside the manifest, if there is one.

    Raises:
        Invalid: if the Dockerfile does not say it.
    """
    dockerfile = dockerfile or find_beside(manifest_file, 'Dockerfile')
    if dockerfile is None:
        return Start(**_table().get(source_directory, {})), []
    return read_dockerfile(dockerfile), [dockerfile]


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    return json.loads(_TABLE.read_text(encoding='utf-8'))
