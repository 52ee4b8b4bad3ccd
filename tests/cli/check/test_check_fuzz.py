# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Whatever the input is: no token, no traceback, and the right exit code."""

import json
import string
from typing import Any

import hypothesis
import yaml
from hypothesis import strategies as st

from opencti_connector import InvalidRelationData, OpenctiConnectorError
from opencti_connector._relation.schema import ConnectionData, ConnectorDetails

from . import dumps

_settings = hypothesis.settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)

_ALPHANUMERIC = string.ascii_letters + string.digits

tokens = st.one_of(
    st.uuids(version=4).map(str),
    st.text(_ALPHANUMERIC, min_size=64, max_size=64).map('flgrn_octi_tkn_'.__add__),
    st.text(_ALPHANUMERIC, min_size=32, max_size=48),
    st.text('0123456789abcdef', min_size=32, max_size=64),
)
# All that could happen to a token on its way into a databag.
_DISGUISES = (
    '{}',
    '"{}"',
    ' {} ',
    'secret:{}',
    'secret://{}',
    'secret://{0}/{0}',
    'secret:d2mq7mrubg2s77p3nio0/{}',
    'http://{}',
    'http://{}@opencti',
    'http://opencti/{}',
    'http://opencti/?token={}',
    'http://opencti#{}',
    'http://{}.example.com:8080',
    'Bearer {}',
    'opencti-{}-connector',
    'remote-{}',
    '{}/0',
    'a/{}',
    '{}\x1b[31m[red]',
    '{}\ud800',
)
_PLACES = (
    'connector_charm_name',
    'connector_type',
    'connector_id',
    'opencti_url',
    'opencti_token',
    'another-key',
)


@st.composite
def hidden(draw: st.DrawFn, token: str) -> str:
    return draw(st.sampled_from(_DISGUISES)).format(token)


@st.composite
def databags(draw: st.DrawFn, token: str) -> dict[str, str]:
    whole = draw(st.sampled_from([{}, dumps.DETAILS, dumps.CONNECTION]))
    kept = {key: value for key, value in whole.items() if draw(st.booleans())}
    keys = st.one_of(st.sampled_from(_PLACES), hidden(token))
    return kept | draw(st.dictionaries(keys, hidden(token), max_size=3))


@st.composite
def relations(draw: st.DrawFn, token: str) -> dict[str, Any]:
    units = draw(
        st.dictionaries(
            st.sampled_from(['opencti/0', 'crowdstrike/0', 'other/1', f'remote-{"ab" * 16}/0']),
            databags(token),
            max_size=2,
        )
    )
    endpoints = st.sampled_from(['opencti-connector', 'octi']) | hidden(token)
    info = dumps.relation(
        draw(databags(token)),
        units,
        relation_id=draw(st.integers(0, 2)),
        endpoint=draw(endpoints),
        related_endpoint=draw(endpoints),
    )
    return info | {'local-unit': {'data': draw(databags(token))}}


@st.composite
def shaped(draw: st.DrawFn, token: str) -> dict[str, Any]:
    """Has the shape of a dump; a token may be anywhere that is free text."""
    charms = st.sampled_from(['opencti', 'opencti-crowdstrike-connector']) | hidden(token)
    names = st.sampled_from(['opencti/0', 'opencti/1', 'crowdstrike/0'])
    return {
        name: dumps.unit(draw(charms), *draw(st.lists(relations(token), max_size=2)))
        for name in draw(st.lists(names, min_size=1, max_size=3, unique=True))
    }


@st.composite
def misshapen(draw: st.DrawFn, token: str) -> Any:
    """A dump in which one key or value, anywhere, is something else."""
    dump = draw(shaped(token))
    place: Any = dump
    while True:
        key = draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
        if not (isinstance(place[key], (dict, list)) and place[key]) or draw(st.booleans()):
            break
        place = place[key]
    value = draw(st.one_of(hidden(token), st.none(), st.integers(), st.just([token]), st.just({})))
    if isinstance(place, dict) and draw(st.booleans()):
        key = draw(hidden(token))
    place[key] = value
    return dump


def written(draw: st.DrawFn, dump: Any) -> str:
    """A dump as text, maybe cut short; YAML cannot hold each character."""
    text = json.dumps(dump)
    if draw(st.booleans()):
        text = yaml.safe_dump(json.loads(text))
    return text[: draw(st.integers(0, len(text)))] if draw(st.integers(0, 9)) == 0 else text


@st.composite
def inputs(draw: st.DrawFn) -> tuple[str, str]:
    token = draw(tokens)
    dump = draw(st.one_of(shaped(token), shaped(token), misshapen(token), hidden(token)))
    return token, written(draw, dump)


@_settings
@hypothesis.given(inputs(), st.sampled_from(['text', 'json']))
def test_no_token_shows_up(given: tuple[str, str], style: str):
    token, text = given
    result = dumps.check(text, '--format', style)
    assert token.lower() not in result.output.lower()
    assert '\x1b' not in result.output
    assert result.exit_code in (0, 1, 2)
    if result.exit_code == 2:
        assert not result.stdout
        assert result.stderr.startswith('Error: standard input ')
    elif style == 'json':
        found = json.loads(result.stdout)
        is_wrong = any(f['level'] == 'error' for f in dumps.findings(found))
        assert (found['ok'], result.exit_code) == (not is_wrong, int(is_wrong))
    else:
        assert ('\n  error  ' in f'\n{result.stdout}') is (result.exit_code == 1)


@_settings
@hypothesis.given(
    st.one_of(st.binary(), st.text().map(lambda text: text.encode('utf-8', 'replace')))
)
def test_any_bytes(data: bytes):
    assert dumps.check(data).exit_code == 2


_values = st.one_of(
    st.sampled_from(
        [
            *dumps.DETAILS.values(),
            *dumps.CONNECTION.values(),
            '',
            'external-import',
            'https://opencti/x?y#z',
            'http://[bad',
            'secret:x',
        ]
    ),
    st.text(max_size=8),
)
_databags = st.fixed_dictionaries(
    {}, optional=dict.fromkeys((*dumps.DETAILS, *dumps.CONNECTION, 'x'), _values)
)


def refusal(model: Any, databag: dict[str, str]) -> OpenctiConnectorError | None:
    try:
        model.read(databag)
    except OpenctiConnectorError as error:
        return error
    return None


@_settings
@hypothesis.given(_databags, _databags)
def test_the_command_and_the_charm_agree(details: dict[str, str], connection: dict[str, str]):
    details = {key: value for key, value in details.items() if key not in dumps.CONNECTION}
    connection = {key: value for key, value in connection.items() if key not in dumps.DETAILS}
    found = dumps.errors(dumps.in_juju_4(details, connection))
    for side, model, databag in (
        ('connector', ConnectorDetails, details),
        ('opencti', ConnectionData, connection),
    ):
        told = [code for code, of_side, _, _ in found if of_side in (side, None)]
        error = refusal(model, databag)
        if error is not None:
            assert told
            if isinstance(error, InvalidRelationData):
                assert {'unusable', 'json', 'token-published'} & set(told)
        else:
            # The library takes any id that looks like a secret's, the command those of Juju.
            assert told in ([], ['token-published'])
