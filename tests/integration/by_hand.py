# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A charm without the library: the tests run hook tools on its unit."""

import contextlib
import shlex
from collections.abc import Iterator

from .models import Model, Pack


class ByHand:
    """One unit of it."""

    def __init__(self, model: Model, pack: Pack):
        self._app = model.deploy(pack('by-hand'))
        self._model = model
        model.wait_for_idle()

    def run(self, command: str) -> str:
        """Run hook tools, and return what they print."""
        return self._model.exec(command, unit=f'{self._app}/0').stdout.strip()

    def write(self, relation_id: int, **databag: str) -> None:
        """Write to the application's databag."""
        values = ' '.join(shlex.quote(f'{key}={value}') for key, value in databag.items())
        self.run(f'relation-set -r {relation_id} --app {values}')

    def add_secret(self, relation_id: int, **content: str) -> str:
        """Add a secret that the other end may read, and return its id."""
        values = ' '.join(f'{key}={value}' for key, value in content.items())
        secret = self.run(f'secret-add {values}')
        self.run(f'secret-grant {secret} --relation {relation_id}')
        return secret

    @contextlib.contextmanager
    def related(self, endpoint: str, other: str) -> Iterator[int]:
        """Relate one of its endpoints, for a while."""
        relation_id = self._model.integrate(self._app, endpoint, other)
        # The agent learns of it a little later.
        known = f'{endpoint}:{relation_id}'
        self._model.wait(lambda: known in self.run(f'relation-ids {endpoint}').split())
        yield relation_id
        self._model.remove_relation(self._app, endpoint, other)
