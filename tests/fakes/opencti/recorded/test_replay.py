# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The platform answers as running ones of its version did; `make platform` asks one anew."""

from collections.abc import Callable, Iterator

import pytest

from fakes.opencti import ADMIN_TOKEN, CURRENT, Fault, Platform
from fakes.opencti.state import State
from tests.platform.person import Person

from . import asking

PREFIX = 'charm-connector-of-a-test-'
ARRANGED: dict[str, Callable[[Platform], None]] = {
    'an upgrade': lambda platform: platform.state.upgrade(CURRENT),
    'a connector': lambda platform: None,
    'no search engine': lambda platform: platform.faults.append(Fault.NO_SEARCH),
    'a search engine that starts': lambda platform: platform.faults.append(Fault.SEARCH_STARTS),
}


@pytest.fixture(scope='module')
def server() -> Iterator[Platform]:
    with Platform(base_path='/opencti') as platform:
        yield platform


@pytest.mark.parametrize('script', asking.SCRIPTS, ids=str)
@pytest.mark.parametrize('version', asking.VERSIONS)
def test_it_answers_as_recorded(server: Platform, version: str, script: asking.Script):
    if not script.holds_for(version):
        pytest.skip('not recorded')
    server.state = State(version, ADMIN_TOKEN)
    server.faults.clear()
    person = Person(server.url, ADMIN_TOKEN)
    differences = asking.run(script, person, PREFIX, lambda need: ARRANGED[need](server))
    assert list(differences) == []


@pytest.mark.parametrize(
    ('recorded', 'answer'),
    [
        ({'name': 'a'}, {'name': 'b'}),
        ({'name': '*'}, {}),
        ({'errors': None}, {'errors': []}),
        ({'cursor': '!an-id'}, {'cursor': 'an-id'}),
        ([{'name': 'a'}, {'name': 'b'}], [{'name': 'b'}]),
        ([{'name': 'a'}], [{'name': 'b'}, {'name': 'a'}]),
    ],
    ids=str,
)
def test_a_difference_is_seen(recorded: object, answer: object):
    assert list(asking._differences(recorded, answer, 'there'))
