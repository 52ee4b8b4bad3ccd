# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The accounts of the connectors in OpenCTI."""

import datetime
import functools
from collections.abc import Callable, Collection

import ops

from opencti_api import Account, OpenctiApi
from opencti_connector import Blocked, ConnectorType, NotReady

PREFIX = 'charm-connector-'
"""What the names of the accounts start with, as `RelatedConnector.user_name` does."""

DURATION = 'DAYS_90'
"""How long OpenCTI accepts a token."""

REPLACED_AFTER = datetime.timedelta(days=80)
"""When a token is replaced: early enough for an OpenCTI that is down for a week."""

_GROUPS = ('Connectors', 'Administrators')


def connect(charm: ops.CharmBase) -> 'Accounts':
    """Return the accounts in the configured OpenCTI.

    Raises:
        Blocked: if an option has no value, or the secret of admin-token is not granted or has no
            token.
        NotReady: if Juju cannot read the secret.
    """
    if (problem := missing_configuration(charm)) is not None:
        raise problem
    try:
        secret = charm.model.get_secret(id=str(charm.config['admin-token']))
        content = secret.get_content(refresh=True)
    except ops.SecretNotFoundError:
        raise _not_granted(charm) from None
    except ops.ModelError as error:
        # Of a secret that is not granted, Juju 3.6 says the one, Juju 4.0 the other.
        if 'permission denied' in str(error) or 'not allowed' in str(error):
            raise _not_granted(charm) from None
        raise NotReady('admin-token: waiting for Juju to read the secret') from None
    if not content.get('token'):
        raise Blocked('admin-token: the secret has no key token')
    return Accounts(OpenctiApi(str(charm.config['url']), content['token']))


def _not_granted(charm: ops.CharmBase) -> Blocked:
    return Blocked(f'admin-token: run juju grant-secret … {charm.app.name}')


def missing_configuration(charm: ops.CharmBase) -> Blocked | None:
    """Return what a person has to configure first, if anything."""
    missing = [name for name in ('url', 'admin-token') if not charm.config.get(name)]
    return Blocked(f'missing configuration: {", ".join(missing)}') if missing else None


class Accounts:
    """Keeps an account for each connector, in the group that fits its type.

    Each method raises `ApiUnavailable` or `ApiRefused` if OpenCTI does not answer or refuses.
    """

    def __init__(self, api: OpenctiApi):
        self._api = api

    @functools.cached_property
    def by_name(self) -> dict[str, Account]:
        """The accounts of connectors, read once a hook."""
        return {account.name: account for account in self._api.accounts(PREFIX)}

    @property
    def token_expiry(self) -> datetime.timedelta | None:
        """How long to use a token; `None` if it never expires."""
        return REPLACED_AFTER if self._api.has_many_tokens else None

    def ensure(self, name: str, connector_type: ConnectorType) -> str | Callable[[], str]:
        """Make sure that an account exists, and return its token, or a callable that makes one.

        If OpenCTI shows a token only once, the published token stays in use. It cannot be the
        account's if the account is new, or has no token that OpenCTI accepts.
        """
        account = self.by_name.get(name)
        # OpenCTI lets only administrators write the files that exports make.
        is_export = connector_type is ConnectorType.INTERNAL_EXPORT_FILE
        group = 'Administrators' if is_export else 'Connectors'
        is_new = account is None
        if account is None:
            account = self.by_name[name] = self._api.add_account(name, group)
        if not account.is_active:
            self._api.patch_account(account, 'account_status', 'Active')
        if group not in account.groups:
            self._api.join_group(account, group)
        for other in _GROUPS:
            if other != group and other in account.groups:
                self._api.leave_group(account, other)
        if account.only_token is not None:
            return account.only_token
        if is_new or _is_without_token(account):
            return self.new_token(name)
        return functools.partial(self.new_token, name)

    def new_token(self, name: str) -> str:
        """Give an account a new token.

        If it can have many, the token that was used last stays valid until the connector has the
        new one. All others are revoked.

        Raises:
            KeyError: if there is no such account.
        """
        account = self.by_name[name]
        if not self._api.has_many_tokens:
            return self._api.renew_only_token(account)
        by_use = sorted(account.tokens, key=lambda token: token.last_used_at or token.created_at)
        for token in by_use[:-1]:
            self._api.revoke_token(account, token)
        return self._api.add_token(account, 'opencti-connector', DURATION)

    def switch_off(self, name: str) -> None:
        """Switch an account off, if it exists."""
        account = self.by_name.get(name)
        if account is not None and account.is_active:
            self._api.patch_account(account, 'account_status', 'Inactive')

    def switch_off_all_but(self, names: Collection[str]) -> None:
        """Switch off the accounts of all other connectors."""
        for name in self.by_name.keys() - set(names):
            self.switch_off(name)

    def rename(self, old: str, new: str) -> None:
        """Rename an account; its tokens stay."""
        account = self.by_name[old]
        self._api.patch_account(account, 'name', new)
        del self.by_name[old]
        self.by_name[new] = account


def _is_without_token(account: Account) -> bool:
    if not account.tokens:
        # A user of an older version can have a token that is not listed.
        return account.is_service_account
    now = datetime.datetime.now(tz=datetime.timezone.utc)
    return all(
        token.expires_at is not None and token.expires_at <= now for token in account.tokens
    )
