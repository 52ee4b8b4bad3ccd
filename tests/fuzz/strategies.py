# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Databags and secrets as the other side may leave them: valid, nearly valid, and garbage."""

import dataclasses
from collections.abc import Callable

from hypothesis import strategies as st

from tests.unit.conftest import CONNECTOR_ID, MARK, TOKEN, URL

TYPES = (
    'EXTERNAL_IMPORT',
    'INTERNAL_ENRICHMENT',
    'INTERNAL_IMPORT_FILE',
    'INTERNAL_EXPORT_FILE',
    'INTERNAL_ANALYSIS',
    'STREAM',
)

# Letters that look like ASCII, or become ASCII when their case changes.
_HOMOGLYPHS = str.maketrans(
    {'a': '\u0430', 'e': '\u0435', 'o': '\u043e', 'i': '\u0131', 's': '\u017f', 'K': '\u212a'}
)
_HOMOGLYPHS.update(str.maketrans({'E': '\u0415', 'I': '\u0130', 'T': '\u0422', '_': '\uff3f'}))

_DISTORTIONS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    str.title,
    lambda value: value.replace('_', '-'),
    lambda value: value.replace('_', ' '),
    lambda value: f' {value}',
    lambda value: f'{value} ',
    lambda value: f'{value}\n',
    lambda value: f'\t{value}',
    lambda value: f'"{value}"',
    lambda value: f"'{value}'",
    lambda value: f'{value}/',
    lambda value: f'{value}\0',
    lambda value: f'{value}\x1b[2J',
    lambda value: f'{value}\u202e',
    lambda value: f'{value}\ud800',
    lambda value: value[:-1],
    lambda value: value[1:],
    lambda value: value * 2,
    lambda value: value + 'x' * 65536,
    lambda value: value.translate(_HOMOGLYPHS),
    lambda value: value.replace('/', '\\'),
    lambda value: f'{value}?a=b#c',
    lambda value: value.replace('://', '://user:password@'),
    lambda value: value.replace(':8080', ':99999'),
)


def distorted(value: str) -> st.SearchStrategy[str]:
    """What a value becomes by one or two slips."""
    slip = st.sampled_from(_DISTORTIONS)
    return st.lists(slip, min_size=1, max_size=2).map(
        lambda slips: slips[-1](slips[0](value)) if len(slips) > 1 else slips[0](value)
    )


_garbage = st.one_of(
    st.just(''),
    st.text(max_size=20),
    st.text(st.characters(categories=('Cc', 'Cf', 'Cs', 'Zs', 'Zl')), max_size=5),
    st.sampled_from(
        [
            TOKEN,
            '\n' + '0' * 31,
            '\uff10' * 32,
            'null',
            '{}',
            '[]',
            'True',
            '--help',
            '../../etc/passwd',
            '$(reboot)',
            '%s%n',
            'http://[bad',
            'http://',
            'https://:443',
            'javascript:alert(1)',
            'file:///etc/passwd',
            'secret:',
            'secret://',
            'secret:\n',
        ]
    ),
)


def _values(*valid: str) -> st.SearchStrategy[str]:
    good = st.sampled_from(valid)
    return st.one_of(good, good, good.flatmap(distorted), _garbage)


def _databag(keys: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[dict[str, str]]:
    unknown = st.dictionaries(
        st.sampled_from(['model_config', '__class__', 'token', 'url', 'x' * 100]),
        _garbage,
        max_size=2,
    )
    known = st.one_of(st.fixed_dictionaries(keys), st.fixed_dictionaries({}, optional=keys))
    return st.builds(lambda some, more: {**more, **some}, known, unknown)


details = _databag(
    {
        'connector_charm_name': _values('opencti-mitre-connector', 'a', 'My_Charm.2', 'x' * 128),
        'connector_type': _values(*TYPES, 'internal-export-file', 'external_import'),
        'connector_id': _values(CONNECTOR_ID, CONNECTOR_ID.upper()),
    }
)
"""What a connector's databag may hold."""

SECRET_ID = 'secret:cjqub6vubg2s77p3nio0'
LONG_SECRET_ID = 'secret://59060ecc-0495-4a80-8006-5f1fc13fd783/cjqub6vubg2s77p3nio0'

connection = _databag(
    {
        'opencti_url': _values(
            URL,
            'https://opencti.example.com/a/prefix/',
            'http://10.1.2.3',
            'http://[2001:db8::1]:8080',
        ),
        'opencti_token': _values(SECRET_ID, LONG_SECRET_ID),
    }
)
"""What OpenCTI's databag may hold."""


@dataclasses.dataclass(frozen=True)
class Secret:
    """A secret as the connector finds it; `None` for one that cannot be read."""

    tracked: dict[str, str] | None
    newest: dict[str, str] | None


_contents = st.one_of(
    st.just({'token': TOKEN}),
    st.just({'token': TOKEN}),
    st.just({'other': TOKEN}),
    st.sampled_from(
        ['', ' ', '\n', f'{TOKEN}\n', f' {TOKEN}', f'{MARK}\0', f'{MARK} x', f'{MARK}\u2028']
    ).map(lambda token: {'token': token}),
    st.text(max_size=10).map(lambda token: {'token': f'{MARK}{token}', 'more': MARK}),
)

secrets = st.one_of(
    st.just(Secret(None, None)),
    _contents.map(lambda content: Secret(content, content)),
    st.builds(Secret, _contents, _contents),
)
"""The states of the secret: not there (or not granted, which to the reader is the same), with
whatever content, or with a newer revision than the one that is tracked."""
