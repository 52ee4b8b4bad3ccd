# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The demo, which fails when a step goes wrong."""

import os
import pathlib
import subprocess
import sys

import pytest

from demo import kubernetes, summary
from demo import machine as machine_story

ROOT = pathlib.Path(__file__).parents[2]


def play(*arguments: str) -> list[str]:
    result = subprocess.run(
        [sys.executable, '-m', 'demo', *arguments],
        cwd=ROOT,
        env={**os.environ, 'COLUMNS': '80'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert result.stdout.isascii() or '✔' not in result.stdout  # Symbols are for terminals.
    return result.stdout.splitlines()


class TestDemo:
    def test_it_says_at_a_glance_what_runs_and_how_it_ends(self):
        lines = play()
        assert 'Juju and OpenCTI are in memory' in lines[0]
        assert lines[-2:] == [
            'Every step ended as it must.',
            'What each hook did: .venv/bin/python -m demo --verbose',
        ]
        assert len(lines) < 45
        assert max(map(len, lines)) <= 88
        assert not any('FAILED' in line for line in lines)

    def test_verbose_shows_each_hook_uncut(self):
        lines = play('--verbose')
        assert 'A token shows as its fingerprint' in lines[1]
        status = 'blocked: missing relation opencti-connector: integrate with OpenCTI'
        assert f'   urlhaus       {status}' in lines
        assert '   urlhaus/0     secret-changed' in lines
        assert not any('…' in line for line in lines)
        assert lines[-1] == 'Every step ended as it must.'

    def test_it_ends_quietly_when_the_reader_stops(self):
        with subprocess.Popen(
            [sys.executable, '-m', 'demo'],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == ''

    def test_it_fails_when_a_step_goes_wrong(
        self,
        tmp_path: pathlib.Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ):
        monkeypatch.setenv('PATH', '/usr/bin:/bin')
        monkeypatch.setattr('ops.Secret.remove_all_revisions', lambda self: None)
        story = machine_story.play(tmp_path, is_verbose=True)
        assert story.failures == ['8. The relation is removed: not no secret is left']
        assert 'FAILED no secret is left' in capsys.readouterr().out
        summary.show([story])
        assert 'FAILED 3 of 4' in capsys.readouterr().out

        monkeypatch.setattr('ops.Container.stop', lambda self, name: None)
        assert kubernetes.play().failures == [
            '7. An option is unset, and set again: not in between the workload is stopped',
            '8. The relation is removed: not the workload is stopped',
            '8. The relation is removed: not no token secret is left',
        ]
