# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What ops does not know, or raises."""

from collections.abc import Callable
from typing import Any

import ops
import pytest


def raising(error: Exception) -> Callable[..., Any]:
    """A stand-in for any function, which fails."""

    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def forget_remote_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ops not know the remote application, as while a relation is set up or torn down."""
    original = ops.Relation.__init__

    def without_app(self: ops.Relation, *args: object, **kwargs: object):
        original(self, *args, **kwargs)
        self.data._data.pop(self.app, None)
        self.app = None

    monkeypatch.setattr(ops.Relation, '__init__', without_app)
