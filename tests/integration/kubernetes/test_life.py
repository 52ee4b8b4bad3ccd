# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector on Kubernetes through a life of pods and containers that come and go."""

from ..models import Model, Pack
from .conftest import DeletePod
from .site import CROWDSTRIKE, ENDPOINT, SECRET, Site


def test_related(site: Site):
    environment = site.workload.environment()
    assert environment['OPENCTI_TOKEN'] == site.token()
    assert environment['CONNECTOR_ID'] == site.connector_id()
    assert environment['CONNECTOR_NAME'] == site.connector
    assert environment['CROWDSTRIKE_CLIENT_SECRET'] == SECRET


def test_three_quiet_hooks(site: Site):
    with site.undisturbed():
        site.model.run_hook(site.connector, times=3)
        site.model.run_hook(site.opencti, times=3)
    assert list(site.revisions().values()) == [[1]]


def test_rotated(site: Site):
    starts = site.workload.starts()
    site.rotate('flgrn_octi_tkn_rotated')
    assert site.workload.starts() == starts + 1


def test_the_workloads_container_is_killed(site: Site):
    with site.restarted():
        site.workload.kill_container()


def test_the_workloads_process_is_killed(site: Site):
    with site.restarted():
        site.workload.kill_process()


def test_the_connectors_pod_is_deleted(site: Site, delete_pod: DeletePod):
    with site.restarted():
        delete_pod(site.connector)


def test_openctis_pod_is_deleted(site: Site, delete_pod: DeletePod):
    with site.undisturbed():
        delete_pod(site.opencti)
        site.model.run_script(site.opencti)  # Juju keeps the action for the pod that comes back.
        site.model.wait_for_idle()


def test_an_option_and_a_secret_go_and_come_back(site: Site):
    environment = site.workload.environment()
    site.model.juju.cli('revoke-secret', site.secret, site.connector)
    site.model.juju.config(site.connector, reset='crowdstrike-client-id')
    site.wait_until_blocked()
    assert site.token() not in site.workload.plan()
    site.model.juju.grant_secret(site.secret, site.connector)
    given = {'crowdstrike-client-id': CROWDSTRIKE['crowdstrike-client-id']}
    site.model.juju.config(site.connector, given)
    site.wait_until_active()
    assert site.workload.environment() == environment


def test_scaled_to_two_and_back(site: Site):
    second = f'{site.connector}/1'
    with site.undisturbed():
        site.model.add_unit(site.connector)
        site.model.wait(lambda: site.model.status(second) == 'blocked')
        site.model.run_hook(site.connector)
        assert 'services' not in site.workload_of(second).plan()
        site.model.remove_unit(second)
        site.model.run_hook(site.connector)
    site.wait_until_active()


def test_refreshed(site: Site):
    with site.restarted():
        site.model.juju.refresh(site.connector, path=site.packed)


def test_the_relation_goes_while_openctis_pod_is_away(site: Site, delete_pod: DeletePod):
    token = site.token()
    delete_pod(site.opencti)
    site.model.juju.remove_relation(f'{site.connector}:{ENDPOINT}', site.opencti)
    site.wait_until_blocked()
    assert token not in site.workload.plan()
    site.model.wait(lambda: not site.revisions())
    site.model.wait(lambda: not site.model.relation_ids(site.connector, ENDPOINT))


def test_related_again(site: Site):
    site.part()
    site.relate()
    assert len(site.revisions()) == 1


def test_the_connector_is_removed(site: Site):
    site.model.remove(site.connector)
    site.model.wait(lambda: not site.revisions())


def test_opencti_is_removed(model: Model, pack: Pack, image: str):
    site = Site(model, pack, image, 'k8s-connector', CROWDSTRIKE)
    token = site.token()
    model.remove(site.opencti)
    site.wait_until_blocked()
    assert token not in site.workload.plan()
    assert not site.revisions()
