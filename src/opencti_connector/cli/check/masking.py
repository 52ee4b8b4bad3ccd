# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What may be shown of a value that a charm wrote: nothing that could be a token.

OpenCTI's tokens are UUIDs, or `flgrn_octi_tkn_` and 64 letters or digits. Only parts that are
known to be harmless are shown.
"""

import re
import urllib.parse

from ... import _relation

# A UUID, or more letters and digits in a row than a word of a name has.
_LIKE_A_TOKEN = re.compile(
    r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z0-9]{20}|_tkn_', re.IGNORECASE
)
_NAME = re.compile(r'[a-z][a-z0-9]*([-_][a-z0-9]+)*')
_HOST = re.compile(r'[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+', re.IGNORECASE)
# A secret's id ends in 20 letters and digits (core/secrets/secret.go in Juju).
_SECRET_ID = re.compile(r'secret:(?://[0-9a-f-]{36}/)?([0-9a-z]{20})')


def harmless_name(name: str) -> bool:
    """Return whether a name can be a charm's, application's or endpoint's, and no token."""
    return bool(_NAME.fullmatch(name)) and not _LIKE_A_TOKEN.search(name)


def name(text: str) -> str:
    """Return a name, if it may be shown."""
    return text if harmless_name(text) else '(not shown)'


def secret_id(value: str) -> str | None:
    """Return a secret's id in its short form, or `None` if Juju makes no such id."""
    match = _SECRET_ID.fullmatch(value)
    return f'secret:{match[1]}' if match else None


def shown(key: str, value: str) -> str | None:
    """Return what may be shown of a usable value, or `None` if that is nothing."""
    match key:
        case 'connector_type':
            return _relation.ConnectorType(value).value
        case 'connector_charm_name':
            return value if harmless_name(value) else None
        case 'opencti_url':
            return _shown_url(value)
        case 'opencti_token':
            return _shown_secret(value)
        case _:
            return None


def _shown_secret(value: str) -> str | None:
    """Return a secret's id; in place of the model's UUID, a charm may have put a token."""
    short = secret_id(value)
    if short is None or '//' not in value:
        return short
    return f'secret://<model-uuid>/{short.removeprefix("secret:")}'


def _shown_url(url: str) -> str | None:
    """Return a URL's scheme, host and port; a user, a path or a query may hold a token."""
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ''
    if not _HOST.fullmatch(host) or _LIKE_A_TOKEN.search(host):
        return None
    host = f'[{host}]' if ':' in host else host
    port = f':{parts.port}' if parts.port else ''
    rest = '/...' if parts.path.strip('/') or parts.query or parts.fragment else ''
    return f'{parts.scheme}://{host}{port}{rest}'


_CONTROL = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff]+')
# In a sentence: a word that holds what is like a token, and what a name in front says is one.
_IN_TEXT = re.compile(
    rf'\S*(?:{_LIKE_A_TOKEN.pattern}|'
    r'(?-i:(?=[\w+/-]*[0-9])(?=[\w+/-]*[A-Z])(?=[\w+/-]*[a-z])[\w+/-]{24}))\S*'
    r'|(?<=://)[^\s/@]+@|(?<=\?)[^\s?]*=\S*'
    r'|(?<=bearer)\s+\S+|(?:(?<=secret)|(?<=key))=\S+'
    r'|(?:(?<=token)|(?<=password)|(?<=passwd))["\']?\s*[=:]\s*["\']?[^\s"\']+',
    re.IGNORECASE,
)
_LONGEST = 160


def text(said: str) -> str:
    """Return a sentence that a charm or an agent wrote, without what may be a token in it."""
    said = _IN_TEXT.sub('(not shown)', _CONTROL.sub(' ', said)).strip()
    return said if len(said) <= _LONGEST else f'{said[:_LONGEST]}...'
