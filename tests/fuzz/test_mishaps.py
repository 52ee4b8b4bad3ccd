# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Mishaps that come together, in each order."""

import itertools

import pytest

from fakes import juju

from . import memory
from .test_histories import Histories

ORDERS = [*itertools.permutations(['hook', 'agent', 'pod'])]


@pytest.mark.parametrize('order', ORDERS, ids='-'.join)
@pytest.mark.parametrize('is_killed', [False, True])
def test_a_hook_fails_the_agent_restarts_and_the_pod_goes(order: tuple[str, ...], is_killed: bool):
    history = Histories()
    history.deploy(
        juju.Version.V4_0,
        removes_later=False,
        shows_once=True,
        expires=False,
        related={'one-mixin', 'another-mixin'},
    )
    history.settle()
    history.remove_relation('another-mixin')
    history.rotate_the_tokens()
    for mishap in order:
        for name in ('opencti', 'one-mixin', 'another-mixin'):
            if mishap == 'hook':
                history.deliver(name, 0, index=0, is_killed=True)
            elif mishap == 'agent':
                history.restart_an_agent(name, 0)
            else:
                history.delete_a_pod(name, 0, is_killed=is_killed, heir=None)
            history.nothing_goes_wrong()
    history.settle()
    memory.free()
