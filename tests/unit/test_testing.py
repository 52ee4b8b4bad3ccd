# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The helpers for charms' own tests, tried as a charm author would use them."""

import importlib
import sys
import typing
from typing import Any

import pytest
from ops import testing

import opencti_connector.testing
from opencti_connector import ConnectorType
from opencti_connector.testing import (
    CONNECTOR_ID,
    OPENCTI_URL,
    ConnectorProblem,
    OpenctiProblem,
    relation_for_provider,
    relation_for_requirer,
)
from tests.round_trips import WRITES, counted

from .charms import ConnectorCharm, Context, connector_context, opencti_context
from .states import only_relation
from .values import MARK, NEW_TOKEN, TOKEN


def changed(
    context: Context, relation: testing.Relation, secrets: Any
) -> tuple[list[str], testing.State]:
    """The events that a charm gets of a relation, and the state after them."""
    state = testing.State(leader=True, relations={relation}, secrets=secrets)
    out = context.run(context.on.relation_changed(relation), state)
    return context.emitted(), out


class TestForProvider:
    def run(self, **kwargs: Any) -> testing.State:
        _, out = changed(connector_context(), *relation_for_provider(**{'token': TOKEN, **kwargs}))
        return out

    def test_all_is_well_by_default(self):
        out = self.run()
        assert out.unit_status == testing.ActiveStatus()
        assert ConnectorCharm.seen == [(OPENCTI_URL, TOKEN)]
        assert only_relation(out).local_app_data['connector_id'] == CONNECTOR_ID
        assert only_relation(out).remote_app_name == 'opencti'

    PROBLEMS: typing.ClassVar[dict[str, tuple[str, str]]] = {
        'no-data': ('waiting', 'waiting for opencti_url and opencti_token'),
        'no-token': ('waiting', 'waiting for opencti_token'),
        'secret-unavailable': ('waiting', 'waiting for access to the secret with the token'),
        'secret-without-token': ('blocked', "opencti_token: the secret has no key 'token'"),
        'secret-with-empty-token': ('blocked', 'opencti_token: in the secret, token: must not be'),
        'token-instead-of-secret': ('blocked', 'opencti_token: must be the id of a Juju secret'),
        'url-invalid': ('blocked', 'opencti_url: must be an http:// or https:// URL'),
        'url-malformed': ('blocked', 'opencti_url: must be an http:// or https:// URL'),
    }

    @pytest.mark.parametrize('problem', typing.get_args(OpenctiProblem))
    def test_each_problem_has_a_name(self, problem: OpenctiProblem):
        out = self.run(problem=problem)
        status, message = self.PROBLEMS[problem]
        assert out.unit_status.name == status
        assert out.unit_status.message.startswith(message)
        assert ConnectorCharm.seen == []

    def test_each_part_can_be_another(self):
        out = self.run(
            url='HTTPS://Opencti.Example/prefix',
            token=f'{MARK}-1',
            new_token=f'{MARK}-2',
            secret_id='secret://59060ecc-0495-4a80-8006-5f1fc13fd783/cjqub6vubg2s77p3',
            connector_id=None,
            remote_app_name='platform',
            id=42,
        )
        assert ConnectorCharm.seen == [('HTTPS://Opencti.Example/prefix', f'{MARK}-2')]
        relation = only_relation(out)
        assert (relation.id, relation.remote_app_name) == (42, 'platform')
        assert relation.local_app_data['connector_id'] != CONNECTOR_ID
        (secret,) = out.secrets
        assert secret.id.startswith('secret://59060ecc')

    def test_the_endpoint_and_the_databags_can_be_others(self):
        relation, _ = relation_for_provider(
            'another', remote_app_data={'opencti_url': 'x'}, local_app_data={'connector_id': 'y'}
        )
        assert (relation.endpoint, relation.interface) == ('another', 'opencti_connector')
        assert relation.remote_app_data == {'opencti_url': 'x'}
        assert relation.local_app_data == {'connector_id': 'y'}


class TestForRequirer:
    def run(self, **kwargs: Any) -> tuple[list[str], testing.State]:
        return changed(opencti_context(), *relation_for_requirer(**kwargs))

    def test_all_is_well_by_default(self):
        relation, secrets = relation_for_requirer()
        assert relation.endpoint == 'opencti-connector'
        assert relation.interface == 'opencti_connector'
        assert relation.remote_app_name == 'connector'
        assert relation.remote_app_data == {
            'connector_charm_name': 'opencti-test-connector',
            'connector_type': 'EXTERNAL_IMPORT',
            'connector_id': CONNECTOR_ID,
        }
        assert not secrets
        emitted, out = self.run()
        assert emitted == ['connector_available']
        (secret,) = out.secrets
        assert only_relation(out).local_app_data['opencti_token'] == secret.id

    PROBLEMS: typing.ClassVar[dict[str, list[str]]] = {
        'no-data': [],
        'no-type': [],
        'type-unknown': ['connector_invalid'],
        'charm-name-unusable': ['connector_invalid'],
        'connector-id-unusable': ['connector_invalid'],
    }

    @pytest.mark.parametrize('problem', typing.get_args(ConnectorProblem))
    def test_each_problem_has_a_name(self, problem: ConnectorProblem):
        emitted, out = self.run(problem=problem)
        assert emitted == self.PROBLEMS[problem]
        assert not out.secrets

    def test_each_part_can_be_another(self):
        relation, secrets = relation_for_requirer(
            connector_charm_name='a-charm',
            connector_type=ConnectorType.STREAM,
            connector_id=None,
            remote_app_name='an-app',
            id=42,
        )
        assert relation.remote_app_data == {
            'connector_charm_name': 'a-charm',
            'connector_type': 'STREAM',
        }
        assert (relation.id, relation.remote_app_name) == (42, 'an-app')
        assert relation.local_app_data == {}
        assert not secrets

    def test_what_was_published_before_is_complete(self):
        relation, secrets = relation_for_requirer(
            published_url=OPENCTI_URL, published_token=TOKEN, id=7
        )
        (secret,) = secrets
        assert secret.owner in ('app', 'application')  # As ops 3 and ops 2 call it.
        assert secret.label == 'opencti-connector-token-7'
        assert secret.remote_grants == {7: {'connector'}}
        with counted() as calls:
            _, out = changed(opencti_context(), relation, secrets)
        # Juju is asked for what is already there, so it changes nothing.
        assert {name for name in WRITES if calls[name]} == {'secret_grant', 'secret_set'}
        assert (out.relations, out.secrets) == ({relation}, secrets)

    def test_only_the_url_was_published_before(self):
        relation, secrets = relation_for_requirer(published_url=OPENCTI_URL)
        assert relation.local_app_data == {'opencti_url': OPENCTI_URL}
        assert not secrets

    @pytest.mark.parametrize('token', [TOKEN, NEW_TOKEN])
    def test_what_was_published_before_is_kept(self, token: str):
        relation, secrets = relation_for_requirer(
            published_url=OPENCTI_URL, published_token=token, local_app_data={'more': 'of it'}
        )
        _, out = changed(opencti_context(), relation, secrets)
        (before,), (after,) = secrets, out.secrets
        assert after.id == before.id
        assert after.latest_content == {'token': TOKEN}
        assert only_relation(out).local_app_data == {
            'opencti_url': OPENCTI_URL,
            'opencti_token': before.id,
            'more': 'of it',
        }


@pytest.mark.parametrize(
    ('make', 'known'), [(relation_for_provider, 'no-tok'), (relation_for_requirer, 'no-typ')]
)
def test_an_unknown_problem(make: Any, known: str):
    with pytest.raises(ValueError, match=rf"^problem: 'no-luck' is not one of no-data, {known}"):
        make(problem='no-luck')


def test_without_the_testing_framework_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, 'ops.testing', None)
    monkeypatch.delitem(sys.modules, 'opencti_connector.testing')
    with pytest.raises(ImportError, match=r"install 'opencti-connector\[testing\]'"):
        importlib.import_module('opencti_connector.testing')
    assert opencti_connector.testing.INTERFACE == 'opencti_connector'
