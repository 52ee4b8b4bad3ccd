# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Takes over the accounts of an OpenCTI charm that named them after the connector's charm."""

import collections
from collections.abc import Collection

import accounts
from opencti_connector import ConnectorDetails, RelatedConnector


def keep_accounts(known: accounts.Accounts, connectors: Collection[RelatedConnector]) -> set[str]:
    """Give each connector's old account the connector's new name and address.

    Returns:
        The old addresses that have to stay, because connectors may still use these accounts.
    """
    old = {address for address in known.by_address if address.endswith(accounts.OLD_DOMAIN)}
    users: dict[str, list[str]] = collections.defaultdict(list)
    for connector in connectors:
        if connector.details is not None:
            users[_old_address(connector.details)].append(connector.user_name)
    for address in old & users.keys():
        match users[address]:
            case [only] if accounts.address(only) not in known.by_address:
                known.move(address, only)
            case _:
                pass  # Several share it. Each gets one of its own, and the old one stays for now.
    if any(connector.details is None for connector in connectors):
        return old  # Which of them such a connector uses is unknown.
    return old & users.keys()


def _old_address(details: ConnectorDetails) -> str:
    name = details.connector_charm_name.replace('_', '-').lower()
    return accounts.PREFIX + name + accounts.OLD_DOMAIN
