# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Runs the code blocks of the README and the documentation, and lets go of each hook."""

import functools
import logging
import pathlib
import signal
import sys
import types
from collections.abc import Iterator
from typing import Any

import click.testing
import ops
import ops._main
import ops.log
import pytest
import yaml
from sybil import Document, Example, Region, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

# What a shell starts in the background ignores Ctrl-C, and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest.register_assert_rewrite('tests')  # What several test modules share, says what differs, too.


def _forget_the_hook_before() -> None:
    """Take the log handlers of earlier hooks away as a hook starts.

    ops.testing does so since version 8. Before, each record goes to the handlers of all hooks so
    far, and each handler keeps its hook in memory.
    """
    set_up = ops._main.setup_root_logging

    @functools.wraps(set_up)
    def set_up_alone(*args: Any, **kwargs: Any) -> None:
        root = logging.getLogger()
        for handler in root.handlers[:]:
            if isinstance(handler, ops.log.JujuLogHandler):
                root.removeHandler(handler)
        set_up(*args, **kwargs)

    ops._main.setup_root_logging = set_up_alone


_forget_the_hook_before()


@pytest.fixture(autouse=True)
def _forget_each_hook() -> Iterator[None]:
    """Let go of the objects of which ops keeps each one whose `on` was asked for."""
    yield
    for owner in (ops.Framework, ops.CharmBase):
        owner.on._cache.clear()


def _load_yaml(example: Example) -> None:
    assert isinstance(yaml.safe_load(example.parsed), dict)


_CHECK = '$ opencti-connector check '


def _check(example: Example) -> None:
    """Run `opencti-connector check` on a file of `dumps`, and compare what it prints."""
    from opencti_connector.cli.main import main

    command, _, expected = example.parsed.partition('\n')
    file = pathlib.Path(example.path).parent / 'dumps' / command.removeprefix(_CHECK)
    result = click.testing.CliRunner().invoke(main, ['check', str(file)])
    assert result.output == expected


def _find_checks(document: Document) -> Iterator[Region]:
    for region in CodeBlockParser(language='console', evaluator=_check)(document):
        if region.parsed.startswith(_CHECK):
            yield region


def _provide_log_forwarder(namespace: dict[str, Any]) -> None:
    """Provide a stand-in for the Loki charm's library, which charms keep in their `lib`."""
    for name in ('charms', 'charms.loki_k8s', 'charms.loki_k8s.v1'):
        sys.modules.setdefault(name, types.ModuleType(name))
    library: Any = types.ModuleType('charms.loki_k8s.v1.loki_push_api')
    library.LogForwarder = type(
        'LogForwarder',
        (ops.Object,),
        {'__init__': lambda self, charm: ops.Object.__init__(self, charm, 'log-forwarder')},
    )
    sys.modules.setdefault(library.__name__, library)


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser(language='yaml', evaluator=_load_yaml),
        _find_checks,
    ],
    patterns=['*.md'],
    excludes=['docs/examples/**'],
    setup=_provide_log_forwarder,
).pytest()
