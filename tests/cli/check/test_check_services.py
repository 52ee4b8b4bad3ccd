# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`check --juju` and what Pebble runs beside a connector on Kubernetes."""

from typing import Any

from . import fake_juju
from .fake_juju import CONNECTOR, FakeJuju, answers, of


def test_on_machines_there_are_none(juju: FakeJuju, both_ends: Any):
    changed = of()
    changed['model']['type'] = 'iaas'
    juju.models[''] = answers(both_ends(), status=changed)
    assert juju.errors() == []
    assert not any(call.startswith('ssh') for call in juju.calls)


def test_a_container_of_another_name(juju: FakeJuju, both_ends: Any):
    juju.models[''] = answers(both_ends(), ssh={'worker': fake_juju.SERVICES})
    assert 'The service connector of crowdstrike/0 is active' in juju.check().stdout


def test_two_containers_of_other_names(juju: FakeJuju, both_ends: Any):
    juju.models[''] = answers(both_ends(), ssh={'a': fake_juju.SERVICES, 'b': 'x'})
    assert 'the service could not be looked at' in juju.check().stdout


def test_none_yet(juju: FakeJuju, both_ends: Any):
    juju.models[''] = answers(both_ends(), ssh={CONNECTOR: '\n'})
    assert 'crowdstrike/0 has no service yet' in juju.check().stdout
