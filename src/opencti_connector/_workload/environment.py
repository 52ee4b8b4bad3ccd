# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From configuration and proxies to the environment variables of a connector."""

import enum
import re
import urllib.parse
from collections.abc import Mapping
from typing import Literal

BooleanStyle = Literal['json', 'python']
"""How booleans are spelled, `json` for `true` and `false`, `python` for `True` and `False`."""

_NAME = re.compile('[A-Z_][A-Z0-9_]*')


def variable_name(option: str) -> str:
    """Return the name of an option's variable, if a shell can read it: `LOG_LEVEL`, say."""
    name = option.replace('-', '_').upper()
    if not _NAME.fullmatch(name):
        raise ValueError(
            f'config option {option!r}: its variable would be {name!r}; '
            "a variable's name has only the letters A to Z, digits and '_', and does not begin "
            'with a digit; rename the option'
        )
    return name


def as_text(name: str, value: object, boolean_style: BooleanStyle) -> str:
    """Return a variable's value as text; for a member of an enum, the member's value."""
    if not name or '=' in name or '\0' in name:
        raise ValueError(f'environment variable {name!r}: no variable can have this name')
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


def proxy_environment(variables: Mapping[str, str], opencti_url: str) -> dict[str, str]:
    """Return the proxy variables, in upper and lower case, because programs look for either.

    OpenCTI itself is reached without the proxy. `variables` are those of the hook, in which Juju
    gives the model's proxies.
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
    hosts = [entry for entry in listed.split(',') if entry.strip()]
    names = [entry.strip().lower() for entry in hosts]
    # Every host. Go takes it so in any list, but curl (`Curl_check_noproxy` in lib/noproxy.c) and
    # Python (`proxy_bypass_environment` in urllib.request, also for requests) only if it is alone.
    if '*' in names:
        return '*'
    # Such a list has IPv6 addresses without brackets.
    host = urllib.parse.urlsplit(opencti_url).hostname or ''
    return ','.join(hosts if host in names else [*hosts, host])
