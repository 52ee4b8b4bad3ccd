# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The scripted OpenCTI and a scripted connector, related."""

import json
import time
from typing import Any

from .charms import journal
from .models import Model, Pack

ENDPOINT = 'opencti-connector'


class Pair:
    """An OpenCTI and a connector that log what they are told."""

    def __init__(self, model: Model, pack: Pack, *, opencti: str = '', **options: Any):
        """Deploy and relate them, and wait until the connector has its token.

        Args:
            model: The model.
            pack: What packs charms.
            opencti: An OpenCTI that is deployed already.
            options: For `pack`.
        """
        self.model = model
        self.opencti = opencti or model.deploy(pack('scripted-opencti', **options), token='made')
        self.connector = model.deploy(pack('scripted-connector', **options))
        self.relate()

    def relate(self) -> None:
        """Relate them, and wait until the connector has its token."""
        self.model.juju.integrate(f'{self.opencti}:{ENDPOINT}', f'{self.connector}:{ENDPOINT}')
        self.model.wait(lambda: self.told('opencti_connection_available')[-1:])
        self.relation_id = self.model.relation_id(self.connector)

    def publish(self, token: str) -> None:
        """Let OpenCTI's leader publish this token."""
        self.run(['publish', self.relation_id, token])

    def run(self, *steps: list[object]) -> None:
        """Let OpenCTI's leader do something in an action."""
        leader = self.model.leader(self.opencti)
        assert leader
        self.model.juju.run(leader, 'run-script', {'steps': json.dumps(steps)})

    def run_in_hook(self, *steps: list[object]) -> None:
        """Let OpenCTI do something in a hook."""
        script = {'id': str(time.time_ns()), 'steps': steps}
        self.model.juju.config(self.opencti, {'script': json.dumps(script)})

    def wait_until_connector_has(self, token: str) -> None:
        """Wait until the connector was told of this token."""
        digest = journal.digest(token)
        self.model.wait(lambda: self.told('opencti_connection_available')[-1]['token'] == digest)

    def databags(self) -> dict[str, str]:
        """Return what both wrote to the relation."""
        return self.model.databags(self.relation_id, self.opencti, self.connector)

    def token(self) -> str | None:
        """Return the token that stands published."""
        return self.model.published_token(self.relation_id, self.opencti, self.connector)

    def told(self, event: str) -> list[dict[str, Any]]:
        """Return each time that either was told of an event of their relation, oldest first."""
        app = self.connector if event.startswith('opencti_connection') else self.opencti
        return [e for e in self.model.journal(app) if e['event'] == event]
