# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

import enum
from typing import Any

import pytest

from opencti_connector._workload.environment import (
    BooleanStyle,
    as_text,
    proxy_environment,
    variable_name,
)

URL = 'http://opencti.example:8080/prefix'


@pytest.mark.parametrize(
    ('value', 'style', 'expected'),
    [
        (True, 'json', 'true'),
        (False, 'json', 'false'),
        (True, 'python', 'True'),
        (False, 'python', 'False'),
        (0, 'json', '0'),
        (1, 'python', '1'),
        (-5, 'json', '-5'),
        (0.0, 'json', '0.0'),
        (0.75, 'json', '0.75'),
        (1e16, 'json', '1e+16'),
        ('', 'json', ''),
        ('True', 'json', 'True'),
        ('näïve ✓\n$HOME "x"', 'json', 'näïve ✓\n$HOME "x"'),
    ],
)
def test_each_value_is_spelled_out(value: Any, style: BooleanStyle, expected: str):
    assert as_text('AN_OPTION', value, style) == expected


def test_a_member_of_an_enum_becomes_its_value():
    class Level(str, enum.Enum):
        INFO = 'info'

    assert as_text('LEVEL', Level.INFO, 'json') == 'info'


@pytest.mark.parametrize('value', [None, b'bytes', ['my-value'], {'my-value': 1}, object()])
def test_a_value_that_is_not_text_is_named_but_not_shown(value: object):
    with pytest.raises(TypeError, match='environment variable NAME: must be a str') as info:
        as_text('NAME', value, 'json')
    assert 'my-value' not in str(info.value)
    assert type(value).__name__ in str(info.value)


@pytest.mark.parametrize(
    ('option', 'variable'),
    [
        ('crowdstrike-tlp', 'CROWDSTRIKE_TLP'),
        ('already_snake', 'ALREADY_SNAKE'),
        ('UPPER', 'UPPER'),
        ('a-b_c-d2', 'A_B_C_D2'),
    ],
)
def test_options_become_constants(option: str, variable: str):
    assert variable_name(option) == variable


@pytest.mark.parametrize('option', ['a.b', 'näme', '2nd', '', 'a b', 'a\n'])
def test_a_name_that_no_shell_can_read(option: str):
    with pytest.raises(ValueError, match='rename the option'):
        variable_name(option)


@pytest.mark.parametrize('name', ['', 'A=B', 'A\0'])
def test_a_name_that_no_variable_can_have(name: str):
    with pytest.raises(ValueError, match='no variable can have this name'):
        as_text(name, 'a', 'json')


HTTP = 'http://proxy.example:3128'
HTTPS = 'http://secure-proxy.example:3128'


@pytest.mark.parametrize(
    ('juju', 'expected'),
    [
        ({}, {}),
        ({'NO_PROXY': '10.0.0.0/8'}, {}),
        ({'HTTP_PROXY': '', 'HTTPS_PROXY': ''}, {}),
        ({'HTTP_PROXY': HTTP}, {'HTTP_PROXY': HTTP, 'NO_PROXY': 'opencti.example'}),
        ({'HTTPS_PROXY': HTTPS}, {'HTTPS_PROXY': HTTPS, 'NO_PROXY': 'opencti.example'}),
        (
            {'HTTP_PROXY': HTTP, 'HTTPS_PROXY': HTTPS, 'NO_PROXY': 'localhost,10.0.0.0/8'},
            {
                'HTTP_PROXY': HTTP,
                'HTTPS_PROXY': HTTPS,
                'NO_PROXY': 'localhost,10.0.0.0/8,opencti.example',
            },
        ),
        (
            {'HTTP_PROXY': HTTP, 'NO_PROXY': ''},
            {'HTTP_PROXY': HTTP, 'NO_PROXY': 'opencti.example'},
        ),
    ],
)
def test_proxies(juju: dict[str, str], expected: dict[str, str]):
    variables = {f'JUJU_CHARM_{name}': value for name, value in juju.items()}
    both_cases = {**expected, **{name.lower(): value for name, value in expected.items()}}
    assert proxy_environment({**variables, 'HTTP_PROXY': 'not this one'}, URL) == both_cases


@pytest.mark.parametrize(
    ('url', 'no_proxy', 'expected'),
    [
        (URL, 'opencti.example,localhost', 'opencti.example,localhost'),
        (URL, 'localhost, OpenCTI.example', 'localhost, OpenCTI.example'),
        (URL, 'localhost,,', 'localhost,opencti.example'),
        (URL, 'my-opencti.example', 'my-opencti.example,opencti.example'),
        ('http://[2001:db8::1]:8080', 'localhost', 'localhost,2001:db8::1'),
        ('http://[2001:DB8::1]', '2001:db8::1', '2001:db8::1'),
        ('https://user@Opencti.Example/', 'localhost', 'localhost,opencti.example'),
        (URL, '*', '*'),
        (URL, ' * ', '*'),
        (URL, 'localhost, *', '*'),
        (URL, '*.example', '*.example,opencti.example'),
    ],
)
def test_opencti_is_reached_without_the_proxy(url: str, no_proxy: str, expected: str):
    variables = {'JUJU_CHARM_HTTP_PROXY': HTTP, 'JUJU_CHARM_NO_PROXY': no_proxy}
    environment = proxy_environment(variables, url)
    assert environment['NO_PROXY'] == environment['no_proxy'] == expected
