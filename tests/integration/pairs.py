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
    """An OpenCTI and a connector that log the library's events."""

    def __init__(
        self, model: Model, pack: Pack, *, opencti: str = '', token: str = 'made', **options: Any
    ):
        """Deploy and relate them, and wait until the connector has its token.

        Args:
            model: The model.
            pack: What packs charms.
            opencti: An OpenCTI that is deployed already.
            token: What OpenCTI publishes.
            options: For `pack`.
        """
        self.model = model
        self.opencti = opencti or model.deploy(pack('scripted-opencti', **options), token=token)
        self.connector = model.deploy(pack('scripted-connector', **options))
        self.relate()

    def relate(self) -> None:
        """Relate them, and wait until the connector has its token."""
        self.relation_id = self.model.integrate(self.connector, ENDPOINT, self.opencti)
        self.model.wait(lambda: self.told('opencti_connection_available', self.relation_id))

    def part(self) -> None:
        """Remove their relation, and wait until it is gone."""
        self.model.remove_relation(self.connector, ENDPOINT, self.opencti)

    def publish(self, token: str) -> None:
        """Let OpenCTI's leader publish this token."""
        self.run(['publish', self.relation_id, token])

    def run(self, *steps: list[object]) -> None:
        """Let OpenCTI's leader do something in an action."""
        self.model.run_script(self.opencti, *steps)

    def run_in_hook(self, *steps: list[object]) -> None:
        """Let OpenCTI do something in a hook."""
        script = {'id': str(time.time_ns()), 'steps': steps}
        self.model.juju.config(self.opencti, {'script': json.dumps(script)})

    def wait_until_connector_has(self, token: str, relation_id: int | None = None) -> None:
        """Wait until this token is the last one that the connector got."""
        digest, relation_id = journal.digest(token), relation_id or self.relation_id
        available = 'opencti_connection_available'
        self.model.wait(
            lambda: [e['token'] for e in self.told(available, relation_id)][-1:] == [digest]
        )

    def databags(self) -> dict[str, str]:
        """Return what both wrote to the relation."""
        return self.model.databags(self.relation_id, self.opencti, self.connector)

    def token(self) -> str | None:
        """Return the published token."""
        return self.model.published_token(self.relation_id, self.opencti, self.connector)

    def told(self, event: str, relation_id: int | None = None) -> list[dict[str, Any]]:
        """Return each record of an event on the end that gets it, oldest first."""
        app = self.connector if event.startswith('opencti_connection') else self.opencti
        return [
            entry
            for entry in self.model.journal(app)
            if entry['event'] == event and relation_id in (None, entry.get('relation'))
        ]
