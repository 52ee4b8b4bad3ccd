# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From configuration and proxies to the environment variables of a connector."""

import urllib.parse
from collections.abc import Mapping
from typing import Literal

BooleanStyle = Literal['json', 'python']
"""How booleans are spelled, `json` for `true` and `false`, `python` for `True` and `False`."""


def config_environment(
    config: Mapping[str, bool | int | float | str], boolean_style: BooleanStyle
) -> dict[str, str]:
    """Return a variable for each option: `log-level` becomes `LOG_LEVEL`.

    Args:
        config: The options that have a value. `0`, `False` and an empty string are values.
        boolean_style: How to spell a boolean.
    """
    environment: dict[str, str] = {}
    for option, value in config.items():
        text = str(value)
        if isinstance(value, bool) and boolean_style == 'json':
            text = text.lower()
        environment[option.replace('-', '_').upper()] = text
    return environment


def proxy_environment(variables: Mapping[str, str], opencti_url: str) -> dict[str, str]:
    """Return the proxy variables, in upper and lower case, as programs look for either.

    OpenCTI itself is reached without the proxy.

    Args:
        variables: The environment of the hook, in which Juju gives the model's proxies as
            `JUJU_CHARM_HTTP_PROXY`, `JUJU_CHARM_HTTPS_PROXY` and `JUJU_CHARM_NO_PROXY`.
        opencti_url: OpenCTI's URL.

    Returns:
        Nothing if the model has no proxy.
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
    # An IPv6 address stands without brackets in such a list.
    host = urllib.parse.urlsplit(opencti_url).hostname or ''
    hosts = [entry for entry in listed.split(',') if entry.strip()]
    if host not in (entry.strip().lower() for entry in hosts):
        hosts.append(host)
    return ','.join(hosts)
