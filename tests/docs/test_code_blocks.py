# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A test runs each code block, or the file that it is included from."""

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*/*.md')), ROOT / 'docs' / 'index.md']
FENCE = re.compile(r'^ *(?:```|:::)(.+)$', re.MULTILINE)
# What Sybil runs, what the tutorial's test runs, what Sphinx includes or arranges, diagrams, and
# what there is nothing to run of: other tests try the command, whose `check` Sybil runs here, too.
RUN = {'python', 'yaml'}
SHOWN = {'console', 'text'}
RUN_BY_SYBIL = r'^ *```(?:python|yaml|console\n\$ opencti-connector check .*)$'
OF_TUTORIAL = {'shell'}
OF_SPHINX = {'{literalinclude}', '{toctree}', '{eval-rst}'}
DIAGRAMS = {'mermaid'}


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_no_block_is_left_out(page: pathlib.Path):
    kinds = {match.split()[0] for match in FENCE.findall(page.read_text())}
    allowed = RUN | SHOWN | OF_SPHINX | DIAGRAMS
    assert kinds <= (allowed | OF_TUTORIAL if page.parent.name == 'tutorial' else allowed)


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_what_is_included_is_run_elsewhere(page: pathlib.Path):
    run = ('docs/examples/', 'tests/integration/samples/', 'tests/integration/workload/')
    for target in re.findall(r'\{literalinclude\} (\S+)', page.read_text()):
        file = (page.parent / target).resolve().relative_to(ROOT)
        assert str(file).startswith(run)


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_a_git_host_links_what_it_does_not_include(page: pathlib.Path):
    text = page.read_text()
    for fence in re.finditer(
        r'^```\{literalinclude\} (\S+)\n.*?^```\n', text, re.DOTALL | re.MULTILINE
    ):
        target = fence[1]
        assert text[fence.end() :].startswith(f'\n[{target.replace("../", "")}]({target})\n'), (
            target
        )


@pytest.mark.parametrize('page', [*PAGES, *ROOT.glob('[CS]*.md')], ids=lambda page: page.name)
def test_links_lead_somewhere(page: pathlib.Path):
    for target in re.findall(r'\]\(([^)#:]+)(?:#[^)]*)?\)', page.read_text()):
        assert (page.parent / target).exists(), target


def test_each_make_target_that_is_named_exists():
    text = ''.join(page.read_text() for page in [*PAGES, ROOT / 'CONTRIBUTING.md'])
    targets = set(re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(), re.MULTILINE))
    named = set(re.findall(r'`make ([a-z-]+)', text)) | {'demo', 'test'}
    assert named <= targets


def test_sybil_runs_the_pages():
    result = subprocess.run(
        [sys.executable, '-m', 'pytest', '--collect-only', '-q', 'README.md', 'docs'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    blocks = sum(len(re.findall(RUN_BY_SYBIL, page.read_text(), re.MULTILINE)) for page in PAGES)
    assert f'{blocks} tests collected' in result.stdout
