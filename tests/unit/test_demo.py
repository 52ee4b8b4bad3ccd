# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The demo, which fails when a step goes wrong."""

import pathlib
import subprocess
import sys

import pytest

from demo import kubernetes, summary
from demo import machine as machine_story

ROOT = pathlib.Path(__file__).parents[2]


class TestDemo:
    def test_every_step_ends_as_it_must(self):
        result = subprocess.run(
            [sys.executable, '-m', 'demo'], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout
        assert 'Every step ended as it must.' in result.stdout
        assert 'FAILED' not in result.stdout
        assert max(map(len, result.stdout.splitlines())) <= 80
        assert result.stdout.isascii() or '✔' not in result.stdout  # Symbols are for terminals.

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
        story = machine_story.play(tmp_path)
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
