# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The data of the `opencti_connector` interface: what each side writes, and how to read it.

All data is in the application databags, as raw strings, not JSON. This is the only module that
knows a databag's keys. The facts come from the interface's published schema (canonical/charmlibs,
`interfaces/opencti_connector/interface/v0`) and from what deployed charms write.
"""

import enum
import re
import urllib.parse
from collections.abc import Mapping, MutableMapping
from typing import Any

import pydantic
import pydantic_core
from typing_extensions import Self

from .. import _errors

_PATTERNS = {
    'connector_charm_name': (
        r'[A-Za-z0-9][A-Za-z0-9._-]{0,127}',
        "must be a charm's name: at most 128 letters, digits, '-', '_' or '.', "
        'the first a letter or digit',
    ),
    # uuid.UUID would also accept white space, underscores and the digits of other scripts.
    'connector_id': (r'[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}', 'must be a UUID'),
    'opencti_token': (
        r'secret:(//[A-Za-z0-9-]+/)?[A-Za-z0-9-]+',
        "must be the id of a Juju secret, 'secret:<id>' or 'secret://<model-uuid>/<id>', "
        'and never the token itself',
    ),
}
"""What a key's value must match as a whole, and what to say if it does not."""

_TOKEN_KEY = 'token'  # noqa: S105 - the key in the secret's content, not a token.


class ConnectorType(str, enum.Enum):
    """The types of connector that OpenCTI knows.

    Lower case and kebab case spellings are accepted, too: `ConnectorType('external-import')`.

    Source: "Connectors" in OpenCTI's documentation, and the interface's published schema.
    """

    EXTERNAL_IMPORT = 'EXTERNAL_IMPORT'
    INTERNAL_ENRICHMENT = 'INTERNAL_ENRICHMENT'
    INTERNAL_IMPORT_FILE = 'INTERNAL_IMPORT_FILE'
    INTERNAL_EXPORT_FILE = 'INTERNAL_EXPORT_FILE'
    INTERNAL_ANALYSIS = 'INTERNAL_ANALYSIS'
    STREAM = 'STREAM'

    def __str__(self) -> str:
        return self.value

    @classmethod
    def _missing_(cls, value: object) -> 'ConnectorType':
        # Some non-ASCII letters have ASCII capitals: a dotless i must not spell a privileged type.
        if isinstance(value, str) and value.isascii():
            name = value.replace('-', '_').upper()
            if name in cls.__members__:
                return cls[name]
        raise ValueError(f'must be one of {", ".join(cls.__members__)}')


def _check_type(value: object) -> ConnectorType:
    return ConnectorType(value)


def _check_url(value: str) -> str:
    problem = (
        'must be an http:// or https:// URL with a host, '
        'and without blanks, backslashes or control characters'
    )
    # Parsers disagree about backslashes, and some drop control characters and blanks. The value is
    # passed on unchanged, so all of them must find the same host in it.
    if not value.isprintable() or ' ' in value or '\\' in value:
        raise ValueError(problem)
    try:
        pydantic_core.Url(value)  # What the published schema's AnyHttpUrl parses with.
        parts = urllib.parse.urlsplit(value)
    except ValueError:
        raise ValueError(problem) from None
    if parts.scheme not in ('http', 'https') or not parts.hostname:
        raise ValueError(problem)
    return value


def _check_token(token: pydantic.SecretStr) -> pydantic.SecretStr:
    value = token.get_secret_value()
    if not value.strip():
        raise ValueError('must not be empty or blank')
    # A token travels in an HTTP header and in an environment variable, which can hold neither.
    if not value.isprintable() or ' ' in value:
        raise ValueError('must not contain white space or control characters')
    return token


class _Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, hide_input_in_errors=True, defer_build=True)

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """Create an instance, with errors that name each field and its problem, but no value."""
        try:
            return cls(**values)
        except pydantic.ValidationError as error:
            raise ValueError(_describe(error)) from None


class _Databag(_Model):
    """One side's application databag; the fields' names are the keys."""

    @pydantic.field_validator(*_PATTERNS, check_fields=False)
    @classmethod
    def _matches(cls, value: str, info: pydantic.ValidationInfo) -> str:
        pattern, problem = _PATTERNS[info.field_name or '']
        if not re.fullmatch(pattern, value):
            raise ValueError(problem)
        return value

    @classmethod
    def read(cls, databag: Mapping[str, str]) -> Self:
        """Read and validate a databag; unknown keys are ignored.

        Raises:
            InvalidRelationData: if a value is unusable.
            RelationDataMissing: if a required key is missing or empty, which is the same to Juju.
        """
        try:
            return cls.model_validate({key: value for key, value in databag.items() if value})
        except pydantic.ValidationError as error:
            missing = [str(e['loc'][0]) for e in error.errors() if e['type'] == 'missing']
            if len(missing) < error.error_count():
                raise _errors.InvalidRelationData(_describe(error)) from None
            raise _errors.RelationDataMissing(f'waiting for {" and ".join(missing)}') from None

    @classmethod
    def is_complete(cls, databag: Mapping[str, str]) -> bool:
        """Return whether a databag has all required keys, and only valid values."""
        try:
            cls.read(databag)
        except _errors.OpenctiConnectorError:
            return False
        return True

    def write(self, databag: MutableMapping[str, str]) -> bool:
        """Write only what differs from the databag, and return whether anything does."""
        values: dict[str, str] = self.model_dump(mode='json', exclude_none=True)
        changes = {key: value for key, value in values.items() if databag.get(key) != value}
        if changes:
            databag.update(changes)
        return bool(changes)

    @classmethod
    def clear(cls, databag: MutableMapping[str, str]) -> None:
        """Remove the keys of this side from its databag."""
        for key in cls.model_fields.keys() & databag.keys():
            del databag[key]


def _describe(error: pydantic.ValidationError) -> str:
    """Name each field and its problem, but no value: one of them may be a token."""
    return '; '.join(
        f'{e["loc"][0]}: {e["msg"].removeprefix("Value error, ")}'
        for e in error.errors()
        if e['type'] != 'missing'
    )


class ConnectorDetails(_Databag):
    """Who a connector is: what the provider, the connector charm, publishes."""

    connector_charm_name: str
    """The name of the connector's charm in its metadata."""

    connector_type: ConnectorType
    """The connector's type, which decides its privileges in OpenCTI."""

    connector_id: str | None = None
    """The UUID by which OpenCTI knows the connector.

    `None` if the connector did not publish one: the published schema does not require it.
    """

    _type_is_known = pydantic.field_validator('connector_type', mode='before')(_check_type)


class ConnectionData(_Databag):
    """Where OpenCTI is, and which secret holds the token: what the requirer publishes."""

    opencti_url: str = pydantic.Field(json_schema_extra={'format': 'uri'})
    opencti_token: str

    _url_is_usable = pydantic.field_validator('opencti_url')(_check_url)


class OpenctiConnection(_Model):
    """All that a connector needs to log in to OpenCTI, validated, with the token resolved."""

    url: pydantic.StrictStr
    """OpenCTI's base URL, byte for byte as it was published."""

    token: pydantic.SecretStr
    """The API token of the connector's own user. It is masked wherever it is shown."""

    _url_is_usable = pydantic.field_validator('url')(_check_url)
    _token_is_usable = pydantic.field_validator('token')(_check_token)


def published_connector_id(databag: Mapping[str, str] | None) -> str | None:
    """Return the connector's id from its own databag, valid or not."""
    return (databag or {}).get('connector_id') or None


def published_secret_id(databag: Mapping[str, str] | None) -> str | None:
    """Return the id of the token's secret, or `None` if the databag holds none."""
    value = (databag or {}).get('opencti_token', '')
    return value if re.fullmatch(_PATTERNS['opencti_token'][0], value) else None


def check_url(url: object) -> None:
    """Check OpenCTI's URL as a charm gives it; `ValueError` if it is unusable."""
    try:
        _check_url(url if isinstance(url, str) else '')
    except ValueError as error:
        raise ValueError(f'url: {error}') from None


def checked_token(token: str | pydantic.SecretStr) -> pydantic.SecretStr:
    """Check a token as a charm gives it; `ValueError`, which does not show it, if unusable."""
    if isinstance(token, str):
        token = pydantic.SecretStr(token)
    if not isinstance(token, pydantic.SecretStr):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError('token: must be a string or a pydantic.SecretStr')
    try:
        return _check_token(token)
    except ValueError as error:
        raise ValueError(f'token: {error}') from None


def secret_content(token: pydantic.SecretStr) -> dict[str, str]:
    """Return the content of the secret with the token."""
    return {_TOKEN_KEY: token.get_secret_value()}


def token_of(content: Mapping[str, str]) -> pydantic.SecretStr:
    """Return the token that a secret's content holds; `InvalidRelationData` if none is usable."""
    if _TOKEN_KEY not in content:
        raise _errors.InvalidRelationData(f"opencti_token: the secret has no key '{_TOKEN_KEY}'")
    try:
        return checked_token(content[_TOKEN_KEY])
    except ValueError as error:
        raise _errors.InvalidRelationData(f'opencti_token: in the secret, {error}') from None
