# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What OpenCTI's end refuses at once."""

import ops
import pytest
from ops import testing

from opencti_connector import OpenctiRequires
from tests.round_trips import WRITES, counted

from ..conftest import MARK, TOKEN, URL, Context, TokenFactory, opencti_context
from ..requires_charm import endpoint_of, related


class TestArguments:
    @pytest.mark.parametrize('leader', [True, False])
    @pytest.mark.parametrize(
        ('url', 'token', 'problem'),
        [
            ('ftp://opencti.example', TOKEN, 'url: must be an http:// or https:// URL'),
            ('http://', TOKEN, 'url: must be an http:// or https:// URL'),
            ('', TOKEN, 'url: must be an http:// or https:// URL'),
            (TOKEN, TOKEN, 'url: must be an http:// or https:// URL'),
            (b'http://opencti', TOKEN, 'url: must be an http:// or https:// URL'),
            (None, TOKEN, 'url: must be an http:// or https:// URL'),
            (URL, '', 'token: must not be empty or blank'),
            (URL, ' \t', 'token: must not be empty or blank'),
            (URL, f'{TOKEN}\n', 'token: must not contain white space'),
            (URL, None, 'token: must be a string or a pydantic.SecretStr'),
            (URL, TOKEN.encode(), 'token: must be a string or a pydantic.SecretStr'),
        ],
    )
    def test_url_and_token(
        self, opencti: Context, url: str, token: str, problem: str, *, leader: bool
    ):
        state = testing.State(leader=leader, relations={related()})
        with opencti(opencti.on.start(), state) as manager:
            (connector,) = endpoint_of(manager).connectors
            with counted() as calls, pytest.raises(ValueError, match=f'^{problem}') as info:
                endpoint_of(manager).publish_connection(connector.relation, url=url, token=token)
            manager.run()
        assert not any(calls[write] for write in WRITES)
        assert MARK not in f'{info.value!r} {info.value.__cause__!r} {info.value.__context__!r}'

    @pytest.mark.parametrize('leader', [True, False])
    def test_a_relation_of_another_endpoint(self, *, leader: bool):
        endpoints = {
            'opencti-connector': {'interface': 'opencti_connector'},
            'database': {'interface': 'mysql_client'},
        }

        class Charm(ops.CharmBase):
            def __init__(self, framework: ops.Framework):
                super().__init__(framework)
                self.opencti_connector = OpenctiRequires(self)

        context = Context(Charm, {'name': 'opencti', 'requires': endpoints})
        relation = testing.Relation('database')
        make = TokenFactory()
        state = testing.State(leader=leader, relations={relation})
        with context(context.on.start(), state) as manager:
            (database,) = manager.charm.model.relations['database']
            endpoint = endpoint_of(manager)
            message = (
                "^relation: must belong to the endpoint 'opencti-connector', not to 'database'$"
            )
            with pytest.raises(ValueError, match=message):
                endpoint.publish_connection(database, url=URL, token=make)
            with pytest.raises(ValueError, match=message):
                endpoint.withdraw_connection(database)
            out = manager.run()
        assert out.get_relation(relation.id).local_app_data == {}
        assert make.made == []

    @pytest.mark.parametrize('relation', [None, 7, 'opencti-connector:7'])
    def test_something_that_is_not_a_relation(self, opencti: Context, relation: object):
        with opencti(opencti.on.start(), testing.State(leader=True)) as manager:
            endpoint = endpoint_of(manager)
            message = rf'^relation: must be an ops\.Relation, not {type(relation).__name__}$'
            with pytest.raises(TypeError, match=message):
                endpoint.publish_connection(relation, url=URL, token=TOKEN)  # type: ignore[arg-type]
            with pytest.raises(TypeError, match=message):
                endpoint.withdraw_connection(relation)  # type: ignore[arg-type]


class TestConstruction:
    def reason(self, *args: object, endpoint: dict[str, str] | None = None, **kwargs: object):
        class Charm(ops.CharmBase):
            def __init__(self, framework: ops.Framework):
                super().__init__(framework)
                OpenctiRequires(*(args or [self]), **kwargs)  # type: ignore[arg-type]

        context = opencti_context(Charm)
        if endpoint is not None:
            context = Context(Charm, {'name': 'opencti', 'requires': {'x': endpoint}})
        with pytest.raises(testing.errors.UncaughtCharmError) as info:
            context.run(context.on.start(), testing.State())
        return info.value.__cause__

    def test_an_endpoint_that_the_charm_does_not_require(self):
        error = self.reason(relation_name='opencti')
        assert isinstance(error, ValueError)
        assert str(error) == (
            "relation_name: the charm's metadata has no endpoint 'opencti' under 'requires'; "
            "add one with the interface 'opencti_connector'"
        )

    def test_an_endpoint_with_another_interface(self):
        error = self.reason(relation_name='x', endpoint={'interface': 'opencti-connector'})
        assert isinstance(error, ValueError)
        assert str(error) == (
            "relation_name: the endpoint 'x' has the interface 'opencti-connector' in the "
            "charm's metadata; it must be 'opencti_connector'"
        )

    @pytest.mark.parametrize(
        ('charm', 'kind'), [(ops.CharmBase, 'the class CharmBase'), (None, 'NoneType')]
    )
    def test_something_that_is_not_a_charm(self, charm: object, kind: str):
        error = self.reason(charm)
        assert isinstance(error, TypeError)
        assert str(error) == f'charm: must be the charm itself (self), not {kind}'
