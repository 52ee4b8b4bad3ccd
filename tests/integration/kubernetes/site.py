# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""OpenCTI's charm and a connector's with a workload, related, on Kubernetes."""

import contextlib
import zipfile
from collections.abc import Iterator

import yaml

from ..models import Model, Pack
from .workload import Workload

ENDPOINT = 'opencti-connector'
SECRET = 'a-secret-of-the-connector'
CROWDSTRIKE = {'crowdstrike-client-id': 'a-client', 'crowdstrike-client-secret': SECRET}


class Site:
    """An OpenCTI that makes tokens, and a connector.

    Args:
        model: The model.
        pack: What packs charms.
        image: The workload's image.
        charm: What to pack as the connector.
        config: The connector's configuration; where it is `SECRET`, a secret that holds it.
    """

    def __init__(self, model: Model, pack: Pack, image: str, charm: str, config: dict[str, str]):
        self.model = model
        self.packed = pack(charm)
        with zipfile.ZipFile(self.packed) as archive:
            metadata = yaml.safe_load(archive.read('metadata.yaml'))
        (container,) = metadata['containers']
        resources = dict.fromkeys(metadata['resources'], image)
        self.opencti = model.deploy(pack('scripted-opencti'), token='made')
        self.connector = model.deploy(self.packed, resources)
        self.secret = f'of-{self.connector}'
        uri = model.add_secret(self.secret, {'value': SECRET}, self.connector)
        if config:
            values = {key: uri if value == SECRET else value for key, value in config.items()}
            model.juju.config(self.connector, values)
        self._container = container
        self.workload = self.workload_of(f'{self.connector}/0')
        self.relate()

    def workload_of(self, unit: str) -> Workload:
        """Return the workload of one of the connector's units."""
        return Workload(self.model, unit, self._container)

    def relate(self) -> None:
        """Relate both, and wait until the connector runs."""
        self.relation_id = self.model.integrate(self.connector, ENDPOINT, self.opencti)
        self.wait_until_active()

    def part(self) -> None:
        """Remove the relation, if there is one."""
        if self.model.relation_ids(self.connector, ENDPOINT):
            self.model.remove_relation(self.connector, ENDPOINT, self.opencti)
        self.wait_until_blocked()

    def rotate(self, token: str) -> None:
        """Let OpenCTI publish another token, and wait until the connector runs with it."""
        self.model.run_script(self.opencti, ['publish', self.relation_id, token])
        self.model.wait(lambda: self.workload.environment().get('OPENCTI_TOKEN') == token)
        self.model.wait_for_idle()

    def token(self) -> str:
        """Return the published token."""
        token = self.model.published_token(self.relation_id, self.opencti, self.connector)
        assert token
        return token

    def connector_id(self) -> str:
        """Return the connector's id, as published."""
        databags = self.model.databags(self.relation_id, self.opencti, self.connector)
        return databags['connector_id']

    def revisions(self) -> dict[str, list[int]]:
        """Return OpenCTI's secrets, with the revisions that are left of each."""
        secrets = self.model.secrets(self.opencti)
        return {secret: self.model.revisions(secret) for secret in secrets}

    def wait_until_active(self) -> None:
        """Wait until the connector's only unit is active, and its workload runs."""
        self.model.wait(lambda: self.model.statuses(self.connector) == ['active'])
        self.model.wait(self.workload.environment)

    def wait_until_blocked(self) -> None:
        """Wait until the connector's only unit is blocked, and its workload does not run."""
        self.model.wait(lambda: self.model.statuses(self.connector) == ['blocked'])
        self.model.wait(lambda: not self.workload.environment())

    @contextlib.contextmanager
    def restarted(self) -> Iterator[None]:
        """Wait until the workload is started anew, with the same environment."""
        started, environment = self.workload.started(), self.workload.environment()
        yield
        self.model.wait(lambda: self.workload.started() not in ('', started))
        self.model.wait(lambda: self.workload.environment() == environment)
        self.wait_until_active()

    @contextlib.contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Check that the workload runs on as it is, with the same revision of the same secret."""
        before = self.workload.started(), self.workload.environment(), self.revisions()
        yield
        assert (self.workload.started(), self.workload.environment(), self.revisions()) == before
