# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What Juju's source says, and what it means for OpenCTI's end."""

import dataclasses

import pytest
from ops import testing
from scenario.state import _Event

from fakes import juju
from fakes.juju import state_view

from .conftest import NEW_TOKEN, TOKEN, Context, OpenctiCharm, opencti_context, relation
from .requires_charm import only_secret, published, related


def test_an_old_revision_is_let_go_whatever_label_the_reader_has(
    opencti: Context, monkeypatch: pytest.MonkeyPatch
):
    """4.0 gives the hook the label that the secret had when its owner read it again."""
    secret = testing.Secret({'token': TOKEN}, owner='app', label='of-the-old-charm')
    data = {'opencti_url': 'http://opencti.example:8080', 'opencti_token': secret.id}
    state = testing.State(
        leader=True, relations={related(id=7, local_app_data=data)}, secrets={secret}
    )
    state = opencti.run(opencti.on.start(), state)
    for _ in range(2):  # The old charm reads; 4.0 copies the label at the second time.
        opencti.ledger.read(
            'opencti/0', secret_id=secret.id, label='', refresh=True, peek=False, is_leader=True
        )
    known = opencti.ledger.find(secret.id)
    assert known.consumer_labels == {'opencti/0': 'of-the-old-charm'}
    state = opencti.run(opencti.on.update_status(), state)  # It is adopted, and relabelled.
    assert known.label == 'opencti-connector-token-7'
    monkeypatch.setattr(OpenctiCharm, 'token', NEW_TOKEN)
    state = opencti.run(opencti.on.update_status(), state)
    assert known.newest == 2
    shown = state_view.with_label(only_secret(state), known.consumer_labels['opencti/0'])
    secrets = {s for s in state.secrets if s.id != shown.id} | {shown}
    opencti.is_shared = True
    opencti.run(
        _Event('secret_changed', secret=shown), dataclasses.replace(state, secrets=secrets)
    )
    assert [number for _, number in opencti.ledger.obsolete('opencti')] == [1]


@pytest.mark.parametrize('is_silent', [False, True])
def test_a_relation_goes_during_a_quiet_hook(is_silent: bool):
    if is_silent:
        state = testing.State(leader=True, relations={relation(id=7, remote_app_name='a')})
    else:
        state = published(testing.State(leader=True, relations={related(id=7)}))
    context = opencti_context()
    state = context.run(context.on.update_status(), state)
    context.relations[7] = juju.Relation('a', juju.Life.GONE)
    context.run(context.on.update_status(), state)
