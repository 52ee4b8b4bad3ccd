# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a charm can give to `ConnectorProvides`."""

from typing import Any

import ops
import pytest
from ops import testing

from opencti_connector import ConnectorProvides

from ..charms import Context

TYPES = (
    'connector_type: must be one of EXTERNAL_IMPORT, INTERNAL_ENRICHMENT, '
    'INTERNAL_IMPORT_FILE, INTERNAL_EXPORT_FILE, INTERNAL_ANALYSIS, STREAM'
)


@pytest.mark.parametrize(
    ('arguments', 'problem'),
    [
        ({'connector_type': 'EXTERNAL'}, TYPES),
        ({'connector_type': ''}, TYPES),
        ({'connector_type': None}, TYPES),
        ({'connector_type': 7}, TYPES),
        ({'connector_charm_name': 'a name'}, 'connector_charm_name: must be'),
        ({'relation_name': 'opencti'}, "no endpoint 'opencti' under 'provides'"),
        ({'relation_name': 'x'}, "it must be 'opencti_connector'"),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], problem: str):
    class Charm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            ConnectorProvides(self, **{'connector_type': 'STREAM', **arguments})

    interfaces = {'opencti-connector': 'opencti_connector', 'x': 'opencti-connector'}
    provides = {name: {'interface': interface} for name, interface in interfaces.items()}
    context = Context(Charm, {'name': 'a-connector', 'provides': provides})
    with pytest.raises(testing.errors.UncaughtCharmError) as info:
        context.run(context.on.start(), testing.State())
    assert isinstance(info.value.__cause__, ValueError)
    assert problem in str(info.value.__cause__)


@pytest.mark.parametrize('charm', [ops.CharmBase, None, 'self'])
def test_something_that_is_not_a_charm(charm: object):
    with pytest.raises(TypeError, match=r'^charm: must be the charm itself \(self\), not '):
        ConnectorProvides(charm, 'STREAM')  # type: ignore[arg-type]
