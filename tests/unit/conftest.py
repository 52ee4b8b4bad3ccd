# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the unit tests share."""

import logging
from collections.abc import Iterator
from typing import Any

import ops
import pytest

from .charms import ConnectorCharm, Context, OpenctiCharm, connector_context, opencti_context
from .states import relation as relation  # These, for other folders' tests.
from .states import token_secret as token_secret
from .values import CONNECTOR_ID as CONNECTOR_ID
from .values import MARK, TOKEN, TokenFactory
from .values import NEW_TOKEN as NEW_TOKEN
from .values import URL as URL


@pytest.fixture(autouse=True)
def _no_token_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    assert MARK not in caplog.text


@pytest.fixture(autouse=True)
def _charms_start_afresh(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ConnectorCharm, 'seen', [])
    monkeypatch.setattr(OpenctiCharm, 'removed', [])


@pytest.fixture
def connector() -> Context:
    return connector_context()


@pytest.fixture
def opencti() -> Context:
    return opencti_context()


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> TokenFactory:
    """Let OpenCTI's charm make its tokens."""
    factory = TokenFactory()
    monkeypatch.setattr(OpenctiCharm, 'token', factory)
    return factory


@pytest.fixture(params=['plain', 'made'])
def token(request: pytest.FixtureRequest) -> Any:
    """What a charm may give as a token."""
    return TOKEN if request.param == 'plain' else TokenFactory()


@pytest.fixture
def pebble_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that change something in Pebble, as they come."""
    calls: list[str] = []

    def spy(name: str) -> None:
        original = getattr(ops.Container, name)

        def wrapper(self: ops.Container, *args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(ops.Container, name, wrapper)

    for name in ('add_layer', 'start', 'stop', 'restart', 'replan'):
        spy(name)
    return calls
