# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How Sphinx builds these pages."""

import importlib.metadata
import pathlib
import sys

from docutils import nodes
from sphinx.application import Sphinx

sys.path.insert(0, str(pathlib.Path(__file__).parent))

project = 'opencti-connector'
author = 'The opencti-connector developers'
copyright = f'2026, {author}'  # noqa: A001 - Sphinx's name for it
release = importlib.metadata.version('opencti-connector')

extensions = [
    'diagrams',
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinx_llms_txt',
]
exclude_patterns = ['_build', 'examples']

html_theme = 'furo'
html_title = f'opencti-connector {release}'
html_static_path = ['_static']
html_css_files = ['narrow.css']
html_theme_options = {
    'light_css_variables': {'code-font-size': '75%'},  # 99 columns fit, in both modes.
}
html_use_index = html_domain_indices = False  # The API page lists each name.

myst_enable_extensions = ['colon_fence']
myst_fence_as_directive = ['mermaid']  # The fence that other Markdown viewers draw, too.
myst_heading_anchors = 3

highlight_options = {'python': {'stripnl': True}}  # No blank lines at the end of an excerpt.

default_role = 'code'  # Docstrings have Markdown's single backticks.
autodoc_member_order = 'bysource'
autodoc_typehints = 'description'
autodoc_typehints_format = 'short'
autodoc_typehints_description_target = 'documented'
autodoc_class_signature = 'mixed'
napoleon_google_docstring = True
napoleon_numpy_docstring = False
toc_object_entries_show_parents = 'hide'

llms_txt_full_file = False
llms_txt_uri_template = '{docname}.html'


def _name_as_users_import_it(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Title links to `opencti_connector._module.Name` as `opencti_connector.Name`."""
    for reference in doctree.findall(nodes.reference):
        if reference.get('reftitle', '').startswith('opencti_connector._'):
            reference['reftitle'] = 'opencti_connector.' + reference['reftitle'].split('.', 2)[2]


def setup(app: Sphinx) -> None:
    """Add what only these pages need."""
    app.connect('doctree-resolved', _name_as_users_import_it)
