# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Publishing and withdrawing in any order ends as the last call says."""

import itertools
import time
from collections.abc import Set

import pytest

from .charms import journal
from .models import Model, Pack

# What is done to a relation: p publishes a token, q another one, w withdraws.
PUBLISHED_BEFORE = ['wp', 'wq', 'qw', 'qwp', 'wqw', 'qp']
WITHDRAWN_BEFORE = ['pw', 'pwq', 'pq', 'wp', 'qwq', 'pwp']
ACROSS_HOOKS = ['wp', 'wq', 'qw', 'wpw', 'wqp', 'pwq']


class Orders:
    """An OpenCTI, and a connector whose one unit has a relation for each order."""

    def __init__(self, model: Model, pack: Pack):
        self._model = model
        self.opencti = model.deploy(pack('scripted-opencti'))
        self.connector = model.deploy(pack('scripted-connector'))
        self._ids = [
            model.integrate(self.connector, f'opencti-{number}', self.opencti)
            for number in range(6)
        ]
        model.wait(lambda: self._told_of() == set(self._ids))

    def _told_of(self) -> set[int]:
        journal = self._model.journal(self.opencti)
        return {entry['relation'] for entry in journal if entry['event'] == 'connector_available'}

    def run(self, orders: list[str]) -> None:
        """Do to each relation what its order says, all in one hook."""
        steps = [
            step
            for order, relation_id in zip(orders, self._ids, strict=True)
            for step in _steps(order, relation_id)
        ]
        self._model.run_script(self.opencti, *steps)

    def settle(self, letter: str) -> None:
        """Do the same to each relation, and wait until the connector has no more hooks to run."""
        self.run([letter] * 6)
        self.assert_ended_with([letter] * 6, next_hook_for={letter})
        self._model.wait_for_idle()

    def assert_ended_with(
        self, orders: list[str], *, next_hook_for: Set[str] = frozenset()
    ) -> None:
        """Check what stands in Juju, and what the connector is told.

        A databag that goes back to what it was is no change to Juju 4, even if the connector saw
        in some other hook what was there in between. Its next hook puts that right.
        """
        expected = {
            relation_id: None if order[-1] == 'w' else _token(order[-1], relation_id)
            for order, relation_id in zip(orders, self._ids, strict=True)
        }
        assert self._published() == expected
        told = {id_: token and journal.digest(token) for id_, token in expected.items()}
        at_once = {
            relation_id: told[relation_id]
            for order, relation_id in zip(orders, self._ids, strict=True)
            if order not in next_hook_for
        }
        self._model.wait(lambda: at_once.items() <= self._last_told().items())
        if next_hook_for:
            self._model.run_hook(self.connector)
            self._model.wait(lambda: self._last_told() == told)

    def _published(self) -> dict[int, str | None]:
        apps = self.opencti, self.connector
        return {id_: self._model.published_token(id_, *apps) for id_ in self._ids}

    def _last_told(self) -> dict[int, str | None]:
        return {e['relation']: e['token'] for e in self._model.journal(self.connector)}


def _steps(order: str, relation_id: int) -> list[list[object]]:
    return [
        ['withdraw', relation_id]
        if letter == 'w'
        else ['publish', relation_id, _token(letter, relation_id)]
        for letter in order
    ]


def _token(letter: str, relation_id: int) -> str:
    return f'flgrn_octi_tkn_{letter}_{relation_id}'


@pytest.fixture(scope='module')
def orders(model: Model, pack: Pack) -> Orders:
    return Orders(model, pack)


@pytest.mark.parametrize(
    ('before', 'in_one_hook'), [('p', PUBLISHED_BEFORE), ('pw', WITHDRAWN_BEFORE)]
)
def test_in_one_hook(orders: Orders, before: str, in_one_hook: list[str]):
    for letter in before:
        orders.settle(letter)
    orders.run(in_one_hook)
    orders.assert_ended_with(in_one_hook)


@pytest.mark.parametrize('seconds', [0, 2, 15])
def test_in_hooks_that_follow(orders: Orders, seconds: int):
    # Juju 4.0 removes secrets in a job of its own, which may be done by the next hook or not.
    orders.settle('p')
    for letters in itertools.zip_longest(*ACROSS_HOOKS, fillvalue=''):
        orders.run(list(letters))
        time.sleep(seconds)
    back_and_forth = {order for order in ACROSS_HOOKS if 'w' in order[:-1]}
    orders.assert_ended_with(ACROSS_HOOKS, next_hook_for=back_and_forth)


def test_nothing_is_left(model: Model, orders: Orders):
    model.remove(orders.connector)
    model.wait(lambda: not model.secrets(orders.opencti))
