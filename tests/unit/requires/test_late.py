# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm that publishes or withdraws after the library has written: as statuses are collected."""

from collections.abc import Callable
from typing import Any, ClassVar

import ops
import pytest
from ops import testing

from tests.round_trips import counted

from ..conftest import (
    NEW_TOKEN,
    TOKEN,
    URL,
    OpenctiCharm,
    TokenFactory,
    only_relation,
    opencti_context,
)
from ..requires_charm import only_secret, published, related, token_in

LATE = 'http://late.example'


class LateCharm(OpenctiCharm):
    """Calls the endpoint once more for each connector, when all its handlers are done."""

    answers_early: ClassVar[bool] = True
    call: ClassVar[Callable[[Any, ops.Relation], bool]]
    taken: ClassVar[list[bool]]
    when: ClassVar[str]

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        moments = {
            'app status': self.on.collect_app_status,
            'unit status': self.on.collect_unit_status,
            'pre_commit': framework.on.pre_commit,
            'commit': framework.on.commit,
        }
        framework.observe(moments[self.when], self._on_late)

    def _on_available(self, event: Any) -> None:
        if self.answers_early:
            super()._on_available(event)

    def _on_late(self, _: ops.EventBase) -> None:
        for relation in self.model.relations['opencti-connector']:
            self.taken.append(type(self).call(self.opencti_connector, relation))


@pytest.fixture(autouse=True, params=['app status', 'unit status', 'pre_commit', 'commit'])
def _moment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LateCharm, 'when', request.param, raising=False)
    monkeypatch.setattr(LateCharm, 'taken', [], raising=False)


def late(
    monkeypatch: pytest.MonkeyPatch,
    call: Callable[[Any, ops.Relation], bool],
    state: testing.State | None = None,
) -> tuple[testing.State, list[str]]:
    monkeypatch.setattr(LateCharm, 'call', call, raising=False)
    context = opencti_context(LateCharm)
    state = state or testing.State(leader=True, relations={related()})
    out = context.run(context.on.update_status(), state)
    return out, context.warnings()


@pytest.mark.parametrize('token', [TOKEN, TokenFactory()], ids=['plain', 'made'])
def test_a_first_connection_is_written(monkeypatch: pytest.MonkeyPatch, token: Any):
    monkeypatch.setattr(LateCharm, 'answers_early', False)
    out, _ = late(monkeypatch, lambda end, r: end.publish_connection(r, url=LATE, token=token))
    assert LateCharm.taken == [True]
    assert [token_in(out)] == getattr(token, 'made', [TOKEN])[-1:]
    assert only_relation(out).local_app_data == {
        'opencti_url': LATE,
        'opencti_token': only_secret(out).id,
    }


@pytest.mark.parametrize('token', [TOKEN, TokenFactory()], ids=['plain', 'made'])
def test_the_same_token_with_another_url_is_written(monkeypatch: pytest.MonkeyPatch, token: Any):
    out, warnings = late(
        monkeypatch, lambda end, r: end.publish_connection(r, url=LATE, token=token)
    )
    assert LateCharm.taken == [True]
    assert only_relation(out).local_app_data['opencti_url'] == LATE
    assert (token_in(out), warnings) == (TOKEN, [])


def test_what_was_written_already_costs_nothing(monkeypatch: pytest.MonkeyPatch):
    with counted() as calls:
        late(monkeypatch, lambda end, r: end.publish_connection(r, url=URL, token=TOKEN))
    assert LateCharm.taken == [True]
    assert (calls['secret_add'], calls['secret_grant'], calls['relation_set']) == (1, 1, 1)


def test_another_token_is_refused_and_told(monkeypatch: pytest.MonkeyPatch):
    out, warnings = late(
        monkeypatch, lambda end, r: end.publish_connection(r, url=URL, token=NEW_TOKEN)
    )
    assert LateCharm.taken == [False]
    assert token_in(out) == TOKEN
    assert len(warnings) == 1
    assert 'a token was written in this hook' in warnings[0]


def test_a_withdrawal_is_written(monkeypatch: pytest.MonkeyPatch):
    out, _ = late(monkeypatch, lambda end, r: end.withdraw_connection(r))
    assert LateCharm.taken == [True]
    assert only_relation(out).local_app_data == {}
    assert only_secret(out).remote_grants == {}


@pytest.mark.parametrize('token', [TOKEN, TokenFactory()], ids=['plain', 'made'])
def test_a_connection_that_was_withdrawn_in_this_hook_is_refused(
    monkeypatch: pytest.MonkeyPatch, token: Any
):
    """Juju would lose the grant."""

    def both(endpoint: Any, relation: ops.Relation) -> bool:
        assert endpoint.withdraw_connection(relation)
        return endpoint.publish_connection(relation, url=URL, token=token)

    state = published(testing.State(leader=True, relations={related()}))
    out, warnings = late(monkeypatch, both, state)
    assert LateCharm.taken == [False]
    assert only_relation(out).local_app_data == {}
    assert len(warnings) == 1
    assert 'withdrawn in this hook' in warnings[0]
    assert getattr(token, 'made', []) == []
    # The next hook publishes.
    monkeypatch.setattr(LateCharm, 'call', lambda *_: True)
    assert only_relation(published(out)).local_app_data
