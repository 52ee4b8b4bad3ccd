# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A hook that fails after the workload was reconciled, and is retried."""

import dataclasses

from ops import testing

from ..conftest import NEW_TOKEN, TOKEN
from ..mixin_charm import mixin_context, run, running


def test_the_retry_of_a_failed_hook_does_not_restart_it_again(pebble_calls: list[str]):
    """An exception in a later observer: ops commits no stored state, but Pebble has it all."""
    before = running()
    (secret,) = before.secrets
    rotated = testing.Secret({'token': TOKEN}, latest_content={'token': NEW_TOKEN}, id=secret.id)
    state = dataclasses.replace(before, secrets={rotated})
    context = mixin_context()
    after = context.run(context.on.secret_changed(rotated), state)
    failed = dataclasses.replace(after, stored_states=before.stored_states)
    pebble_calls.clear()
    run(failed)
    assert 'stop' not in pebble_calls
