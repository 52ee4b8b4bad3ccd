# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a databag deserves, told by plain rules of its own rather than by the library's."""

import ipaddress
import re
import string

from .strategies import TYPES, Secret

_NAME_CHARACTERS = set(string.ascii_letters + string.digits + '._-')
_HOST_LABEL = re.compile(r'[a-z0-9]([a-z0-9-]*[a-z0-9])?', re.IGNORECASE | re.ASCII)

Verdict = bool | None
"""Whether a value is good; `None` where the rules leave it open."""


def name(value: str) -> Verdict:
    starts_well = value[0] in string.ascii_letters + string.digits
    return starts_well and len(value) <= 128 and set(value) <= _NAME_CHARACTERS


def type_(value: str) -> Verdict:
    spellings = (known.replace('_', '[-_]') for known in TYPES)
    return any(re.fullmatch(known, value, re.ASCII | re.IGNORECASE) for known in spellings)


def id_(value: str) -> Verdict:
    lengths = [len(part) for part in value.split('-')]
    return lengths == [8, 4, 4, 4, 12] and set(value) <= set(string.hexdigits + '-')


def url(value: str) -> Verdict:
    match = re.fullmatch(r'(https?)://([^/?#]*)([/?#].*)?', value, re.IGNORECASE | re.DOTALL)
    if not match:
        return False
    if any(ord(c) <= 32 or c == '\\' or 0x7F <= ord(c) < 0xA0 for c in value):
        return False
    authority = match.group(2).rpartition('@')[2]
    host, port = authority, ''
    if bracketed := re.fullmatch(r'\[(.*)\](?::(.*))?', authority):
        host, port = bracketed.group(1), bracketed.group(2) or ''
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
    elif '[' in authority or ']' in authority:
        return False
    else:
        host, _, port = authority.partition(':')
    if not host:
        return False
    if port and not (re.fullmatch(r'[0-9]{1,5}', port) and int(port) < 65536):
        return False
    if not value.isascii() or not value.isprintable() or '@' in authority:
        return None
    if ':' in host or all(_HOST_LABEL.fullmatch(label) for label in host.split('.')):
        # A host whose last label is a number has to be an IPv4 address.
        return None if re.fullmatch(r'[0-9.x]+', host) and not _is_ipv4(host) else True
    return None


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def secret_id(value: str) -> Verdict:
    allowed = set(string.ascii_letters + string.digits + '-')
    if not value.startswith('secret:'):
        return False
    rest = value[len('secret:') :]
    if rest.startswith('//'):
        model, slash, rest = rest[2:].partition('/')
        if not slash or not model or not set(model) <= allowed:
            return False
    return bool(rest) and set(rest) <= allowed


def token(content: dict[str, str]) -> Verdict:
    value = content.get('token', '')
    if not value or any(c.isspace() or ord(c) < 32 or ord(c) == 127 for c in value):
        return False
    return True if value.isascii() else None


def details(databag: dict[str, str]) -> set[str]:
    """The outcomes that a connector's databag may have: `valid`, `invalid` or `missing`."""
    return _outcomes(
        databag,
        {'connector_charm_name': name, 'connector_type': type_},
        {'connector_id': id_},
    )


def connection(databag: dict[str, str], secret: Secret) -> set[str]:
    """The outcomes that OpenCTI's databag may have, with `unavailable` for the secret."""
    outcomes = _outcomes(databag, {'opencti_url': url, 'opencti_token': secret_id}, {})
    if 'valid' in outcomes:
        outcomes.remove('valid')
        if secret.newest is None:
            outcomes.add('unavailable')
        else:
            verdict = token(secret.newest)
            outcomes |= {'valid'} if verdict else {'invalid'}
            outcomes |= {'valid', 'invalid'} if verdict is None else set()
    return outcomes


def _outcomes(databag, required, optional) -> set[str]:
    verdicts = [
        rule(databag[key]) for key, rule in {**required, **optional}.items() if databag.get(key)
    ]
    if False in verdicts:
        return {'invalid'}
    is_complete = all(databag.get(key) for key in required)
    open_ = {'invalid'} if None in verdicts else set()
    return open_ | ({'valid'} if is_complete else {'missing'})
