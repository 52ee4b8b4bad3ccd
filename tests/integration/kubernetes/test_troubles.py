# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A container that does not answer, and a workload that does not stay."""

import jubilant
import pytest

from ..models import Model, Pack
from .site import Site


def test_an_action_while_the_container_is_away(model: Model, pack: Pack, image: str):
    site = Site(model, pack, image, 'restarting-connector', {})
    unit = f'{site.connector}/0'
    with site.undisturbed(), site.workload.away(), pytest.raises(jubilant.TaskError) as failed:
        model.juju.run(unit, 'restart')
    assert 'waiting for the container' in failed.value.task.message
    with site.restarted():
        model.juju.run(unit, 'restart')


@pytest.mark.parametrize('seconds', ['0', '2'], ids=['at once', 'after a while'])
def test_a_workload_that_ends_again_and_again(site: Site, seconds: str):
    # The image of these tests sleeps as long as this option says.
    site.model.juju.config(site.connector, {'crowdstrike-scopes': seconds})
    site.model.wait(lambda: not is_active_after_a_hook(site))
    message = site.model.juju.status().apps[site.connector].app_status.message
    assert message
    assert site.token() not in message + site.model.juju.debug_log()
    site.model.juju.config(site.connector, reset='crowdstrike-scopes')
    site.wait_until_active()


def is_active_after_a_hook(site: Site) -> bool:
    site.model.run_hook(site.connector)
    return site.model.statuses(site.connector) == ['active']
