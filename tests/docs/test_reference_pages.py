# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The reference pages name all that is public, and show each file of each example charm."""

import ast
import inspect
import pathlib
import re

import opencti_connector
from opencti_connector import testing

DOCS = pathlib.Path(__file__).parents[2] / 'docs'
EXAMPLES = DOCS / 'examples'


def test_each_public_name_is_on_the_api_page():
    page = (DOCS / 'reference' / 'api.md').read_text()
    documented = re.findall(r'^\.\. auto(?:class|exception|function):: (\w+)', page, re.MULTILINE)
    assert sorted(documented) == sorted(opencti_connector.__all__)


def test_each_test_helper_is_on_the_api_page():
    public: set[str] = set()
    for node in ast.parse(inspect.getsource(testing)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            public.add(node.name)
        elif isinstance(node, ast.Assign):
            public |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    section = (DOCS / 'reference' / 'api.md').read_text().partition('## Test helpers')[2]
    assert {name for name in public if name[0] != '_'} <= set(re.findall(r'\w+', section))


def test_each_file_of_each_example_is_shown():
    page = (DOCS / 'reference' / 'example-charms.md').read_text()
    shown = re.findall(r'\{literalinclude\} \.\./examples/(\S+)', page)
    files = [path for path in EXAMPLES.glob('*/*/*.py') if path.stat().st_size > 0]
    files += EXAMPLES.glob('*/charmcraft.yaml')
    assert sorted(shown) == sorted(str(path.relative_to(EXAMPLES)) for path in files)
