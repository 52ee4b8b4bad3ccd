# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""`python -m tests.platform` asks an OpenCTI, and leaves it as it was."""

import os
import pathlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from fakes.opencti import ACTIVE, BEFORE_TOKENS, CURRENT, Platform

from .__main__ import main

REAL = 'the-token-of-the-real-administrator'
ROOT = pathlib.Path(__file__).parents[2]
FEW = '-k', 'renamed_by_hand_gets and whole or switches_off_accounts'


class Production:
    """An OpenCTI with connectors that must not be disturbed."""

    def __init__(self, platform: Platform):
        self.platform = platform
        state = platform.state
        for name in ('charm-connector-mitre-7', 'charm-connector-urlhaus-7'):
            address = f'{name}@connectors.invalid'
            fields = {'name': name, 'user_email': address, 'user_service_account': True}
            user = state.add_user({**fields, 'groups': [state.group_named('Connectors').id]})
            state.add_token(user, 'in use', None)
        self.before = self.now

    @property
    def now(self) -> list[tuple[str, ...]]:
        """What must not change."""
        return [
            (
                user.id,
                user.name,
                user.user_email,
                user.account_status,
                *(group.name for group in user.groups),
                *(token.id for token in user.api_tokens),
            )
            for user in self.platform.state.users
        ]

    def assert_unharmed(self) -> None:
        assert self.now == self.before
        assert len(self.before) == 3
        assert {status for _, _, _, status, *_ in self.before} == {ACTIVE}


@pytest.fixture
def production() -> Iterator[Production]:
    with Platform(CURRENT, admin_token=REAL, base_path='/opencti') as platform:
        yield Production(platform)


def command(url: str, token: str, *arguments: str) -> 'subprocess.Popen[str]':
    return subprocess.Popen(
        [sys.executable, '-m', 'tests.platform', *arguments],
        cwd=ROOT,
        env={**os.environ, 'OPENCTI_URL': url, 'OPENCTI_ADMIN_TOKEN': token},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(url: str, token: str, *arguments: str) -> tuple[int, str, str]:
    """Run it, and return its exit status, what it printed, and what it complained about."""
    with command(url, token, *arguments) as process:
        out, complaint = process.communicate()
    assert REAL not in out + complaint
    return process.returncode, out, complaint


@pytest.mark.parametrize('version', [CURRENT, BEFORE_TOKENS])
def test_nothing_differs_and_nothing_is_left(production: Production, version: str):
    if version == BEFORE_TOKENS:
        production.platform.state.version = version
    status, out, _ = run(production.platform.url, REAL, *FEW)
    assert 'nothing differs' in out
    assert status == 0, out
    assert out.index('no others') < out.index('passed')
    production.assert_unharmed()


def test_after_a_failure_nothing_is_left(production: Production):
    # This OpenCTI has no group Default, and no group is a member's by default.
    state = production.platform.state
    state.groups = [group for group in state.groups if group.name != 'Default']
    for user in state.users:
        user.groups = [group for group in user.groups if group.name != 'Default']
    production.before = production.now
    status, out, _ = run(production.platform.url, REAL, *FEW)
    assert status == 1
    assert 'member-of-default: ' in out
    production.assert_unharmed()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_after_an_interruption_nothing_is_left(production: Production, number: signal.Signals):
    has_begun = threading.Event()

    def look() -> None:
        if len(production.platform.state.users) > len(production.before):
            has_begun.set()

    production.platform.after_each = look
    with command(production.platform.url, REAL) as process:
        assert has_begun.wait(120)
        process.send_signal(number)
        out, complaint = process.communicate()
    assert process.returncode == 1
    assert 'All accounts of the tests are deleted.' in out + complaint
    assert 'The answers' not in out
    assert REAL not in out + complaint
    production.assert_unharmed()


@pytest.mark.parametrize(
    ('url', 'token', 'words'),
    [
        ('', REAL, 'make platform OPENCTI_URL='),
        ('{url}', '', 'make platform OPENCTI_URL='),
        ('{url}', f'{REAL}\n', 'make platform OPENCTI_URL='),
        ('{url}', 'another', 'does not let the token see its accounts'),
        ('http://127.0.0.1:1', REAL, 'gives no answer'),
        ('no-url', REAL, 'gives no answer'),
    ],
)
def test_it_refuses_in_one_line(
    production: Production,
    url: str,
    token: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv('OPENCTI_URL', url.format(url=production.platform.url))
    monkeypatch.setenv('OPENCTI_ADMIN_TOKEN', token)
    assert main([]) == 2
    out, complaint = capsys.readouterr()
    assert out == ''
    assert words in complaint
    assert len(complaint.splitlines()) == 1
    assert REAL not in complaint
    production.assert_unharmed()


def test_what_cannot_be_deleted_is_named(production: Production):
    deleted = threading.Event()

    def take_the_right_away() -> None:
        users = production.platform.state.users
        if len(users) > len(production.before) and not deleted.is_set():
            deleted.set()
            users[0].groups[0].capabilities -= {'SETTINGS_SETACCESSES'}

    production.platform.after_each = take_the_right_away
    status, out, _ = run(production.platform.url, REAL, *FEW)
    assert status == 1
    assert 'Delete these accounts by hand, whose addresses start with charm-connector-test-' in out
