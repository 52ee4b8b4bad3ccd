# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Juju's errors in a charm's own code: a secret's become a status, all others are the charm's."""

import os
import pathlib
import stat
from collections.abc import Callable
from typing import Any

import ops
import pytest
from ops import testing

from opencti_connector import SecretUnavailable

from ..mixin_charm import MixinCharm, is_running, mixin_context, ready_state, run
from .test_problems import act, composed, hook, mixed_in

Raise = Callable[[ops.CharmBase], Any]
DENIED = 'ERROR permission denied'
DENIED_ON_4 = 'ERROR "conn/0" is not allowed to read this secret'
SEALED = 'ERROR Error making API request.\n\nCode: 503. Errors:\n\n* Vault is sealed'


@pytest.fixture(params=[mixed_in, composed])
def make(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def refused(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Raise]:
    """Let the real backend of ops run a hook tool that fails with these words."""

    def prepare(tool: str, words: str) -> Raise:
        program = tmp_path / tool
        program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{words}\nEND\nexit 1\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv('PATH', str(tmp_path), prepend=os.pathsep)
        backend = ops.model._ModelBackend('conn/0', model_name='m', model_uuid='u')
        calls: dict[str, Callable[[], Any]] = {
            'secret-get': lambda: backend.secret_get(id='secret:cjqub6vubg2s77p3nio0'),
            'secret-info-get': lambda: backend.secret_info_get(label='mine'),
            'relation-get': lambda: backend.relation_get(1, 'other/0', False),
            'network-get': lambda: backend.network_get('peers'),
            'storage-get': lambda: backend.storage_get('data/0', 'location'),
        }
        return lambda _: calls[tool]()

    return prepare


@pytest.mark.parametrize(
    ('tool', 'words', 'status', 'runs'),
    [
        ('secret-get', DENIED, ops.WaitingStatus('waiting for access to a secret'), False),
        ('secret-get', DENIED_ON_4, ops.WaitingStatus('waiting for access to a secret'), False),
        (
            'secret-get',
            'ERROR secret "cjqub6vubg2s77p3nio0" not found',
            ops.WaitingStatus('waiting for access to a secret'),
            False,
        ),
        ('secret-get', SEALED, ops.WaitingStatus('waiting for Juju to read a secret'), True),
        ('secret-info-get', SEALED, ops.WaitingStatus('waiting for Juju to read a secret'), True),
        (
            'secret-get',
            'ERROR secret URI "garbage" not valid',
            ops.BlockedStatus('a secret: this is not the id of a secret'),
            False,
        ),
    ],
)
def test_a_secret(
    make: Any,
    refused: Callable[..., Raise],
    tool: str,
    words: str,
    status: ops.StatusBase,
    runs: bool,
):
    state = hook(ready_state(), make())
    out = hook(state, make(refused(tool, words)))
    assert out.unit_status == status
    assert is_running(out) == runs


def too_many(charm: ops.CharmBase) -> Any:
    raise ops.TooManyRelatedAppsError('database', 2, 1)


def bare(charm: ops.CharmBase) -> Any:
    raise ops.ModelError(DENIED)


def unwritable(charm: ops.CharmBase) -> Any:
    raise ops.RelationDataAccessError('permission denied')


@pytest.mark.parametrize('fail', [too_many, bare, unwritable])
def test_an_error_of_ops(make: Any, fail: Raise, pebble_calls: list[str]):
    assert_it_reaches_the_charm(make, fail, pebble_calls)


@pytest.mark.parametrize(
    ('tool', 'words'),
    [
        ('relation-get', DENIED),
        ('network-get', 'ERROR network "peers" not found'),
        ('storage-get', 'ERROR storage "secret-store/0" not found'),
        ('storage-get', 'ERROR connection is shut down'),
    ],
)
def test_another_of_jujus_refusals(
    make: Any, refused: Callable[..., Raise], tool: str, words: str, pebble_calls: list[str]
):
    assert_it_reaches_the_charm(make, refused(tool, words), pebble_calls)


def assert_it_reaches_the_charm(make: Any, fail: Raise, pebble_calls: list[str]) -> None:
    """The hook fails with the charm's own error; what runs goes on."""
    state = hook(ready_state(), make())
    pebble_calls.clear()
    for attempt in hook, lambda *arguments: act('restart', *arguments):
        with pytest.raises(testing.errors.UncaughtCharmError) as info:
            attempt(state, make(fail))
        assert isinstance(info.value.__cause__, ops.ModelError)
    assert pebble_calls == []


@pytest.mark.parametrize('step', ['check_config', 'connector_environment', 'reconcile'])
@pytest.mark.parametrize(
    ('error', 'status'),
    [
        (ops.SecretNotFoundError(), ops.WaitingStatus('waiting for access to a secret')),
        (ops.TooManyRelatedAppsError('database', 2, 1), None),
    ],
)
def test_each_override(step: str, error: ops.ModelError, status: ops.StatusBase | None):
    def fail(self: MixinCharm) -> Any:
        raise error

    state = run(ready_state())
    charm_type = type('Charm', (MixinCharm,), {step: fail})
    if status is None:
        with pytest.raises(testing.errors.UncaughtCharmError, match='TooManyRelatedAppsError'):
            run(state, charm_type)
    else:
        out = run(state, charm_type)
        assert out.unit_status == status
        assert not is_running(out)


def test_whoever_asks_for_the_environment_gets_the_error_of_the_secret():
    class Charm(MixinCharm):
        def connector_environment(self) -> dict[str, str]:
            raise ops.SecretNotFoundError

    context = mixin_context(Charm)
    with (
        context(context.on.update_status(), ready_state()) as manager,
        pytest.raises(SecretUnavailable, match='waiting for access to a secret'),
    ):
        manager.charm.connector_workload.environment()
