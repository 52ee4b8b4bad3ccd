# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A token that OpenCTI shows once: made, kept, replaced, and kept when OpenCTI's leader goes."""

import pathlib

from fakes import juju
from fakes.opencti import ACTIVE, Platform

from . import machine, summary, timeline

ACCOUNT = 'charm-connector-urlhaus-1'
LABEL = 'opencti-connector-token-1'


def play(root: pathlib.Path, *, is_verbose: bool = False) -> summary.Story:
    """Play the whole story."""
    with Platform() as platform:
        return _play(machine.Machine(root), platform, is_verbose=is_verbose)


def _play(host: machine.Machine, platform: Platform, *, is_verbose: bool) -> summary.Story:
    model, opencti, connector = machine.deploy(host, platform)
    timed = timeline.Timeline('A token that is shown once', model, is_verbose=is_verbose)

    def token() -> str:
        return opencti.token(LABEL)

    def made() -> int:
        return platform.operations.count('AddToken')

    def is_active() -> bool:
        return platform.state.user_named(ACCOUNT).account_status == ACTIVE

    def has_newest() -> bool:
        return host.is_running and token() in host.environment

    relation_id = model.relate(connector)
    model.settle()
    first = token()
    timed.step(
        'Related: a token is made',
        one_token_was_made=made() == 1,
        the_workload_has_it=has_newest(),
    )

    for _ in range(4):
        model.run(opencti, lambda on: on.update_status())
        model.run(connector, lambda on: on.update_status())
    model.settle()
    timed.step(
        'Four quiet hooks on each side',
        no_further_token_was_made=made() == 1,
        the_token_is_the_same=token() == first,
    )

    model.run(opencti, lambda on: on.action('rotate-token', params={'user-name': ACCOUNT}))
    model.settle()
    second = token()
    timed.step(
        'Rotated by an action',
        the_fingerprint_differs=timeline.fingerprint(second) != timeline.fingerprint(first),
        the_workload_has_the_new_token=has_newest() and first not in host.environment,
    )

    model.run(opencti, lambda on: on.update_status())
    (secret,) = opencti.secrets
    has_expiry = secret.revisions[secret.newest].expire is not None
    juju.expire(secret)
    model.tell_expired(opencti.unit)
    model.settle()
    third = token()
    timed.step(
        'It expires',
        it_had_an_expiry=has_expiry,
        it_was_replaced=third != second and made() == 3,
        the_new_one_expires_too=secret.revisions[secret.newest].expire is not None,
        the_workload_has_the_new_token=has_newest(),
    )

    user = platform.state.user_named(ACCOUNT)
    for known in [*user.api_tokens]:
        platform.state.revoke_token(user, known.id)
    model.run(opencti, lambda on: on.update_status())
    model.settle()
    fourth = token()
    timed.step(
        'Revoked in OpenCTI',
        it_was_replaced=fourth != third and made() == 4,
        the_workload_has_the_new_token=has_newest(),
    )

    leader = opencti.unit
    other = model.add_unit(opencti)
    model.settle()
    model.remove_unit(leader)
    model.settle()
    model.elect(other)
    model.settle()
    timed.step(
        "OpenCTI's leader is removed",
        the_connection_stays=has_newest() and is_active(),
        the_token_is_the_same=token() == fourth,
    )

    model.remove_relation(relation_id)
    model.settle()
    timed.step(
        'The relation is removed',
        the_account_is_switched_off=not is_active(),
        no_secret_is_left=not opencti.secrets,
        the_workload_is_stopped=not host.is_running,
    )
    return timed.story
