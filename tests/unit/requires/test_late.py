# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm that publishes or withdraws after the library has written: as statuses are collected."""

from typing import Any

import ops
import pytest
from ops import testing

from tests.round_trips import counted

from ..charms import Acting, opencti_context
from ..states import only_relation
from ..values import NEW_TOKEN, TOKEN, URL
from .calls import publishing
from .states import answerable, only_secret, published, token_in

LATE = 'http://late.example'


@pytest.fixture(
    autouse=True, params=['collect_app_status', 'collect_unit_status', 'pre_commit', 'commit']
)
def _moment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Acting, 'when', request.param)
    monkeypatch.setattr(Acting, 'taken', [])


def late(
    monkeypatch: pytest.MonkeyPatch, call: Any, state: testing.State | None = None
) -> tuple[testing.State, list[str]]:
    """The state after a hook with a late call, and the warnings."""
    monkeypatch.setattr(Acting, 'call', call)
    context = opencti_context(Acting)
    out = context.run(context.on.update_status(), state or answerable())
    return out, context.warnings()


def test_a_first_connection_is_written(monkeypatch: pytest.MonkeyPatch, token: Any):
    monkeypatch.setattr(Acting, 'answers_early', False)
    out, _ = late(monkeypatch, publishing(url=LATE, token=token))
    assert Acting.taken == [True]
    assert [token_in(out)] == getattr(token, 'made', [TOKEN])[-1:]
    published = {'opencti_url': LATE, 'opencti_token': only_secret(out).id}
    assert only_relation(out).local_app_data == published


def test_the_same_token_with_another_url_is_written(monkeypatch: pytest.MonkeyPatch, token: Any):
    out, warnings = late(monkeypatch, publishing(url=LATE, token=token))
    assert Acting.taken == [True]
    assert only_relation(out).local_app_data['opencti_url'] == LATE
    assert (token_in(out), warnings) == (TOKEN, [])


def test_what_was_written_already_costs_nothing(monkeypatch: pytest.MonkeyPatch):
    with counted() as calls:
        late(monkeypatch, publishing())
    assert Acting.taken == [True]
    assert (calls['secret_add'], calls['secret_grant'], calls['relation_set']) == (1, 1, 1)


def test_another_token_is_refused_and_told(monkeypatch: pytest.MonkeyPatch):
    out, (warning,) = late(monkeypatch, publishing(token=NEW_TOKEN))
    assert Acting.taken == [False]
    assert token_in(out) == TOKEN
    assert 'a token was written in this hook' in warning


def test_a_withdrawal_is_written(monkeypatch: pytest.MonkeyPatch):
    out, _ = late(monkeypatch, lambda end, relation: end.withdraw_connection(relation))
    assert Acting.taken == [True]
    assert only_relation(out).local_app_data == {}
    assert only_secret(out).remote_grants == {}


def test_a_connection_that_was_withdrawn_in_this_hook_is_refused(
    monkeypatch: pytest.MonkeyPatch, token: Any
):
    """Juju would lose the grant."""

    def both(endpoint: Any, relation: ops.Relation) -> bool:
        assert endpoint.withdraw_connection(relation)
        return endpoint.publish_connection(relation, url=URL, token=token)

    out, (warning,) = late(monkeypatch, both, published(answerable()))
    assert Acting.taken == [False]
    assert only_relation(out).local_app_data == {}
    assert 'withdrawn in this hook' in warning
    assert getattr(token, 'made', []) == []
    # The next hook publishes.
    monkeypatch.setattr(Acting, 'call', None)
    assert only_relation(published(out)).local_app_data
