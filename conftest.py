# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Runs the code blocks of the README and the documentation."""

import pathlib
import sys
import types
from collections.abc import Iterator
from typing import Any

import click.testing
import ops
import yaml
from sybil import Document, Example, Region, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser


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
