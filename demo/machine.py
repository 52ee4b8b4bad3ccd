# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector on a machine, driven by the events of `ConnectorProvides`."""

import os
import pathlib
import sys
from typing import Any

from fakes import juju
from fakes.opencti import ADMIN_TOKEN, Platform

from . import EXAMPLES, summary, timeline


class Machine:
    """A machine with a systemd that records its last command, and the workload's files."""

    def __init__(self, root: pathlib.Path):
        self._verb_file = root / 'verb'
        self.environment_file = root / 'environment'
        self.unit_file = root / 'connector.service'
        systemctl = root / 'systemctl'
        systemctl.write_text(f'#!/bin/sh\necho "$1" > "{self._verb_file}"\n')
        systemctl.chmod(0o755)
        os.environ['PATH'] = f'{root}{os.pathsep}{os.environ["PATH"]}'

    @property
    def verb(self) -> str | None:
        """The last command that systemd got, if any."""
        return self._verb_file.read_text().strip() if self._verb_file.exists() else None

    @property
    def is_running(self) -> bool:
        """Whether the service runs."""
        return self.verb in ('start', 'restart')

    @property
    def environment(self) -> str:
        """What the workload's environment file holds."""
        return self.environment_file.read_text() if self.environment_file.exists() else ''


def play(root: pathlib.Path, *, is_verbose: bool = False) -> summary.Story:
    """Play the whole story."""
    with Platform() as platform:
        return _play(Machine(root), platform, is_verbose=is_verbose)


def deploy(
    machine: Machine, platform: Platform
) -> tuple[juju.Model, juju.Application, juju.Application]:
    """Deploy OpenCTI, and a connector on that machine, into a model."""
    connector = juju.Application('urlhaus', juju.load_charm(EXAMPLES / 'machine-connector'))
    opencti = juju.Application('opencti', juju.load_charm(EXAMPLES / 'opencti'))
    workload: Any = sys.modules['workload']
    workload.ENVIRONMENT_FILE, workload.UNIT_FILE = machine.environment_file, machine.unit_file
    workload.install_connector = lambda source: None  # There is no machine to install it on.
    model = juju.Model(opencti, connector)
    admin_token = model.add_user_secret({'token': ADMIN_TOKEN}, opencti)
    opencti.config.update({'url': platform.url, 'admin-token': admin_token})
    return model, opencti, connector


def _play(machine: Machine, platform: Platform, *, is_verbose: bool) -> summary.Story:
    model, opencti, connector = deploy(machine, platform)
    story = timeline.Timeline('A connector on a machine', model, is_verbose=is_verbose)

    def token() -> str:
        return opencti.token('opencti-connector-token-1')

    model.run(connector, lambda on: on.install())
    model.run(connector, lambda on: on.start())
    model.settle()
    story.step(
        'A connector is deployed',
        the_service_is_installed=machine.unit_file.exists() and not machine.is_running,
        the_connector_is_blocked_until_it_is_related=connector.state.unit_status.name == 'blocked',
    )

    relation_id = model.relate(connector)
    model.settle()
    first_token, connector_id = token(), model.databag(connector)['connector_id']
    story.step(
        'It is related to OpenCTI',
        the_details_are_published=model.databag(connector)['connector_type'] == 'EXTERNAL_IMPORT',
        the_token_is_in_no_databag=first_token
        not in str((model.databag(connector), model.databag(opencti))),
        the_workload_runs_with_the_token=machine.is_running and first_token in machine.environment,
        the_connector_is_active=connector.state.unit_status.name == 'active',
    )

    model.run(connector, lambda on: on.update_status())
    model.settle()
    model.run(opencti, lambda on: on.update_status())
    model.settle()
    last = model.hooks[-2:]
    story.step(
        'Nothing changes',
        nothing_is_written=all(hook.before == hook.after for hook in last),
    )

    account = 'charm-connector-urlhaus-1'
    model.run(opencti, lambda on: on.action('rotate-token', params={'user-name': account}))
    model.settle()
    story.step(
        'The token is rotated',
        the_fingerprint_differs=timeline.fingerprint(token()) != timeline.fingerprint(first_token),
        the_workload_has_the_new_token=token() in machine.environment,
        the_old_token_is_forgotten=first_token not in machine.environment,
    )

    model.elect(None, connector)
    model.run(connector, lambda on: on.update_status())
    model.settle()
    waits = connector.state.unit_status.name == 'waiting' and machine.is_running
    model.run(opencti, lambda on: on.action('rotate-token', params={'user-name': account}))
    model.settle()
    is_untouched = token() not in machine.environment and machine.is_running
    model.elect(connector.units[0])
    model.settle()
    story.step(
        'It loses and regains the leadership',
        without_leadership_the_unit_waits=waits,
        and_the_workload_is_left_alone=is_untouched,
        as_leader_it_catches_up=token() in machine.environment,
        the_connector_id_is_the_same=model.databag(connector)['connector_id'] == connector_id,
    )

    good_data = dict(model.databag(opencti))
    model.write(opencti, relation_id, {**good_data, 'opencti_token': token()})
    model.settle()
    message = connector.state.unit_status.message
    story.step(
        'The token itself is in the databag',
        the_connector_is_blocked=connector.state.unit_status.name == 'blocked',
        the_message_names_the_field_and_hides_the_value=(
            'opencti_token' in message and token() not in message
        ),
        the_workload_is_stopped=not machine.is_running,
    )

    model.run(opencti, lambda on: on.update_status())
    model.settle()
    story.step(
        'OpenCTI fixes it by itself',
        the_same_secret_is_published_again=dict(model.databag(opencti)) == good_data,
        the_workload_runs_again=machine.is_running and token() in machine.environment,
        the_connector_is_active=connector.state.unit_status.name == 'active',
    )

    tokens = [first_token, token()]
    model.remove_relation(relation_id)
    model.settle()
    story.step(
        'The relation is removed',
        the_workload_is_stopped=not machine.is_running,
        no_token_is_left_on_the_machine=machine.environment == '',
        no_secret_is_left=not opencti.secrets and not connector.secrets,
        the_connector_is_blocked_again=connector.state.unit_status.name == 'blocked',
    )

    log = [line for hook in model.hooks for line in hook.log]
    stored = [application.state.stored_states for application in model.applications]
    story.step(
        'Looking back',
        no_token_is_in_any_log=not any(secret in str(log) for secret in tokens),
        no_token_is_in_stored_state=not any(secret in str(stored) for secret in tokens),
    )
    return story.story
