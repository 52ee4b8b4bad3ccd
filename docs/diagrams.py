# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Draws the pages' Mermaid diagrams at build time, so that a reader needs no network for them."""

import base64
import html
import re
from typing import ClassVar

import mermaidx
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

# Furo shows an image with one of these classes in that mode only.
THEMES = {
    'only-light': ('default', {}),
    'only-dark': ('dark', {'noteTextColor': 'white'}),  # Its own is hard to read.
}
CONFIG = {'fontFamily': 'sans-serif', 'htmlLabels': False, 'sequence': {'diagramMarginX': 0}}


def draw(source: str, css_class: str) -> str:
    """Return an image inside the page, which a phone scrolls and does not shrink."""
    theme, variables = THEMES[css_class]
    config = {**CONFIG, 'themeVariables': variables}
    svg = mermaidx.render(source, theme=theme, config=config).svg()
    width = re.search(r'viewBox="\S+ \S+ (\d+)', svg)
    title = re.search(r'^\s*accTitle: (.+)$', source, re.MULTILINE)
    assert width is not None
    assert title is not None, 'A diagram needs an accTitle, its text for those who cannot see it'
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<img class="{css_class}" width="{width[1]}" alt="{html.escape(title[1])}"'
        f' style="max-width: max(100%, 28rem)" src="data:image/svg+xml;base64,{data}">'
    )


class MermaidDirective(SphinxDirective):
    """A fence of Mermaid's, which other Markdown viewers draw, too."""

    has_content: ClassVar[bool] = True

    def run(self) -> list[nodes.Node]:
        """Draw it for both modes."""
        source = '\n'.join(self.content)
        images = ''.join(draw(source, css_class) for css_class in THEMES)
        return [nodes.raw('', f'<p style="overflow-x: auto">{images}</p>', format='html')]


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive to Sphinx."""
    app.add_directive('mermaid', MermaidDirective)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
