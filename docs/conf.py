# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How Sphinx builds these pages."""

import importlib.metadata

project = 'opencti-connector'
author = 'The opencti-connector developers'
copyright = f'2026, {author}'  # noqa: A001 - Sphinx's name for it
release = importlib.metadata.version('opencti-connector')

extensions = [
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinxcontrib.mermaid',
]
exclude_patterns = ['_build', 'examples']

html_theme = 'furo'
html_title = f'opencti-connector {release}'

myst_enable_extensions = ['colon_fence']
myst_fence_as_directive = ['mermaid']  # The fence that other Markdown viewers draw, too.
myst_heading_anchors = 3

default_role = 'code'  # Docstrings have Markdown's single backticks.
autodoc_member_order = 'bysource'
autodoc_typehints = 'description'
autodoc_typehints_format = 'short'
autodoc_typehints_description_target = 'documented'
autodoc_class_signature = 'mixed'
napoleon_google_docstring = True
napoleon_numpy_docstring = False

mermaid_height = 'auto'
mermaid_fullscreen = False
