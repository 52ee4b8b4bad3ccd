# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The connectors that are announced to OpenCTI's charm."""

import re

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorInvalidEvent, OpenctiRequires

from ..charms import Context, OpenctiCharm, opencti_context
from ..failures import forget_remote_application
from ..states import only_relation, relation, replace_relation
from ..values import DETAILS, TOKEN, URL
from .states import answerable, published, related

AVAILABLE, INVALID = 'connector_available', 'connector_invalid'


@pytest.mark.parametrize(
    'event', ['config_changed', 'leader_elected', 'update_status', 'upgrade_charm']
)
def test_each_connector_is_announced(opencti: Context, event: str):
    relations = {relation(id=0), related(id=3), related(id=1), related(id=2)}
    out = opencti.run(
        getattr(opencti.on, event)(), testing.State(leader=True, relations=relations)
    )
    assert opencti.emitted() == [AVAILABLE] * 3
    assert [e.relation_id for e in opencti.emitted_events[1:]] == [1, 2, 3]
    assert len(out.secrets) == 3


@pytest.mark.parametrize('event', ['created', 'joined', 'changed'])
def test_a_relations_event_concerns_that_relation_alone(opencti: Context, event: str):
    state = answerable(1, 2)
    make = getattr(opencti.on, f'relation_{event}')
    opencti.run(make(state.get_relation(1)), state)
    assert opencti.emitted() == [AVAILABLE]
    assert opencti.emitted_events[-1].relation_id == 1


@pytest.mark.parametrize('data', [{}, {'connector_charm_name': 'a'}, {'connector_type': 'STREAM'}])
def test_it_waits_for_incomplete_details(opencti: Context, data: dict[str, str]):
    changed = relation(remote_app_data=data)
    out = published(testing.State(leader=True, relations={changed}), opencti)
    assert opencti.emitted() == []
    assert not out.secrets


def test_the_remote_application_is_not_known_yet(
    opencti: Context, monkeypatch: pytest.MonkeyPatch
):
    created = relation(id=7, remote_app_name='later')
    state = testing.State(leader=True, relations={created})
    with monkeypatch.context() as patch:
        forget_remote_application(patch)
        state = opencti.run(opencti.on.relation_created(created), state)
    assert opencti.emitted() == []

    state = published(replace_relation(state, remote_app_data=DETAILS))
    assert len(state.secrets) == 1
    broken = opencti_context()
    broken.run(broken.on.relation_broken(only_relation(state)), state)
    assert OpenctiCharm.removed == [(7, 'charm-connector-later-7')]


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('connector_type', 'ROOT'),
        ('connector_type', 'INTERNAL_EXPORT_FILE '),
        ('connector_charm_name', 'x' * 65536),
        ('connector_charm_name', 'a\nb'),
        ('connector_id', TOKEN),
    ],
)
def test_unusable_details_are_refused(opencti: Context, field: str, value: str):
    wrong = related(remote_app_data={**DETAILS, field: value})
    neighbour = related(remote_app_name='neighbour')
    out = opencti.run(
        opencti.on.config_changed(), testing.State(leader=True, relations={wrong, neighbour})
    )
    assert sorted(opencti.emitted()) == [AVAILABLE, INVALID]
    (event,) = [e for e in opencti.emitted_events if isinstance(e, ConnectorInvalidEvent)]
    assert (event.relation_name, event.relation_id) == ('opencti-connector', wrong.id)
    assert re.match(rf'{field}: must be', event.error)
    assert value not in event.error
    assert len(event.error) < 200
    assert out.get_relation(wrong.id).local_app_data == {}
    assert len(out.secrets) == 1


def test_two_endpoints_in_one_charm():
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            for name in ('first', 'second'):
                endpoint = OpenctiRequires(self, relation_name=name)
                framework.observe(endpoint.on.connector_available, self._on_available)
                setattr(self, name, endpoint)

        def _on_available(self, event: ops.EventBase):
            endpoint = getattr(self, event.relation_name)
            endpoint.publish_connection(event.relation, url=URL, token=TOKEN)

    context = opencti_context(Charm, 'first', 'second')
    relations = {
        testing.Relation(name, 'opencti_connector', id=i, remote_app_data=DETAILS)
        for i, name in enumerate(('first', 'second'))
    }
    out = context.run(context.on.config_changed(), testing.State(leader=True, relations=relations))
    assert context.emitted() == [AVAILABLE, AVAILABLE]
    assert {secret.label for secret in out.secrets} == {'first-token-0', 'second-token-1'}
