# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm's configuration: checked, and turned into variables."""

import re
from typing import Any

import ops
import pydantic

from . import _environment, _errors, _options, _refusal, _secret, _service

_SECRET_ID = re.compile(r'secret:(//[A-Za-z0-9-]+/)?[a-z0-9]{20}', re.ASCII)


class Configuration:
    """The options of a charm that runs a connector.

    Args:
        charm: The charm.
        config_type: The class of the typed configuration, as `CharmBase.load_config` takes it.
        boolean_style: How booleans are spelled in a variable.

    Raises:
        ValueError: if the options' variables have no proper names.
        FileNotFoundError: if `charm_dir` has no file that declares the options.
    """

    def __init__(
        self,
        charm: ops.CharmBase,
        config_type: type[Any] | None,
        boolean_style: _environment.BooleanStyle,
    ):
        self._charm = charm
        self._config_type = config_type
        self._boolean_style: _environment.BooleanStyle = boolean_style
        self._options = _options.read_options(charm.charm_dir)
        self._by_variable: dict[str, _options.ConfigOption] = {}
        for option in self._options:
            variable = _environment.variable_name(option.name)
            other = self._by_variable.setdefault(variable, option)
            if other is not option:
                raise ValueError(
                    f'config options {other.name!r} and {option.name!r} have the same variable '
                    f'{variable}; rename one'
                )

    def check(self) -> None:
        """Check that what is required is there, and that the typed configuration takes the rest.

        Raises:
            MissingConfiguration: if a required option has no value.
            InvalidConfiguration: if an option has a value that cannot be used.
            SecretNotGranted: if the typed configuration read a secret that is not granted.
            SecretReadFailed: if Juju could not answer.
        """
        config = self._charm.config
        missing = [o.name for o in self._options if o.is_required and o.name not in config]
        invalid = [
            f'{option.name}: holds the id of a secret, which an option of type string cannot use'
            for option in self._options
            if not option.is_secret and _SECRET_ID.fullmatch(str(config.get(option.name, '')))
        ]
        problems: list[_errors.OpenctiConnectorError] = []
        if self._config_type is not None:
            try:
                self._charm.load_config(self._config_type)
            except pydantic.ValidationError as error:
                # What is missing by both is told once.
                lacking, refused = self._told(error)
                missing += [name for name in lacking if name not in missing]
                invalid += refused
            except ValueError as error:
                invalid.append(self._masked(str(error)))
            except ops.ModelError as error:
                problems.append(_not_granted('a secret that an option names', error))
        if missing:
            names = ', '.join(missing)
            problems.insert(
                0,
                _errors.MissingConfiguration(
                    f'missing configuration: {names} (set with juju config)'
                ),
            )
        if invalid:
            problems.append(
                _errors.InvalidConfiguration(f'invalid configuration: {"; ".join(invalid)}')
            )
        if problems:
            raise _errors.combine(problems)

    def environment(self) -> dict[str, str]:
        """Return a variable for each option that has a value, with the values of secrets.

        `0`, `False` and an empty string are values.

        Raises:
            SecretNotGranted: if a secret that an option names does not exist or is not granted.
            SecretReadFailed: if Juju could not answer.
            InvalidConfiguration: if the secret has several keys, and none is `value`.
        """
        variables: dict[str, str] = {}
        for variable, option in self._by_variable.items():
            value = self._charm.config.get(option.name)
            if value is None:
                continue
            if option.is_secret:
                value = self._secret_value(option.name, str(value))
            variables[variable] = _environment.as_text(variable, value, self._boolean_style)
        return variables

    def origin(self, variable: str) -> str:
        """Return the name by which a person knows a variable: its option's, if it has one."""
        option = self._by_variable.get(variable)
        return variable if option is None else option.name

    def _secret_value(self, option: str, secret_id: str) -> str:
        if not secret_id:
            return ''
        secret = _secret.unread_secret(self._charm.framework, secret_id=secret_id)
        try:
            content = secret.get_content(refresh=True)
        except ops.ModelError as error:
            raise _not_granted(f'the secret of option {option}', error) from None
        if len(content) == 1:
            return _without_newline(next(iter(content.values())))
        if 'value' not in content:
            raise _errors.InvalidConfiguration(
                f"the secret of option {option} must have a single key, or a key 'value'"
            )
        return _without_newline(content['value'])

    def _told(self, error: pydantic.ValidationError) -> tuple[list[str], list[str]]:
        """Tell which options are missing, and what is wrong with others, without the values."""
        missing: list[str] = []
        invalid: list[str] = []
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            place = '.'.join(str(part) for part in problem['loc'][:1])
            option = place.replace('_', '-') or 'options'
            if problem['type'] == 'missing':
                missing.append(option)
            else:
                message = problem['msg'].removeprefix('Value error, ')
                invalid.append(f'{option}: {self._masked(message)}')
        return missing, list(dict.fromkeys(invalid))

    def _masked(self, text: str) -> str:
        values = [value for value in self._charm.config.values() if isinstance(value, str)]
        return _service.mask(text, values)


def _not_granted(what: str, error: ops.ModelError) -> _errors.OpenctiConnectorError:
    if _refusal.is_refusal(error):
        return _errors.SecretNotGranted(f'no access to {what} (juju grant-secret)')
    return _errors.SecretReadFailed(f'waiting for Juju to read {what}')


def _without_newline(value: str) -> str:
    """Drop the end of a single line, which a secret that is made from a file has."""
    line = value.removesuffix('\n').removesuffix('\r')
    return value if '\n' in line else line
