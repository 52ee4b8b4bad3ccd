# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Pebble fails at each call, in each way."""

import ops
import pytest
from ops import testing

from ..conftest import MARK, TOKEN
from ..mixin_charm import (
    container,
    environment,
    is_running,
    mixin_context,
    ready_state,
    run,
    running,
    without_data,
    without_relation,
)


def change_error() -> ops.pebble.ChangeError:
    task = ops.pebble.Task(
        id=ops.pebble.TaskID('1'),
        kind='start',
        summary='Start service "connector"',
        status='Error',
        log=[f'Most recent service output:\n    my token is {TOKEN}'],
        progress=ops.pebble.TaskProgress(label='', done=1, total=1),
        spawn_time=None,  # type: ignore[arg-type]
        ready_time=None,
    )
    change = ops.pebble.Change(
        id=ops.pebble.ChangeID('1'),
        kind='start',
        summary='Start service "connector"',
        status='Error',
        tasks=[task],
        ready=True,
        err=None,
        spawn_time=None,  # type: ignore[arg-type]
        ready_time=None,
    )
    error = (
        'cannot perform the following tasks:\n'
        f'- Start service "connector" (exited quickly with code 1, {TOKEN})'
    )
    return ops.pebble.ChangeError(error, change)


class TestPebbleFails:
    ERRORS = (
        change_error(),
        ops.pebble.APIError({}, 400, 'Bad Request', f'cannot parse layer: {TOKEN}'),
        ops.pebble.ConnectionError(f'cannot connect: {TOKEN}'),
        ops.pebble.PathError('not-found', f'no such path: {TOKEN}'),
        ops.pebble.TimeoutError(f'timed out: {TOKEN}'),
        ConnectionResetError(f'reset: {TOKEN}'),
    )

    def status(self, error: Exception) -> str:
        gone = (ops.pebble.ConnectionError, ConnectionResetError)
        return 'waiting' if isinstance(error, gone) else 'blocked'

    @pytest.mark.parametrize('error', ERRORS, ids=lambda error: type(error).__name__)
    @pytest.mark.parametrize('call', ['get_plan', 'get_services', 'stop', 'add_layer', 'start'])
    def test_it_does_not_start(self, call: str, error: Exception, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise error

        state = running(config={'api-key': 'another'})
        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, call, fail)
            failed = run(state)
        assert failed.unit_status.name == self.status(error)
        if self.status(error) == 'blocked':
            assert failed.unit_status.message.startswith('failed to start connector, will retry: ')
        # A service that runs does so with what is planned.
        assert not is_running(failed) or environment(failed)['API_KEY'] == 'a-key'

        fixed = run(failed)
        assert is_running(fixed)
        assert environment(fixed)['API_KEY'] == 'another'
        assert fixed.unit_status == testing.ActiveStatus()

    @pytest.mark.parametrize('error', ERRORS, ids=lambda error: type(error).__name__)
    @pytest.mark.parametrize('call', ['get_services', 'stop', 'add_layer'])
    def test_it_does_not_stop(self, call: str, error: Exception, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise error

        state = without_data(running())
        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, call, fail)
            failed = run(state)
        if self.status(error) == 'blocked':
            assert failed.unit_status.message.startswith('failed to stop connector, will retry: ')
        else:
            assert failed.unit_status == testing.WaitingStatus(
                'waiting for opencti_url and opencti_token'
            )
        fixed = run(failed)
        assert not is_running(fixed)
        assert MARK not in str(container(fixed).plan.to_dict())

    def test_the_plan_cannot_be_read_before_it_stops(self, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise ops.pebble.APIError({}, 500, 'Internal Server Error', 'out of memory')

        state = without_relation(running())
        with monkeypatch.context() as patch:
            patch.setattr(ops.Container, 'get_plan', fail)
            failed = run(state)
        # A person has to fix both; the first is shown.
        assert failed.unit_status.message.startswith('missing relation opencti-connector')
        assert not is_running(run(failed))

    def test_it_cannot_be_found_in_an_action(self, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise ops.pebble.APIError({}, 500, 'Internal Server Error', 'out of memory')

        context = mixin_context(actions={'look': {}})
        state = running()
        monkeypatch.setattr(ops.Container, 'get_services', fail)
        assert context.run(context.on.action('look'), state).unit_status == testing.BlockedStatus(
            'failed to find connector, will retry: out of memory'
        )

    def test_the_cause_is_shown(self, monkeypatch: pytest.MonkeyPatch):
        def fail(*args: object, **kwargs: object):
            raise change_error()

        monkeypatch.setattr(ops.Container, 'start', fail)
        assert run(ready_state()).unit_status == testing.BlockedStatus(
            'failed to start connector, will retry: '
            'Start service "connector" (exited quickly with code 1, ********)'
        )

    def test_a_value_that_is_part_of_another_hides_no_part_of_it(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        def fail(*args: object, **kwargs: object):
            raise ops.pebble.APIError(
                {}, 400, 'Bad Request', 'what are my-zzzzzzzz-key and short?'
            )

        monkeypatch.setattr(ops.Container, 'start', fail)
        config = {'api-key': 'zzzzzzzz', 'log-level': 'my-zzzzzzzz-key'}
        out = run(ready_state(config=config))
        assert out.unit_status.message.endswith('what are ******** and short?')

    @pytest.mark.parametrize(('value', 'is_hidden'), [('1234567', False), ('12345678', True)])
    def test_what_is_too_short_for_a_secret_is_not_hidden(
        self, value: str, is_hidden: bool, monkeypatch: pytest.MonkeyPatch
    ):
        def fail(*args: object, **kwargs: object):
            raise ops.pebble.APIError({}, 400, 'Bad Request', f'what is {value}?')

        monkeypatch.setattr(ops.Container, 'start', fail)
        out = run(ready_state(config={'api-key': value}))
        assert (value in out.unit_status.message) != is_hidden
