# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The tutorial, followed step by step."""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import sysconfig

ROOT = pathlib.Path(__file__).parents[2]
TUTORIAL = ROOT / 'docs' / 'tutorial' / 'write-a-connector-charm.md'
STEP = re.compile(r'^```(shell|\{literalinclude\} (\S+))\n(.*?)^```$', re.DOTALL | re.MULTILINE)


def test_each_step(tmp_path: pathlib.Path):
    # No network: pip installs from the packages that these tests run with.
    installed = [str(ROOT / 'src'), sysconfig.get_path('purelib')]
    environment = {
        **os.environ,
        'PATH': os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ['PATH']]),
        'PIP_DISABLE_PIP_VERSION_CHECK': '1',
        'PIP_NO_INDEX': '1',
        'PYTHONPATH': os.pathsep.join(installed),
    }
    directory = tmp_path
    output = ''
    steps = list(STEP.finditer(TUTORIAL.read_text()))
    assert [step.group(1) for step in steps].count('shell') == 3
    for step in steps:
        if step.group(1) == 'shell':
            commands = step.group(3)
            result = subprocess.run(
                ['bash', '-euc', commands.replace('/path/to/clone', 'opencti-connector')],
                cwd=directory,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            output = result.stdout + result.stderr
            assert result.returncode == 0, output
            for command in commands.splitlines():
                words = shlex.split(command)
                directory = directory / words[1] if words[0] == 'cd' else directory
        else:
            caption = re.search(r'^:caption: (\S+)$', step.group(3), re.MULTILINE)
            assert caption is not None
            source = TUTORIAL.parent / step.group(2)
            (directory / caption.group(1)).write_text(source.read_text())
    assert '4 passed' in output
    # What `dispatch` of a charm that charmcraft packs does. Without Juju, ops then stops.
    result = subprocess.run(
        ['sh', '-c', './src/charm.py'],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1, result.stderr
    assert 'juju-log' in result.stderr
