# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The page of example charms shows each of them, whole."""

import pathlib
import re

DOCS = pathlib.Path(__file__).parents[2] / 'docs'
EXAMPLES = DOCS / 'examples'


def test_each_file_of_each_example_is_shown():
    page = DOCS / 'reference' / 'example-charms.md'
    shown = re.findall(r'\{literalinclude\} \.\./examples/(\S+)', page.read_text())
    files = [path for path in EXAMPLES.glob('*/*/*.py') if path.stat().st_size > 0]
    files += EXAMPLES.glob('*/charmcraft.yaml')
    assert sorted(shown) == sorted(str(path.relative_to(EXAMPLES)) for path in files)
