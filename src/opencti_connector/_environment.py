# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From configuration and proxies to the environment variables of a connector."""

import enum
import re
import typing
import urllib.parse
from collections.abc import Mapping
from typing import Any, Literal

import yaml

BooleanStyle = Literal['json', 'python']
"""How booleans are spelled, `json` for `true` and `false`, `python` for `True` and `False`."""

_NAME = re.compile('[A-Z_][A-Z0-9_]*')
# A value of several lines that starts with one of these cannot be read back from Pebble's plan.
_LOST = '\n\t\x85\u2028\u2029'


def check_boolean_style(style: object) -> None:
    """Check a style of booleans.

    Raises:
        ValueError: if there is no such style.
    """
    styles = typing.get_args(BooleanStyle)
    if style not in styles:
        raise ValueError(f'boolean_style: must be one of {", ".join(styles)}, not {style!r}')


def variable_name(option: str) -> str:
    """Return the name of an option's variable: `log-level` becomes `LOG_LEVEL`.

    Raises:
        ValueError: if a shell could not read it.
    """
    name = option.replace('-', '_').upper()
    if not _NAME.fullmatch(name):
        raise ValueError(
            f'config option {option!r}: its variable would be {name!r}; '
            "a variable's name has only the letters A to Z, digits and '_', and does not begin "
            'with a digit; rename the option'
        )
    return name


def check_name(name: object) -> None:
    """Check the name of a variable that a charm adds.

    Raises:
        TypeError: if it is not a text.
        ValueError: if no variable can have that name.
    """
    if not isinstance(name, str):
        raise TypeError(f'environment variable {name!r}: its name must be a str')
    if not name or '=' in name or not is_readable(name):
        raise ValueError(f'environment variable {name!r}: no variable can have this name')


def as_text(name: str, value: object, boolean_style: BooleanStyle) -> str:
    """Return a variable's value as text; for a member of an enum, the member's value.

    Raises:
        TypeError: if it is not a text, number or boolean. The error does not show the value.
    """
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return str(value).lower() if boolean_style == 'json' else str(value)
    if isinstance(value, (str, int, float)):
        return str(value)
    raise TypeError(
        f'environment variable {name}: must be a str, bool, int or float, '
        f'not {type(value).__name__}'
    )


def is_readable(value: str) -> bool:
    """Return whether a value can be read back from Pebble's plan.

    Pebble writes the plan as YAML, and leaves some values without quotes on which ops' YAML parser
    fails: `=`, `<<`, `2024-99-99`. A value of several lines loses an empty first line, and the
    parser fails on a tab at its start.
    """
    if '\0' in value:
        return False  # No program can get such a value.
    if '\n' in value:
        return value[0] not in _LOST
    if value in ('!', '&', '*'):
        return True  # The parser would fail on these, but Pebble quotes them.
    try:
        _as_plain_yaml(value)
    except (yaml.YAMLError, ValueError):
        return False
    return True


def is_value(found: object, wanted: str) -> bool:
    """Return whether a value that ops read from Pebble's plan is the wanted one."""
    if isinstance(found, str) or found is None:
        return found == wanted
    return found == _as_plain_yaml(wanted)


def proxy_environment(variables: Mapping[str, str], opencti_url: str) -> dict[str, str]:
    """Return the proxy variables, in upper and lower case, because programs look for either.

    OpenCTI itself is reached without the proxy.

    Args:
        variables: The environment of the hook, in which Juju gives the model's proxies as
            `JUJU_CHARM_HTTP_PROXY`, `JUJU_CHARM_HTTPS_PROXY` and `JUJU_CHARM_NO_PROXY`.
        opencti_url: OpenCTI's URL.

    Returns:
        The variables; none if the model has no proxy.
    """
    proxies = {
        name: variables[f'JUJU_CHARM_{name}']
        for name in ('HTTP_PROXY', 'HTTPS_PROXY')
        if variables.get(f'JUJU_CHARM_{name}')
    }
    if not proxies:
        return {}
    proxies['NO_PROXY'] = _no_proxy(variables.get('JUJU_CHARM_NO_PROXY', ''), opencti_url)
    return {**proxies, **{name.lower(): value for name, value in proxies.items()}}


def _no_proxy(listed: str, opencti_url: str) -> str:
    # Such a list has IPv6 addresses without brackets.
    host = urllib.parse.urlsplit(opencti_url).hostname or ''
    hosts = [entry for entry in listed.split(',') if entry.strip()]
    if host not in (entry.strip().lower() for entry in hosts):
        hosts.append(host)
    return ','.join(hosts)


def _as_plain_yaml(value: str) -> Any:
    """Read a value as ops' YAML parser reads it without quotes."""
    loader: Any = yaml.SafeLoader('')
    tag = loader.resolve(yaml.ScalarNode, value, (True, False))
    return loader.construct_object(yaml.ScalarNode(tag, value))
