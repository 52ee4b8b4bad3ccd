# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Takes over the accounts of an OpenCTI charm that named them after the connector's charm."""

import collections
from collections.abc import Collection

import accounts
from opencti_connector import ConnectorDetails, RelatedConnector


def keep_accounts(known: accounts.Accounts, connectors: Collection[RelatedConnector]) -> set[str]:
    """Rename each connector's old account to the connector's new name.

    Returns:
        The old names that have to stay, because connectors may still use these accounts.
    """
    old_names = {name for name in known.by_name if _is_old(known, name)}
    users: dict[str, list[str]] = collections.defaultdict(list)
    for connector in connectors:
        if connector.details is not None:
            users[_old_name(connector.details)].append(connector.user_name)
    for old_name in old_names & users.keys():
        match users[old_name]:
            case [only] if only not in known.by_name:
                known.rename(old_name, only)
            case _:
                pass  # Several share it. Each gets one of its own, and the old one stays for now.
    if any(connector.details is None for connector in connectors):
        return old_names  # Which of them such a connector uses is unknown.
    return old_names & users.keys()


def _old_name(details: ConnectorDetails) -> str:
    return accounts.PREFIX + details.connector_charm_name.replace('_', '-').lower()


def _is_old(known: accounts.Accounts, name: str) -> bool:
    # That charm made the address from the name; a renamed account keeps its address.
    return known.by_name[name].user_email == f'{name}@opencti.local'
