# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector's typed configuration: what it refuses, and secrets in it."""

import dataclasses
from typing import Any, ClassVar, Literal

import ops
import pydantic
import pydantic.dataclasses
import pytest
from ops import testing
from scenario import mocking

from ..failures import raising
from ..values import MARK
from .charms import hook
from .looks import environment, is_running, planned
from .states import ready_state

SECRET = {'api-key': {'type': 'secret'}}


class Limited(pydantic.BaseModel):
    api_key: str
    interval: int = pydantic.Field(default=1, gt=0)


class LimitedLong(pydantic.BaseModel):
    api_key: str = pydantic.Field(min_length=5)


@dataclasses.dataclass
class LimitedPlain:
    api_key: str
    interval: int = 1

    def __post_init__(self):
        if self.interval <= 0:
            raise ValueError('interval: must be more than 0')


@dataclasses.dataclass
class LimitedAlias:
    key: str = dataclasses.field(metadata={'alias': 'api_key'})


@pydantic.dataclasses.dataclass
class LimitedTwice:
    api_key: str
    interval: int = pydantic.Field(default=1, gt=0)
    limit: int = pydantic.Field(default=1, gt=0)


class TestTypedConfiguration:
    OPTIONS: ClassVar[dict[str, Any]] = {
        'api-key': {'type': 'string'},
        'interval': {'type': 'int'},
    }

    @pytest.mark.parametrize('config_type', [Limited, LimitedPlain, LimitedAlias])
    def test_what_is_missing(self, make: Any, config_type: Any):
        charm_type = make(config_type=config_type)
        out = hook(ready_state(config={}), charm_type, options=self.OPTIONS)
        assert out.unit_status == testing.BlockedStatus(
            'missing configuration: api-key (set with juju config)'
        )
        assert planned(out) == {}

    @pytest.mark.parametrize('config_type', [Limited, LimitedLong])
    @pytest.mark.parametrize('blank', ['', ' ', '\n'])
    def test_a_required_option_that_is_blank_is_missing(
        self, make: Any, config_type: Any, blank: str
    ):
        options = {**self.OPTIONS, 'api-key': {'type': 'string', 'optional': False}}
        config = {'api-key': blank}
        out = hook(ready_state(config=config), make(config_type=config_type), options=options)
        assert out.unit_status == testing.BlockedStatus(
            'missing configuration: api-key (set with juju config)'
        )

    def test_without_types_an_empty_text_is_a_value(self, make: Any):
        """The deployed charms' own tests configure one so: `urlscan-api-key`."""
        options = {'api-key': {'type': 'string', 'optional': False}}
        out = hook(ready_state(config={'api-key': ''}), make(), options=options)
        assert planned(out)['environment']['API_KEY'] == ''

    @pytest.mark.parametrize('optional', [True, False])
    def test_a_required_secret_that_is_blank(self, make: Any, optional: bool):
        secret = testing.Secret({'value': ' '})
        state = ready_state(config={'api-key': secret.id})
        state = dataclasses.replace(state, secrets={*state.secrets, secret})
        options = {'api-key': {'type': 'secret', 'optional': optional}}
        message = hook(state, make(), options=options).unit_status.message
        assert message == (
            '' if optional else 'invalid configuration: api-key: its secret is empty'
        )

    @pytest.mark.parametrize('config_type', [Limited, LimitedPlain])
    def test_what_is_missing_and_no_option(self, make: Any, config_type: Any):
        out = hook(ready_state(config={}), make(config_type=config_type), options={})
        assert out.unit_status == testing.BlockedStatus(
            'missing configuration: api_key (set with juju config)'
        )

    def test_all_problems_in_order(self, make: Any):
        options = {**self.OPTIONS, 'limit': {'type': 'int'}, 'password': {'type': 'secret'}}
        config = {'interval': -1, 'limit': -1, 'password': 'secret:cjqub6vubg2s77p3nio0'}
        out = hook(ready_state(config=config), make(config_type=LimitedTwice), options=options)
        assert out.unit_status == testing.BlockedStatus(
            'missing configuration: api-key (set with juju config); '
            'invalid configuration: interval: Input should be greater than 0; '
            'limit: Input should be greater than 0; '
            'no access to the secret of option password (juju grant-secret)'
        )

    @pytest.mark.parametrize('config_type', [Limited, LimitedPlain])
    def test_what_is_refused_and_accepted(self, make: Any, config_type: Any):
        charm_type = make(config_type=config_type)
        state = ready_state(config={'api-key': 'x', 'interval': -4711})
        out = hook(state, charm_type, options=self.OPTIONS)
        assert out.unit_status.message.startswith('invalid configuration: interval: ')
        assert '4711' not in out.unit_status.message
        state = dataclasses.replace(out, config={'api-key': 'x', 'interval': 5})
        out = hook(state, charm_type, options=self.OPTIONS)
        assert environment(out)['INTERVAL'] == '5'


class Model(pydantic.BaseModel):
    level: Literal['critical', 'harmless'] = 'critical'
    source: str = ''

    @pydantic.field_validator('source')
    @classmethod
    def _check_source(cls, value: str) -> str:
        if value.startswith('my-'):
            raise ValueError(f'no source is called {value}')
        return value

    @pydantic.model_validator(mode='after')
    def _check_both(self) -> 'Model':
        if self.source == 'unlucky-source':
            raise ValueError(f'no {self.source} with {self.level}')
        return self


@dataclasses.dataclass
class Plain:
    level: str
    source: str

    def __post_init__(self):
        raise ValueError(f'no {self.source} with {self.level}')


class TestMasked:
    def message(self, make: Any, config: dict[str, Any], config_type: Any = Model) -> str:
        options = {'level': {'type': 'string'}, 'source': {'type': 'string'}}
        out = hook(ready_state(config=config), make(config_type=config_type), options=options)
        assert out.unit_status.name == 'blocked'
        return out.unit_status.message

    def test_a_hint_that_another_option_holds_is_shown(self, make: Any):
        message = self.message(make, {'level': 'dangerous', 'source': 'harmless'})
        assert 'critical' in message
        assert 'harmless' in message
        assert 'dangerous' not in message

    def test_the_refused_value_is_hidden(self, make: Any):
        assert self.message(make, {'source': 'my-own-source'}) == (
            'invalid configuration: source: no source is called ********'
        )

    @pytest.mark.parametrize(('config_type', 'of'), [(Model, 'options: '), (Plain, '')])
    def test_all_are_hidden_if_none_is_named(self, make: Any, config_type: Any, of: str):
        config = {'level': 'harmless', 'source': 'unlucky-source'}
        message = self.message(make, config, config_type)
        assert message == f'invalid configuration: {of}no ******** with ********'

    def test_the_value_of_a_secret_is_hidden(self, make: Any):
        state, _ = with_secret(value=f'{MARK}-of-mine')
        out = hook(state, make(config_type=Careless), options=SECRET)
        assert out.unit_status == testing.BlockedStatus(
            'invalid configuration: api-key: bad key ********'
        )


class SecretModel(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)

    api_key: ops.Secret


class Careless(SecretModel):
    """Reads a secret, and shows it."""

    @pydantic.field_validator('api_key')
    @classmethod
    def _check_api_key(cls, secret: ops.Secret) -> ops.Secret:
        raise ValueError(f'bad key {secret.get_content()["value"]}')


@dataclasses.dataclass
class SecretPlain:
    api_key: ops.Secret


def with_secret(**content: str) -> tuple[testing.State, testing.Secret]:
    secret = testing.Secret(content)
    state = ready_state(config={'api-key': secret.id})
    return dataclasses.replace(state, secrets={*state.secrets, secret}), secret


@pytest.mark.parametrize('config_type', [SecretModel, SecretPlain])
class TestSecrets:
    def test_its_value_is_in_the_environment(self, make: Any, config_type: Any):
        state, _ = with_secret(value=f'{MARK}-of-mine')
        out = hook(state, make(config_type=config_type), options=SECRET)
        assert environment(out)['API_KEY'] == f'{MARK}-of-mine'
        assert is_running(out)

    def test_juju_does_not_answer(
        self, make: Any, config_type: Any, monkeypatch: pytest.MonkeyPatch
    ):
        state, secret = with_secret(value='x')
        state = hook(state, make(config_type=config_type), options=SECRET)
        original = mocking._MockModelBackend.secret_get

        def secret_get(self: Any, **kwargs: Any) -> Any:
            if kwargs.get('id') == secret.id:
                raise ops.ModelError('ERROR Vault is sealed')
            return original(self, **kwargs)

        monkeypatch.setattr(mocking._MockModelBackend, 'secret_get', secret_get)
        out = hook(state, make(config_type=config_type), options=SECRET)
        assert out.unit_status == testing.WaitingStatus(
            'waiting for Juju to read the secret of option api-key'
        )
        assert is_running(out)

    def test_only_the_typed_configuration_cannot_read_it(
        self, make: Any, config_type: Any, monkeypatch: pytest.MonkeyPatch
    ):
        refused = ops.ModelError('ERROR "conn/0" is not allowed to read this secret')
        monkeypatch.setattr(ops.CharmBase, 'load_config', raising(refused))
        out = hook(with_secret(value='x')[0], make(config_type=config_type), options=SECRET)
        assert out.unit_status == testing.BlockedStatus(
            'no access to a secret that an option names (juju grant-secret)'
        )

    def test_what_is_not_about_a_secret_is_the_charms_own(
        self, make: Any, config_type: Any, monkeypatch: pytest.MonkeyPatch
    ):
        too_many = ops.TooManyRelatedAppsError('database', 2, 1)
        monkeypatch.setattr(ops.CharmBase, 'load_config', raising(too_many))
        with pytest.raises(testing.errors.UncaughtCharmError, match='TooManyRelatedAppsError'):
            hook(with_secret(value='x')[0], make(config_type=config_type), options=SECRET)


@pytest.mark.parametrize('config_type', [SecretModel, SecretPlain, Careless])
def test_a_secret_that_is_not_granted_is_named_once(make: Any, config_type: Any):
    state = ready_state(config={'api-key': 'secret:cjqub6vubg2s77p3nio0'})
    out = hook(state, make(config_type=config_type), options=SECRET)
    assert out.unit_status == testing.BlockedStatus(
        'no access to the secret of option api-key (juju grant-secret)'
    )


def test_two_options_with_one_variable(make: Any):
    options = {'log-level': {'type': 'string'}, 'log_level': {'type': 'string'}}
    with pytest.raises(testing.errors.UncaughtCharmError, match='have the same variable LOG_'):
        hook(ready_state(config={}), make(), options=options)


def test_what_was_deferred_is_done_before_the_workload_starts(make: Any):
    log: list[str] = []
    base = make(lambda charm: log.append('environment') or {'MORE': 'x'})

    class Charm(base):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            framework.observe(self.on.config_changed, self._on_config_changed)

        def _on_config_changed(self, event: ops.ConfigChangedEvent) -> None:
            log.append('deferred')

    deferred = testing.DeferredEvent(
        'Charm/on/config_changed[1]', 'Charm', '_on_config_changed', {}
    )
    out = hook(ready_state(deferred=[deferred]), Charm)
    assert log == ['deferred', 'environment']
    assert is_running(out)
