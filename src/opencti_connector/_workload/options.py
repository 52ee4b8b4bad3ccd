# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a charm's files say about its configuration options.

ops knows an option's name, type and default, but not whether it is optional.
"""

import dataclasses
import pathlib
from typing import Any

import yaml  # Comes with ops, which reads the same files with it.

_Loader: Any = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)


@dataclasses.dataclass(frozen=True)
class ConfigOption:
    """A configuration option."""

    name: str
    is_required: bool
    """Whether the option says `optional: false`."""

    is_secret: bool
    """Whether the option's value is the id of a Juju secret that a person made."""


def read_options(charm_dir: pathlib.Path) -> list[ConfigOption]:
    """Read the options from `config.yaml`, else from `charmcraft.yaml`.

    A packed charm (with a `metadata.yaml`) may declare none.
    """
    for name, path in (('config.yaml', 'options'), ('charmcraft.yaml', 'config.options')):
        file = charm_dir / name
        if file.exists():
            return [
                ConfigOption(
                    option,
                    is_required=details.get('optional') is False,
                    is_secret=details.get('type') == 'secret',
                )
                for option, details in _mappings(file, path).items()
            ]
    if (charm_dir / 'metadata.yaml').exists():
        return []
    raise FileNotFoundError(
        f'{charm_dir} has neither a config.yaml nor a charmcraft.yaml that declares the options; '
        'set charm_dir to the directory that has one'
    )


def _mappings(file: pathlib.Path, path: str) -> dict[str, dict[str, Any]]:
    """Return the mappings that a file holds under a dotted path, if it has that path."""
    try:
        content: Any = yaml.load(file.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ValueError(f'{file} is not YAML: {error}') from error
    nothing: dict[str, Any] = {}
    try:
        for key in path.split('.'):
            content = (content or nothing).get(key)
        return {name: dict(details) for name, details in (content or nothing).items()}
    except (AttributeError, TypeError, ValueError):
        raise ValueError(f"{file}: '{path}' must map each option's name to a mapping") from None
