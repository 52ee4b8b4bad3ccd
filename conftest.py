# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Runs the code blocks of the README and the documentation."""

import sys
import types
from typing import Any

import ops
import yaml
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser


def _load_yaml(example: Example) -> None:
    assert isinstance(yaml.safe_load(example.parsed), dict)


def _provide_log_forwarder(namespace: dict[str, Any]) -> None:
    """Stand in for the Loki charm's library, which charms keep in their own `lib`."""
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
    parsers=[PythonCodeBlockParser(), CodeBlockParser(language='yaml', evaluator=_load_yaml)],
    patterns=['*.md'],
    excludes=['docs/examples/**'],
    setup=_provide_log_forwarder,
).pytest()
