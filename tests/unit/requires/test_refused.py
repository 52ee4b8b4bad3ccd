# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What OpenCTI's end refuses at once."""

from typing import Any

import ops
import pytest
from ops import testing

from opencti_connector import OpenctiRequires
from tests.round_trips import WRITES, counted

from ..charms import Context, OpenctiCharm, opencti_context
from ..states import only_relation
from ..values import MARK, TOKEN, URL, TokenFactory
from .calls import endpoint_of
from .states import related

NOT_A_URL = 'url: must be an http:// or https:// URL'


class TestArguments:
    @pytest.mark.parametrize('leader', [True, False])
    @pytest.mark.parametrize(
        ('url', 'token', 'problem'),
        [
            ('ftp://opencti.example', TOKEN, NOT_A_URL),
            ('http://', TOKEN, NOT_A_URL),
            ('', TOKEN, NOT_A_URL),
            (TOKEN, TOKEN, NOT_A_URL),
            (b'http://opencti', TOKEN, NOT_A_URL),
            (None, TOKEN, NOT_A_URL),
            (URL, '', 'token: must not be empty or blank'),
            (URL, ' \t', 'token: must not be empty or blank'),
            (URL, f'{TOKEN}\n', 'token: must not contain white space'),
            (URL, None, 'token: must be a string or a pydantic.SecretStr'),
            (URL, TOKEN.encode(), 'token: must be a string or a pydantic.SecretStr'),
        ],
    )
    def test_url_and_token(
        self, opencti: Context, url: str, token: str, problem: str, leader: bool
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
    @pytest.mark.parametrize(
        ('of', 'error', 'problem'),
        [
            (
                'database',
                ValueError,
                "must belong to the endpoint 'opencti-connector', not to 'database'",
            ),
            (None, TypeError, r'must be an ops\.Relation, not NoneType'),
            (7, TypeError, r'must be an ops\.Relation, not int'),
            ('opencti-connector:7', TypeError, r'must be an ops\.Relation, not str'),
        ],
    )
    def test_a_relation(
        self, leader: bool, of: object, error: type[Exception], problem: str, make: TokenFactory
    ):
        context = opencti_context(OpenctiCharm, 'opencti-connector', 'database')
        another = testing.Relation('database', 'opencti_connector')
        state = testing.State(leader=leader, relations={another})
        with context(context.on.start(), state) as manager:
            relation: Any = of
            if of == 'database':
                (relation,) = manager.charm.model.relations['database']
            endpoint = endpoint_of(manager)
            with pytest.raises(error, match=f'^relation: {problem}$'):
                endpoint.publish_connection(relation, url=URL, token=make)
            with pytest.raises(error, match=f'^relation: {problem}$'):
                endpoint.withdraw_connection(relation)
            out = manager.run()
        assert only_relation(out).local_app_data == {}
        assert make.made == []


@pytest.mark.parametrize(
    ('arguments', 'error', 'problem'),
    [
        (
            {'relation_name': 'opencti'},
            ValueError,
            "relation_name: the charm's metadata has no endpoint 'opencti' under 'requires'; "
            "add one with the interface 'opencti_connector'",
        ),
        (
            {'relation_name': 'x'},
            ValueError,
            "relation_name: the endpoint 'x' has the interface 'opencti-connector' in the "
            "charm's metadata; it must be 'opencti_connector'",
        ),
        (
            {'charm': ops.CharmBase},
            TypeError,
            'charm: must be the charm itself (self), not the class CharmBase',
        ),
        ({'charm': None}, TypeError, 'charm: must be the charm itself (self), not NoneType'),
    ],
)
def test_construction(arguments: dict[str, Any], error: type[Exception], problem: str):
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            OpenctiRequires(**{'charm': self, **arguments})

    requires = {'x': {'interface': 'opencti-connector'}}
    context = Context(Charm, {'name': 'opencti', 'requires': requires})
    with pytest.raises(testing.errors.UncaughtCharmError) as info:
        context.run(context.on.start(), testing.State())
    assert isinstance(info.value.__cause__, error)
    assert str(info.value.__cause__) == problem
