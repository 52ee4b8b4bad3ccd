# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The accounts of the connectors in OpenCTI."""

import dataclasses
import datetime
import functools
import hashlib
from collections.abc import Callable, Collection

import ops

from opencti_api import Account, OpenctiApi, Token
from opencti_connector import Blocked, NotReady

PREFIX = 'charm-connector-'
"""What the addresses of the accounts start with, as `RelatedConnector.user_name` does."""

DOMAIN = '@connectors.invalid'
OLD_DOMAIN = '@opencti.local'
"""What the addresses end with: of this charm's accounts, and of those that `moving` takes over."""

DURATION = 'DAYS_90'
"""How long OpenCTI accepts a token."""

REPLACED_AFTER = datetime.timedelta(days=80)
"""When a token is replaced: early enough for an OpenCTI that is down for a week."""

_GROUP = 'Connectors'
_LONGEST = 64
_EVER_SINCE = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)


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


def address(name: str) -> str:
    """Return the address of a connector's account, by which it is found whatever it is called.

    OpenCTI 6.9 refuses more than 64 characters before the @, so a long name ends in a digest.
    """
    if len(name) > _LONGEST:
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        name = f'{name[: _LONGEST - len(digest) - 1]}-{digest}'
    return name + DOMAIN


class Accounts:
    """Keeps an account for each connector, in the group that OpenCTI has for connectors.

    Each method raises `ApiUnavailable` or `ApiRefused` if OpenCTI does not answer or refuses.
    """

    def __init__(self, api: OpenctiApi):
        self._api = api

    @functools.cached_property
    def by_address(self) -> dict[str, Account]:
        """The accounts of connectors, read once a hook."""
        return {
            account.user_email: account
            for account in self._api.accounts(PREFIX)
            if account.user_email.endswith((DOMAIN, OLD_DOMAIN))
        }

    @property
    def token_expiry(self) -> datetime.timedelta | None:
        """How long to use a token; `None` if it never expires."""
        return REPLACED_AFTER if self._api.has_many_tokens else None

    def ensure(self, name: str) -> str | Callable[[], str]:
        """Make sure that an account exists, and return its token, or a callable that makes one.

        If OpenCTI shows a token only once, the published token stays in use. It cannot be the
        account's if the account has no token that OpenCTI accepts.
        """
        account = self.by_address.get(address(name))
        if account is None:
            account = self._api.add_account(name, address(name), _GROUP)
            self.by_address[address(name)] = account
        if account.name != name:
            self._api.patch_account(account, name=name)
        if not account.is_active:
            self._api.patch_account(account, account_status='Active')
        if _GROUP not in account.groups:
            self._api.join_group(account, _GROUP)
        if 'Administrators' in account.groups:  # Where this charm once put exports.
            self._api.leave_group(account, 'Administrators')
        if account.only_token is not None:
            return account.only_token
        if _is_without_token(account):
            return self.new_token(name)
        return functools.partial(self.new_token, name)

    def new_token(self, name: str) -> str:
        """Give an account a new token.

        If it can have many, the token that was used last stays valid until the connector has the
        new one. All others are revoked.

        Raises:
            KeyError: if there is no such account.
        """
        account = self.by_address[address(name)]
        if not self._api.has_many_tokens:
            return self._api.renew_only_token(account)
        by_use = sorted(account.tokens, key=_last_use)
        for token in by_use[:-1]:
            self._api.revoke_token(account, token)
        return self._api.add_token(account, 'opencti-connector', DURATION)

    def switch_off(self, address: str) -> None:
        """Switch an account off, if it exists."""
        account = self.by_address.get(address)
        if account is not None and account.is_active:
            self._api.patch_account(account, account_status='Inactive')

    def switch_off_all_but(self, addresses: Collection[str]) -> None:
        """Switch off the accounts of all other connectors."""
        for address in self.by_address.keys() - set(addresses):
            self.switch_off(address)

    def move(self, old_address: str, name: str) -> None:
        """Give an account another name, with the address for it; its tokens stay."""
        account = self.by_address[old_address]
        self._api.patch_account(account, name=name, user_email=address(name))
        del self.by_address[old_address]
        self.by_address[address(name)] = dataclasses.replace(account, name=name)


def _last_use(token: Token) -> datetime.datetime:
    return token.last_used_at or token.created_at or _EVER_SINCE


def _is_without_token(account: Account) -> bool:
    now = datetime.datetime.now(tz=datetime.timezone.utc)
    return all(
        token.expires_at is not None and token.expires_at <= now for token in account.tokens
    )
