# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Pebble fails at each call, in each way."""

from typing import Any

import ops
import pytest
from ops import testing

from ..failures import raising
from ..states import replace_relation
from ..values import MARK, TOKEN
from .charms import mixin_context, run
from .looks import container, environment, is_running
from .states import ready_state, running, without_relation


def change_error() -> ops.pebble.ChangeError:
    times: dict[str, Any] = {'spawn_time': None, 'ready_time': None}
    about: dict[str, Any] = {
        'kind': 'start',
        'summary': 'Start service "connector"',
        'status': 'Error',
    }
    task = ops.pebble.Task(
        id=ops.pebble.TaskID('1'),
        log=[f'Most recent service output:\n    my token is {TOKEN}'],
        progress=ops.pebble.TaskProgress(label='', done=1, total=1),
        **about,
        **times,
    )
    change = ops.pebble.Change(
        id=ops.pebble.ChangeID('1'), tasks=[task], ready=True, err=None, **about, **times
    )
    error = (
        'cannot perform the following tasks:\n'
        f'- Start service "connector" (exited quickly with code 1, {TOKEN})'
    )
    return ops.pebble.ChangeError(error, change)


def api_error(message: str) -> ops.pebble.APIError:
    return ops.pebble.APIError({}, 500, 'Internal Server Error', message)


ERRORS = (
    change_error(),
    api_error(f'cannot parse layer: {TOKEN}'),
    ops.pebble.ConnectionError(f'cannot connect: {TOKEN}'),
    ops.pebble.PathError('not-found', f'no such path: {TOKEN}'),
    ops.pebble.TimeoutError(f'timed out: {TOKEN}'),
    ConnectionResetError(f'reset: {TOKEN}'),
)


def failing(call: str, error: Exception, state: testing.State) -> testing.State:
    """The state after a hook in which a call fails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ops.Container, call, raising(error))
        return run(state)


def is_gone(error: Exception) -> bool:
    return isinstance(error, (ops.pebble.ConnectionError, ConnectionResetError))


@pytest.mark.parametrize('error', ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize('call', ['get_plan', 'get_services', 'stop', 'add_layer', 'start'])
def test_it_does_not_start(call: str, error: Exception):
    failed = failing(call, error, running(config={'api-key': 'another'}))
    assert failed.unit_status.name == ('waiting' if is_gone(error) else 'blocked')
    if not is_gone(error):
        assert failed.unit_status.message.startswith('failed to start connector, will retry: ')
    # A service that runs does so with what is planned.
    assert not is_running(failed) or environment(failed)['API_KEY'] == 'a-key'

    fixed = run(failed)
    assert is_running(fixed)
    assert environment(fixed)['API_KEY'] == 'another'
    assert fixed.unit_status == testing.ActiveStatus()


@pytest.mark.parametrize('error', ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize('call', ['get_services', 'stop', 'add_layer'])
def test_it_does_not_stop(call: str, error: Exception):
    failed = failing(call, error, replace_relation(running(), remote_app_data={}))
    if is_gone(error):
        assert failed.unit_status == testing.WaitingStatus(
            'waiting for opencti_url and opencti_token'
        )
    else:
        assert failed.unit_status.message.startswith('failed to stop connector, will retry: ')
    fixed = run(failed)
    assert not is_running(fixed)
    assert MARK not in str(container(fixed).plan.to_dict())


def test_the_plan_cannot_be_read_before_it_stops():
    failed = failing('get_plan', api_error('out of memory'), without_relation(running()))
    # A person has to fix both; the first is shown.
    assert failed.unit_status.message.startswith('missing relation opencti-connector')
    assert not is_running(run(failed))


def test_it_cannot_be_found_in_an_action(monkeypatch: pytest.MonkeyPatch):
    context = mixin_context(actions={'look': {}})
    state = running()
    monkeypatch.setattr(ops.Container, 'get_services', raising(api_error('out of memory')))
    assert context.run(context.on.action('look'), state).unit_status == testing.BlockedStatus(
        'failed to find connector, will retry: out of memory'
    )


def test_the_cause_is_shown():
    assert failing('start', change_error(), ready_state()).unit_status == testing.BlockedStatus(
        'failed to start connector, will retry: '
        'Start service "connector" (exited quickly with code 1, ********)'
    )


@pytest.mark.parametrize(
    ('config', 'message', 'shown'),
    [
        # A value that is part of another hides no part of it.
        (
            {'api-key': 'zzzzzzzz', 'log-level': 'my-zzzzzzzz-key'},
            'what are my-zzzzzzzz-key and short?',
            'what are ******** and short?',
        ),
        ({'api-key': '1234567'}, 'what is 1234567?', 'what is 1234567?'),
        ({'api-key': '12345678'}, 'what is 12345678?', 'what is ********?'),
    ],
)
def test_what_may_be_a_secret_is_hidden(config: dict[str, str], message: str, shown: str):
    out = failing('start', api_error(message), ready_state(config=config))
    assert out.unit_status.message.endswith(shown)
