# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A token that is shown once is made once, and replaced once when it is no longer usable."""

from .pairs import Pair


def secret_of(pair: Pair) -> str:
    return pair.databags()['opencti_token'].rpartition('/')[2]


def made(pair: Pair) -> list[str]:
    """Return the fingerprint of each token that was made, oldest first."""
    return [entry['token'] for entry in pair.told('made')]


def test_quiet_hooks(pair: Pair):
    before = made(pair), pair.model.secrets(pair.opencti), pair.databags()
    pair.model.run_hook(pair.opencti, times=20)
    assert (made(pair), pair.model.secrets(pair.opencti), pair.databags()) == before


def test_revoked_by_hand(pair: Pair):
    token, count = pair.token(), len(made(pair))
    leader = pair.model.leader(pair.opencti)
    revoke = f'secret-revoke {secret_of(pair)} --relation {pair.relation_id}'
    pair.model.exec(revoke, unit=leader)
    pair.model.run_hook(pair.opencti)
    pair.model.run_hook(pair.connector)
    pair.wait_until_connector_has(token)
    assert len(made(pair)) == count


def test_expired(pair: Pair):
    pair.run(['publish', pair.relation_id, 'flgrn_octi_tkn_of_some_seconds', 5])
    pair.model.juju.config(pair.opencti, {'expire': 3600})
    secret, count = secret_of(pair), len(made(pair))
    # Juju reports what has expired every five minutes, and when an agent starts.
    pair.run_in_hook(['kill_agent'])
    pair.model.wait(lambda: len(made(pair)) == count + 1)
    pair.model.wait(
        lambda: pair.told('opencti_connection_available')[-1]['token'] == made(pair)[-1]
    )
    pair.model.wait(lambda: len(pair.model.revisions(secret)) == 1)
    assert secret_of(pair) == secret
    assert pair.model.juju.show_secret(secret).expires
