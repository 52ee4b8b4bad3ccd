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

from opencti_connector import NotReady, SecretUnavailable

from ..failures import raising
from .charms import MixinCharm, act, hook, mixin_context, run
from .looks import is_running
from .states import ready_state

Raise = Callable[[ops.CharmBase], Any]
DENIED = 'ERROR permission denied'
DENIED_ON_4 = 'ERROR "conn/0" is not allowed to read this secret'
NOT_FOUND = 'ERROR secret "cjqub6vubg2s77p3nio0" not found'
SEALED = 'ERROR Error making API request.\n\nCode: 503. Errors:\n\n* Vault is sealed'
NO_ACCESS = ops.WaitingStatus('waiting for access to a secret')
NO_ANSWER = ops.WaitingStatus('waiting for Juju to read a secret')


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
        ('secret-get', DENIED, NO_ACCESS, False),
        ('secret-get', DENIED_ON_4, NO_ACCESS, False),
        ('secret-get', NOT_FOUND, NO_ACCESS, False),
        ('secret-get', SEALED, NO_ANSWER, True),
        ('secret-info-get', SEALED, NO_ANSWER, True),
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


@pytest.mark.parametrize(
    ('error', 'status'),
    [
        (ops.SecretNotFoundError('x'), NO_ACCESS),
        (ops.ModelError('"conn/0" is not allowed to read this secret'), NO_ACCESS),
        (NotReady('waiting for the weather'), ops.WaitingStatus('waiting for the weather')),
    ],
)
def test_an_error_that_waits(make: Any, error: Exception, status: ops.StatusBase):
    out = hook(hook(ready_state(), make()), make(raising(error)))
    assert out.unit_status == status
    assert not is_running(out)


@pytest.mark.parametrize(
    'failure',
    [
        ops.TooManyRelatedAppsError('database', 2, 1),
        ops.ModelError(DENIED),
        ops.RelationDataAccessError('permission denied'),
        ('relation-get', DENIED),
        ('network-get', 'ERROR network "peers" not found'),
        ('storage-get', 'ERROR storage "secret-store/0" not found'),
        ('storage-get', 'ERROR connection is shut down'),
    ],
)
def test_another_error_is_the_charms_own_and_what_runs_goes_on(
    make: Any,
    refused: Callable[..., Raise],
    failure: ops.ModelError | tuple[str, str],
    pebble_calls: list[str],
):
    fail = refused(*failure) if isinstance(failure, tuple) else raising(failure)
    state = hook(ready_state(), make())
    pebble_calls.clear()
    for attempt in hook, lambda *arguments: act('restart', *arguments):
        with pytest.raises(testing.errors.UncaughtCharmError) as info:
            attempt(state, make(fail))
        assert isinstance(info.value.__cause__, ops.ModelError)
    assert pebble_calls == []


@pytest.mark.parametrize('step', ['check_config', 'connector_environment', 'reconcile'])
def test_each_override(step: str):
    state = run(ready_state())
    out = run(state, type('Charm', (MixinCharm,), {step: raising(ops.SecretNotFoundError())}))
    assert out.unit_status == NO_ACCESS
    assert not is_running(out)
    too_many = raising(ops.TooManyRelatedAppsError('database', 2, 1))
    with pytest.raises(testing.errors.UncaughtCharmError, match='TooManyRelatedAppsError'):
        run(state, type('Charm', (MixinCharm,), {step: too_many}))


def test_whoever_asks_for_the_environment_gets_the_error_of_the_secret():
    fail = raising(ops.SecretNotFoundError())
    context = mixin_context(type('Charm', (MixinCharm,), {'connector_environment': fail}))
    with (
        context(context.on.update_status(), ready_state()) as manager,
        pytest.raises(SecretUnavailable, match='waiting for access to a secret'),
    ):
        manager.charm.connector_workload.environment()
