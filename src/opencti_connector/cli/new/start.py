# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How a connector's image starts the connector, which Pebble has to do in the charm.

Upstream's metadata does not say this, but each connector's `Dockerfile` does. Most images run
`/entrypoint.sh`; others start Python in a directory of their own. `images.json` lists those that
do more than run the script, by the connector's directory in OpenCTI-Platform/connectors.
"""

import dataclasses
import functools
import json
import pathlib
import re
import shlex

from ..invalid import Invalid

_TABLE = pathlib.Path(__file__).parent / 'images.json'


@dataclasses.dataclass(frozen=True)
class Start:
    """A command, and the directory that it runs in."""

    command: str = '/entrypoint.sh'
    working_dir: str | None = None


# A rock has bash, and a script that changes to its directory.
ROCK = Start('bash /entrypoint.sh')


def usual_start(source_directory: str) -> Start:
    """Return how the image of a connector starts, by `images.json`."""
    return Start(**_table().get(source_directory, {}))


def read_dockerfile(file: pathlib.Path) -> Start:
    """Return how the image of a Dockerfile starts.

    Raises:
        Invalid: if the Dockerfile does not say it.
    """
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(file, '', getattr(error, 'strerror', None) or 'cannot be read') from None
    stages: dict[str, dict[str, str]] = {}
    stage: dict[str, str] = {}
    variables: dict[str, str] = {}
    for instruction, argument in _instructions(text):
        match instruction:
            case 'FROM':
                base, _, name = re.sub(r'(?i)\s+as\s+', ' ', argument).partition(' ')
                stage = dict(stages.get(base, {}))
                stages[name] = stage
            case 'ARG' | 'ENV':
                pairs = (pair.partition('=') for pair in _expand(argument, variables).split())
                variables.update({name: value.strip('"') for name, _, value in pairs})
            case 'WORKDIR':
                above = stage.get('WORKDIR', '/')
                stage['WORKDIR'] = str(pathlib.PurePosixPath(above, _expand(argument, variables)))
            case _:
                stage[instruction] = argument
    command = ' '.join(
        filter(None, (_command(stage.get(each, '')) for each in ('ENTRYPOINT', 'CMD')))
    )
    if not command:
        raise Invalid(file, 'ENTRYPOINT', 'neither it nor CMD says how the image starts')
    return Start(command, stage.get('WORKDIR'))


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = re.sub(r'\\\n', ' ', text).splitlines()
    pattern = re.compile(r'\s*(FROM|ARG|ENV|WORKDIR|ENTRYPOINT|CMD)\s+(.*\S)', re.IGNORECASE)
    return [(found[1].upper(), found[2]) for line in lines if (found := pattern.match(line))]


def _expand(text: str, variables: dict[str, str]) -> str:
    return re.sub(r'\$\{?(\w+)\}?', lambda found: variables.get(found[1], found[0]), text)


def _command(argument: str) -> str:
    if argument.startswith('['):
        return shlex.join(json.loads(argument))
    return shlex.join(['sh', '-c', argument]) if argument else ''


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    return json.loads(_TABLE.read_text(encoding='utf-8'))
