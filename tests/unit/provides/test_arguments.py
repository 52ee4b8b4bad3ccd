# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a charm can give to `ConnectorProvides`."""

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides

from ..conftest import Context, connector_context


def construct(*args: object, **kwargs: object) -> None:
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            ConnectorProvides(self, *args, **kwargs)

    context = connector_context(Charm)
    with context(context.on.start(), testing.State()):
        pass


def reason(info: pytest.ExceptionInfo[BaseException]) -> BaseException:
    cause = info.value.__cause__
    assert cause is not None
    return cause


@pytest.mark.parametrize('connector_type', ['EXTERNAL', '', None, 7])
def test_an_unknown_type_lists_the_known_ones(connector_type: object):
    with pytest.raises(testing.errors.UncaughtCharmError) as info:
        construct(connector_type)
    error = reason(info)
    assert isinstance(error, ValueError)
    assert str(error) == (
        'connector_type: must be one of EXTERNAL_IMPORT, INTERNAL_ENRICHMENT, '
        'INTERNAL_IMPORT_FILE, INTERNAL_EXPORT_FILE, INTERNAL_ANALYSIS, STREAM'
    )


def test_an_unusable_charm_name():
    with pytest.raises(testing.errors.UncaughtCharmError) as info:
        construct('STREAM', connector_charm_name='a name')
    assert isinstance(reason(info), ValueError)
    assert str(reason(info)).startswith('connector_charm_name: must be')


def test_an_endpoint_that_the_charm_does_not_provide():
    with pytest.raises(testing.errors.UncaughtCharmError) as info:
        construct('STREAM', relation_name='opencti')
    assert isinstance(reason(info), ValueError)
    assert "no endpoint 'opencti' under 'provides'" in str(reason(info))


def test_an_endpoint_with_another_interface():
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            ConnectorProvides(self, 'STREAM', relation_name='x')

    endpoint = {'interface': 'opencti-connector'}
    context = Context(Charm, {'name': 'a-connector', 'provides': {'x': endpoint}})
    with pytest.raises(testing.errors.UncaughtCharmError) as info:
        context.run(context.on.start(), testing.State())
    assert isinstance(reason(info), ValueError)
    assert "it must be 'opencti_connector'" in str(reason(info))


@pytest.mark.parametrize('charm', [ops.CharmBase, None, 'self'])
def test_something_that_is_not_a_charm(charm: object):
    with pytest.raises(TypeError, match=r'^charm: must be the charm itself \(self\), not '):
        ConnectorProvides(charm, 'STREAM')  # type: ignore[arg-type]
