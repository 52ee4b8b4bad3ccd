# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

from typing import Any

import pytest

from opencti_connector._environment import BooleanStyle, config_environment, proxy_environment

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
    assert config_environment({'an-option': value}, style) == {'AN_OPTION': expected}


def test_options_keep_their_order_and_become_constants():
    config = {'crowdstrike-tlp': 'x', 'already_snake': 'y', 'UPPER': 'z', 'a-b_c-d': 'w'}
    assert list(config_environment(config, 'json').items()) == [
        ('CROWDSTRIKE_TLP', 'x'),
        ('ALREADY_SNAKE', 'y'),
        ('UPPER', 'z'),
        ('A_B_C_D', 'w'),
    ]


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
    ],
)
def test_opencti_is_reached_without_the_proxy(url: str, no_proxy: str, expected: str):
    variables = {'JUJU_CHARM_HTTP_PROXY': HTTP, 'JUJU_CHARM_NO_PROXY': no_proxy}
    environment = proxy_environment(variables, url)
    assert environment['NO_PROXY'] == environment['no_proxy'] == expected
