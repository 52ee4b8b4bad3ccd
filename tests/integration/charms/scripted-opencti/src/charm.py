#!/usr/bin/env python3
# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""OpenCTI's end of the relation, told by its configuration what to do."""

import datetime
import json
import os
import pathlib
import secrets
import signal
import subprocess
from typing import Any

import ops

import journal
from opencti_connector import OpenctiRequires

_ENDPOINT = 'opencti-connector'
_EVENTS = (
    'connector_available',
    'connector_invalid',
    'connector_removed',
    'connector_token_due',
)


class ScriptedOpencti(ops.CharmBase):
    """Logs what the library tells, and does what the configuration says."""

    _stored = ops.StoredState()

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self._stored.set_default(last_script='')
        self.opencti = OpenctiRequires(self)
        for name in _EVENTS:
            if hasattr(self.opencti.on, name):  # Not all of them are in each release.
                framework.observe(getattr(self.opencti.on, name), self._on_told)
        framework.observe(self.on.config_changed, self._on_config_changed)
        framework.observe(self.on.run_script_action, self._on_run_script)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_told(self, event: ops.EventBase) -> None:
        deferred = bool(self.config['defer'])
        user_name = getattr(event, 'user_name', None) or self._user_name(event)
        journal.write(
            event.handle.kind,
            relation=event.relation_id,
            user=user_name,
            error=getattr(event, 'error', None),
            deferred=deferred,
        )
        if deferred:
            event.defer()
        elif event.handle.kind in ('connector_available', 'connector_token_due') and user_name:
            self._publish_by_itself(event.relation)

    def _user_name(self, event: ops.EventBase) -> str | None:
        # None where a deferred event outlived its relation.
        connector = getattr(event, 'connector', None) if event.relation.active else None
        return connector and connector.user_name

    def _publish_by_itself(self, relation: ops.Relation) -> None:
        token = str(self.config['token'])
        if token == 'made':
            expire = _expire(int(self.config['expire']))
            self._publish(relation, token=self._make_token, **expire)
        elif token:
            self._publish(relation, token=token)

    def _make_token(self) -> str:
        token = f'flgrn_octi_tkn_{secrets.token_hex(32)}'
        journal.write('made', token=journal.digest(token))
        return token

    def _publish(self, relation: ops.Relation, **token: object) -> None:
        self.opencti.publish_connection(relation, url=str(self.config['url']), **token)

    def _on_config_changed(self, _: ops.ConfigChangedEvent) -> None:
        if self._script['id'] != self._stored.last_script:
            self._stored.last_script = self._script['id']
            self._run(self._script['steps'])

    @property
    def _script(self) -> dict[str, Any]:
        return json.loads(str(self.config['script']) or '{"id": "", "steps": []}')

    def _on_run_script(self, event: ops.ActionEvent) -> None:
        self._run(json.loads(event.params['steps']))

    def _run(self, steps: list[list[object]]) -> None:
        for verb, *arguments in steps:
            getattr(self, f'_do_{verb}')(*arguments)

    def _do_publish(self, relation_id: int, token: str, seconds: int = 0) -> None:
        self._publish(self._relation(relation_id), token=token, **_expire(seconds))

    def _do_withdraw(self, relation_id: int) -> None:
        self.opencti.withdraw_connection(self._relation(relation_id))

    def _do_die(self) -> None:
        if self._is_first_time():
            os.kill(os.getpid(), signal.SIGKILL)

    def _do_kill_agent(self) -> None:
        # The machine's init system starts it again.
        if self._is_first_time():
            os.kill(_agent(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)

    def _do_restart_agent(self) -> None:
        # In some containers systemd cannot see what it is to end: the agent, and its hooks.
        if self._is_first_time():
            service = f'jujud-machine-{os.environ["JUJU_MACHINE_ID"]}'
            subprocess.run(['systemctl', 'restart', '--no-block', service], check=True)
            os.kill(_agent(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)

    def _is_first_time(self) -> bool:
        # A hook that is killed leaves nothing in the stored state, and runs again.
        mark = self.charm_dir / f'interrupted-{self._script["id"]}'
        is_first = not mark.exists()
        mark.touch()
        return is_first

    def _relation(self, relation_id: int) -> ops.Relation:
        relation = self.model.get_relation(_ENDPOINT, relation_id)
        assert relation is not None
        return relation

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        event.add_status(ops.ActiveStatus())


def _expire(seconds: int) -> dict[str, datetime.timedelta]:
    # The release before knows no such argument.
    return {'expire': datetime.timedelta(seconds=seconds)} if seconds else {}


def _agent() -> int:
    """Return the process of the agent that runs this hook."""
    pid = os.getppid()
    while pathlib.Path(f'/proc/{pid}/comm').read_text().strip() != 'jujud':
        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
        pid = int(stat.rpartition(')')[2].split()[1])
    return pid


if __name__ == '__main__':
    ops.main(ScriptedOpencti)
