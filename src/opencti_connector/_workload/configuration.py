# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm's configuration: checked, and turned into variables."""

import dataclasses
import re
from typing import Any

import ops
import pydantic

from .. import _errors, _juju
from .environment import BooleanStyle, as_text, variable_name
from .options import ConfigOption, read_options
from .service import mask

_SECRET_ID = re.compile(r'secret:(//[A-Za-z0-9-]+/)?[a-z0-9]{20}', re.ASCII)


class Configuration:
    """The options of a charm that runs a connector, see `ConnectorWorkload`."""

    def __init__(
        self,
        charm: ops.CharmBase,
        config_type: type[Any] | None,
        boolean_style: BooleanStyle,
    ):
        self._charm = charm
        self._config = charm.config
        self._config_type = config_type
        self._boolean_style: BooleanStyle = boolean_style
        self._options = read_options(charm.charm_dir)
        self._values_of_secrets: dict[str, str] = {}
        self._by_variable: dict[str, ConfigOption] = {}
        for option in self._options:
            variable = variable_name(option.name)
            other = self._by_variable.setdefault(variable, option)
            if other is not option:
                raise ValueError(
                    f'config options {other.name!r} and {option.name!r} have the same variable '
                    f'{variable}; rename one'
                )

    def check(self) -> None:
        """Check that required options have a value, and that each value can be used.

        One error names the problems of all options. OpenCTI's connectors take an empty variable
        for none, so with a typed configuration a required option needs more than blanks. Without
        one, an empty text is a value: deployed charms are configured with it.
        """
        missing = [o.name for o in self._options if o.is_required and self._lacks(o)]
        invalid, problems = self._check_secrets()
        try:
            lacking, refused = self._refused(missing)
        except ops.ModelError as error:
            if not _juju.is_of_secret(error):
                raise
            # If there are problems, it is most likely the same secret.
            problems = problems or [_not_granted('a secret that an option names', error)]
        else:
            missing += [name for name in lacking if name not in missing]
            invalid += refused
        if invalid:
            text = f'invalid configuration: {"; ".join(invalid)}'
            problems = [_errors.Blocked(text), *problems]
        if missing:
            text = f'missing configuration: {", ".join(missing)} (set with juju config)'
            problems = [_errors.Blocked(text), *problems]
        if problems:
            raise _errors.combine(problems)

    def environment(self) -> dict[str, str]:
        """Return a variable for each option that has a value, with the values of secrets.

        `0`, `False` and an empty string are values.
        """
        variables: dict[str, str] = {}
        for variable, option in self._by_variable.items():
            value = self._config.get(option.name)
            if value is None:
                continue
            if option.is_secret and value:
                value = self._value_of_secret(option.name)
            variables[variable] = as_text(variable, value, self._boolean_style)
        return variables

    def _check_secrets(self) -> tuple[list[str], list[_errors.OpenctiConnectorError]]:
        """Read all secrets anew; return which options are invalid, and other problems."""
        invalid: list[str] = []
        problems: list[_errors.OpenctiConnectorError] = []
        self._values_of_secrets.clear()
        for option in self._options:
            value = str(self._config.get(option.name, ''))
            if not option.is_secret and _SECRET_ID.fullmatch(value):
                invalid.append(
                    f'{option.name}: holds the id of a secret, which only an option of '
                    'type secret can'
                )
            elif option.is_secret and value:
                try:
                    content = self._value_of_secret(option.name)
                    if option.is_required and not content.strip():
                        invalid.append(f'{option.name}: its secret is empty')
                except _errors.OpenctiConnectorError as error:
                    problems.append(error)
        return invalid, problems

    def _lacks(self, option: ConfigOption) -> bool:
        value = self._config.get(option.name)
        is_text = self._config_type is None and not option.is_secret
        return value is None or (not is_text and not str(value).strip())

    def _value_of_secret(self, option: str) -> str:
        """Read the secret that an option names; only the first call after a check is a read."""
        if option not in self._values_of_secrets:
            secret_id = str(self._config[option])
            secret = _juju.unread_secret(self._charm.framework, secret_id=secret_id)
            try:
                content = secret.get_content(refresh=True)
            except ops.ModelError as error:
                raise _not_granted(f'the secret of option {option}', error) from None
            key = next(iter(content)) if len(content) == 1 else 'value'
            if key not in content:
                raise _errors.Blocked(
                    f"the secret of option {option} must have a single key, or a key 'value'"
                )
            self._values_of_secrets[option] = _without_newline(content[key])
        return self._values_of_secrets[option]

    def _refused(self, known: list[str]) -> tuple[list[str], list[str]]:
        """Return the options that the typed configuration lacks, and what it refuses of others.

        The texts show no value, and say no more of options that are `known` to be missing.
        """
        if self._config_type is None:
            return [], []
        missing: list[str] = []
        invalid: list[str] = []
        try:
            given = {option.replace('-', '_') for option in self._config}
            lacking = _required_fields(self._config_type) - given
            if lacking:  # A dataclass would raise a TypeError for them.
                return sorted(map(self._option, lacking)), []
            self._charm.load_config(self._config_type)
        except pydantic.ValidationError as error:
            for problem in error.errors():
                option = self._option(str(problem['loc'][0])) if problem['loc'] else 'options'
                if problem['type'] == 'missing':
                    missing.append(option)
                elif option not in known:
                    message = problem['msg'].removeprefix('Value error, ')
                    invalid.append(f'{option}: {self._masked(message, option)}')
        except ValueError as error:
            invalid.append(self._masked(str(error)))
        return missing, list(dict.fromkeys(invalid))

    def _option(self, attribute: str) -> str:
        """Return the option to which `load_config` gives a name."""
        names = {option.name.replace('-', '_'): option.name for option in self._options}
        return names.get(attribute, attribute)

    def _masked(self, text: str, option: str = '') -> str:
        """Hide the value of the option, or of all options if it is none, and of secrets."""
        is_one = any(each.name == option for each in self._options)
        values = [self._config.get(option)] if is_one else self._config.values()
        texts = [value for value in values if isinstance(value, str)]
        return mask(text, [*texts, *self._values_of_secrets.values()])


def _required_fields(config_type: type[Any]) -> set[str]:
    """Return the fields of a dataclass that must have a value; nothing for other classes."""
    if not dataclasses.is_dataclass(config_type) or hasattr(config_type, '__pydantic_validator__'):
        return set()
    return {
        str(field.metadata.get('alias', field.name))
        for field in dataclasses.fields(config_type)
        if field.init
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    }


def _not_granted(what: str, error: ops.ModelError) -> _errors.OpenctiConnectorError:
    if _juju.is_refusal(error):
        return _errors.Blocked(f'no access to {what} (juju grant-secret)')
    return _errors.SecretReadFailed(f'waiting for Juju to read {what}')


def _without_newline(value: str) -> str:
    """Drop the line ending of a single line, which a secret made from a file has."""
    line = re.fullmatch('([^\n]*?)\r?\n', value)
    return value if line is None else line[1]
