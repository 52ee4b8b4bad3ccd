# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The reference has all findings, and errors in the order in which they are acted on."""

import pathlib
import re

from opencti_connector.cli.check import finding

ROOT = pathlib.Path(__file__).parents[3]
PAGE = (ROOT / 'docs' / 'reference' / 'command.md').read_text()
ROWS = re.findall(r'^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (error|note) \|', PAGE, re.MULTILINE)
TOLD = [(code, level) for codes, level in ROWS for code in re.findall('[a-z-]+', codes)]


def test_each_code_is_told():
    sources = (ROOT / 'src' / 'opencti_connector' / 'cli' / 'check').rglob('*.py')
    text = ''.join(source.read_text() for source in sources)
    used = set(re.findall(r"code ?= ?'([a-z-]+)'|\('([a-z-]+)', Level\.", text))
    assert {first or second for first, second in used} == {code for code, _ in TOLD}


def test_errors_are_told_in_their_order():
    assert [code for code, level in TOLD if level == 'error'] == list(finding.ORDER)
