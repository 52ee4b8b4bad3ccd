# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The pages that `make docs` built: they need no network, and use the public names."""

import os
import pathlib
import re

import pytest

import opencti_connector

PAGES = pathlib.Path(os.environ.get('BUILT_PAGES', ''))

pytestmark = pytest.mark.skipif('BUILT_PAGES' not in os.environ, reason='`make docs` runs it')


def html_pages() -> list[pathlib.Path]:
    return sorted(PAGES.glob('*.html')) + sorted(PAGES.glob('[a-z]*/*.html'))


def test_nothing_is_loaded_from_elsewhere():
    # All that loads something; only a reader follows a link.
    loads = re.compile(
        r'<(?:script|img|link|iframe|source)\b[^>]*\b(?:src|href)="((?:\w+:)?//[^"]+)'
    )
    assert len(html_pages()) > 15
    for page in html_pages():
        assert loads.findall(page.read_text()) == [], page
    for style in PAGES.glob('_static/**/*.css'):
        assert re.findall(r'url\(["\']?(?:https?:)?//|@import', style.read_text()) == [], style
    for script in PAGES.glob('_static/**/*.js'):
        assert re.findall(r'(?:import|fetch)\(["\']https?://', script.read_text()) == [], script


def test_diagrams_are_drawn_in_light_and_dark():
    pages = [page for page in html_pages() if 'data:image/svg+xml' in page.read_text()]
    assert {page.name for page in pages} >= {'index.html', 'statuses.html'}
    for page in pages:
        text = page.read_text()
        drawn = re.findall(r'<img class="only-(\w+)" width="\d+" alt="[^"]+"', text)
        assert drawn == ['light', 'dark'] * (len(drawn) // 2)
    assert all('<pre class="mermaid">' not in page.read_text() for page in html_pages())


def test_code_wraps_on_a_phone():
    assert 'white-space: pre-wrap' in (PAGES / '_static' / 'narrow.css').read_text()
    assert all('_static/narrow.css' in page.read_text() for page in html_pages())


def test_names_are_those_that_users_import():
    text = (PAGES / 'reference' / 'api.html').read_text()
    assert 'opencti_connector._' not in text
    names = list(opencti_connector.__all__)
    for owner in (
        'ConnectorProvides',
        'OpenctiRequires',
        'ConnectorWorkload',
        'OpenctiConnectorMixin',
    ):
        members = vars(getattr(opencti_connector, owner))
        names += [f'{owner}.{name}' for name in members if name[0] != '_' and name != 'on']
    for name in names:
        assert f'id="opencti_connector.{name}"' in text, name


def test_pages_for_language_models():
    index = (PAGES / 'llms.txt').read_text()
    for target in re.findall(r'\]\(([^)]+)\)', index):
        assert (PAGES / target).exists(), target
