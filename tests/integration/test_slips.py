# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A mistake in the data of one end is reported on the other, and no hook fails."""

from .by_hand import ByHand
from .pairs import Pair

TOKEN = 'flgrn_octi_tkn_by_hand'
URL = 'http://opencti.example'


def test_on_the_connectors_end(pair: Pair, by_hand: ByHand):
    with by_hand.related('as-connector', pair.opencti) as relation:

        def errors() -> list[str]:
            return [entry['error'] for entry in pair.told('connector_invalid', relation)]

        for field, wrong in [
            ('connector_type', 'NO_TYPE'),
            ('connector_type', '"STREAM"'),
            ('connector_charm_name', 'two words'),
            ('connector_id', '7'),
        ]:
            right = {'connector_charm_name': 'urlhaus', 'connector_type': 'STREAM'}
            by_hand.write(relation, **{**right, field: wrong})
            pair.model.wait(lambda field=field: field in ''.join(errors()[-1:]))
        assert pair.told('connector_available', relation) == []
        by_hand.write(relation, **right, connector_id='')
        pair.model.wait(lambda: pair.told('connector_available', relation))


def test_on_openctis_end(pair: Pair, by_hand: ByHand):
    def status() -> str:
        units = pair.model.juju.status().apps[pair.connector].units
        return ' '.join(unit.workload_status.message for unit in units.values())

    with by_hand.related('as-opencti', f'{pair.connector}:opencti-0') as relation:

        def errors() -> list[str]:
            return [e['error'] for e in pair.told('opencti_connection_invalid', relation)]

        refused = by_hand.run('secret-add token=x')
        without_key = by_hand.add_secret(relation, password='x')
        secret = by_hand.add_secret(relation, token=TOKEN)
        for databag, is_invalid, said in [
            ({'opencti_url': URL}, False, 'waiting for opencti_token'),
            ({'opencti_token': TOKEN}, True, 'opencti_token: must be the id of a Juju secret'),
            ({'opencti_token': refused}, False, 'waiting for access to the secret'),
            ({'opencti_token': without_key}, True, "the secret has no key 'token'"),
            ({'opencti_token': secret, 'opencti_url': 'opencti'}, True, 'opencti_url: must be'),
            ({'opencti_url': 'http://[bad'}, True, 'opencti_url: must be'),
        ]:
            count = len(errors())
            by_hand.write(relation, **databag)
            pair.model.wait(lambda said=said: said in status())
            assert TOKEN not in status()
            if is_invalid:
                pair.model.wait(lambda count=count: len(errors()) > count)
            assert all(said in error for error in errors()[count:])
        by_hand.write(relation, opencti_url=URL)
        pair.wait_until_connector_has(TOKEN, relation)
        by_hand.run(f'secret-remove {secret}')
        pair.model.run_hook(pair.connector)
        pair.model.wait(lambda: 'waiting for access to the secret' in status())
