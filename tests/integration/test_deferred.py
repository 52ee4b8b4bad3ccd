# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Deferred events are harmless when what they are about is gone."""

import contextlib
from collections.abc import Iterator

from .by_hand import ByHand
from .pairs import Pair

OF_OPENCTI = ['connector_available', 'connector_invalid', 'connector_removed']
OF_A_CONNECTOR = [f'opencti_connection_{what}' for what in ('available', 'invalid', 'removed')]


@contextlib.contextmanager
def all_deferred(pair: Pair, app: str) -> Iterator[None]:
    """Let an application defer its events, and handle them later."""
    pair.model.juju.config(app, {'defer': True})
    pair.model.wait_for_idle()
    yield
    pair.model.juju.config(app, {'defer': False})


def was(event: str, pair: Pair, relation: int, *, deferred: bool) -> bool:
    return any(entry['deferred'] is deferred for entry in pair.told(event, relation))


def test_on_openctis_end(pair: Pair, by_hand: ByHand):
    with all_deferred(pair, pair.opencti):
        with by_hand.related('as-connector', pair.opencti) as relation:
            by_hand.write(relation, connector_charm_name='urlhaus', connector_type='STREAM')
            pair.model.wait(lambda: was('connector_available', pair, relation, deferred=True))
            by_hand.write(relation, connector_type='NO_TYPE')
            pair.model.wait(lambda: was('connector_invalid', pair, relation, deferred=True))
        pair.model.wait(lambda: was('connector_removed', pair, relation, deferred=True))
    for event in OF_OPENCTI:
        pair.model.wait(lambda event=event: was(event, pair, relation, deferred=False))


def test_a_due_token(pair: Pair):
    relation = pair.relation_id
    with all_deferred(pair, pair.opencti):
        pair.run(['publish', relation, 'flgrn_octi_tkn_of_a_second', 1])
        # Juju reports what has expired when an agent starts.
        pair.run_in_hook(['kill_agent'])
        pair.model.wait(lambda: was('connector_token_due', pair, relation, deferred=True))
        pair.part()
    pair.model.wait(lambda: was('connector_token_due', pair, relation, deferred=False))
    pair.relate()


def test_on_the_connectors_end(pair: Pair, by_hand: ByHand):
    with all_deferred(pair, pair.connector):
        other = f'{pair.connector}:opencti-1'
        with by_hand.related('as-opencti', other) as relation:
            secret = by_hand.add_secret(relation, token='flgrn_octi_tkn_by_hand')
            by_hand.write(relation, opencti_url='http://opencti.example', opencti_token=secret)
            available, invalid, removed = OF_A_CONNECTOR
            pair.model.wait(lambda: was(available, pair, relation, deferred=True))
            by_hand.write(relation, opencti_url='opencti')
            pair.model.wait(lambda: was(invalid, pair, relation, deferred=True))
            by_hand.run(f'secret-remove {secret}')
        pair.model.wait(lambda: was(removed, pair, relation, deferred=True))
    for event in OF_A_CONNECTOR:
        pair.model.wait(lambda event=event: was(event, pair, relation, deferred=False))
