# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which options look like credentials by their names."""

_WORDS = {
    'apikey',
    'credential',
    'credentials',
    'key',
    'passphrase',
    'password',
    'secret',
    'token',
}


def is_credential_by_name(option: str) -> bool:
    """Return whether an option's name ends like that of a credential: not `token-uri`."""
    return option.rpartition('-')[2] in _WORDS
