# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The accounts of the connectors."""

import json
import uuid

import ops

_LABEL = 'accounts'


class Accounts:
    """Keeps an account for each connector: its name, its group and its token.

    A charm of the whole OpenCTI asks the platform's API for these. This one keeps its books in a
    Juju secret, which every unit of the application can read and only the leader can write.
    """

    def __init__(self, charm: ops.CharmBase):
        self._charm = charm

    def ensure(self, name: str, group: str) -> str:
        """Make sure that an account exists and is in this group, and return its token."""
        accounts = self._load()
        account = accounts.get(name, {'token': str(uuid.uuid4())})
        self._save({**accounts, name: {**account, 'group': group}})
        return account['token']

    def rotate(self, name: str) -> None:
        """Give an account a new token.

        Raises:
            KeyError: if there is no such account.
        """
        accounts = self._load()
        self._save({**accounts, name: {**accounts[name], 'token': str(uuid.uuid4())}})

    def remove(self, name: str) -> None:
        """Remove an account, if it exists."""
        accounts = self._load()
        self._save({other: account for other, account in accounts.items() if other != name})

    def _load(self) -> dict[str, dict[str, str]]:
        try:
            secret = self._charm.model.get_secret(label=_LABEL)
        except ops.SecretNotFoundError:
            return {}
        content = secret.get_content(refresh=True)
        return {name: json.loads(account) for name, account in content.items()}

    def _save(self, accounts: dict[str, dict[str, str]]) -> None:
        previous = self._load()
        content = {name: json.dumps(account) for name, account in accounts.items()}
        if accounts == previous:
            return
        if not previous:
            self._charm.app.add_secret(content, label=_LABEL)
        elif accounts:
            self._charm.model.get_secret(label=_LABEL).set_content(content)
        else:
            self._charm.model.get_secret(label=_LABEL).remove_all_revisions()
