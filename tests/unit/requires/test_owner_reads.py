# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""An owner that reads would pin a revision, so it reads nothing where Juju compares by itself."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing
from scenario.state import _Event

from fakes.juju import state_view

from ..charms import Context
from ..failures import raising
from ..states import relation
from ..values import NEW_TOKEN, TOKEN, URL
from .calls import connector_reads
from .states import answerable, only_secret, published, rotated


def test_nothing_is_read_where_juju_compares_by_itself(opencti: Context):
    """So a former leader keeps no old token, either."""
    state = published(published(answerable(), opencti), opencti)
    secret = opencti.ledger.find(only_secret(state).id)
    assert secret.consumers == {}
    state = rotated(opencti, NEW_TOKEN)
    assert opencti.ledger.find(only_secret(state).id).consumers.keys() == {'a-connector/0'}
    assert [number for _, number in opencti.ledger.obsolete('opencti')] == [1]


def changed(secret: testing.Secret) -> Any:
    """Juju tells an owner, too, if its unit has read the secret, with the owner's label.

    Source: `GetSecretConsumerAndLatest` in domain/secret/service/consume.go of Juju 4.0.
    `ops.testing` refuses to make such an event.
    """
    return _Event('secret_changed', secret=secret)


def reads(context: Context, unit: str, secret: testing.Secret) -> None:
    context.ledger.read(
        unit, secret_id=secret.id, label='', refresh=True, peek=False, is_leader=True
    )


def rotated_after_the_owner_read(context: Context) -> testing.State:
    """A charm without this library read its own secret; since then there is a new token."""
    state = published(answerable(), context)
    for unit in ('opencti/0', 'a-connector/0'):
        reads(context, unit, only_secret(state))
    state = published(state, context, token=NEW_TOKEN)
    connector_reads(context, only_secret(state))
    return state


@pytest.mark.parametrize('leader', [True, False])
def test_an_old_revision_that_the_owner_has_read_is_let_go(opencti: Context, leader: bool):
    state = rotated_after_the_owner_read(opencti)
    assert opencti.ledger.obsolete('opencti') == []
    told = dataclasses.replace(state, leader=leader)
    opencti.run(changed(only_secret(told)), told)
    assert [number for _, number in opencti.ledger.obsolete('opencti')] == [1]


@pytest.mark.parametrize('label', ['of-the-charm', None])
def test_what_the_charm_has_read_of_its_own_stays(opencti: Context, label: str | None):
    secret = testing.Secret({'token': TOKEN}, owner='app', label=label)
    state = testing.State(leader=True, relations={relation()}, secrets={secret})
    out = opencti.run(changed(secret), state)
    assert opencti.ledger.find(only_secret(out).id).consumers == {}


def test_juju_does_not_answer_the_owner(opencti: Context, monkeypatch: pytest.MonkeyPatch):
    state = rotated_after_the_owner_read(opencti)
    busy = raising(ops.ModelError('ERROR connection is shut down'))
    monkeypatch.setattr(ops.Secret, 'get_content', busy)
    opencti.run(changed(only_secret(state)), state)
    secret_id = only_secret(state).id
    told = f'{secret_id}: old token stays, will retry: ERROR connection is shut down'
    assert opencti.warnings()[-1] == told


def test_an_old_revision_is_let_go_whatever_label_the_reader_has(opencti: Context):
    """4.0 gives the hook the label that the secret had when its owner read it again."""
    secret = testing.Secret({'token': TOKEN}, owner='app', label='of-the-old-charm')
    state = answerable(local_app_data={'opencti_url': URL, 'opencti_token': secret.id})
    state = opencti.run(opencti.on.start(), dataclasses.replace(state, secrets={secret}))
    for _ in range(2):  # The old charm reads; 4.0 copies the label at the second time.
        reads(opencti, 'opencti/0', secret)
    known = opencti.ledger.find(secret.id)
    assert known.consumer_labels == {'opencti/0': 'of-the-old-charm'}
    state = opencti.run(opencti.on.update_status(), state)  # It is adopted, and relabelled.
    assert known.label == 'opencti-connector-token-7'
    state = published(state, opencti, token=NEW_TOKEN)
    assert known.newest == 2
    shown = state_view.with_label(only_secret(state), known.consumer_labels['opencti/0'])
    secrets = {s for s in state.secrets if s.id != shown.id} | {shown}
    opencti.is_shared = True
    opencti.run(changed(shown), dataclasses.replace(state, secrets=secrets))
    assert [number for _, number in opencti.ledger.obsolete('opencti')] == [1]
    assert known.label == 'opencti-connector-token-7'
