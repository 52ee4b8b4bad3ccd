# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The URLhaus connector on this machine: a systemd service and its environment file."""

import pathlib
import shutil
import subprocess
from collections.abc import Mapping

SERVICE = 'opencti-urlhaus-connector'
DIRECTORY = pathlib.Path('/opt/opencti-urlhaus-connector')
ENVIRONMENT_FILE = pathlib.Path('/etc/opencti-urlhaus-connector/environment')
UNIT_FILE = pathlib.Path(f'/etc/systemd/system/{SERVICE}.service')

PYTHON = '/usr/bin/python3'
# What pip needs for the connector's requirements, and pycti at run time.
_PACKAGES = ('python3-venv', 'git', 'libmagic1')


def install_connector(source: pathlib.Path) -> None:
    """Install the connector from its source, with what it requires."""
    subprocess.run(['apt-get', 'update'], check=True)
    subprocess.run(['apt-get', 'install', '--yes', *_PACKAGES], check=True)
    shutil.copytree(source, DIRECTORY / 'src', dirs_exist_ok=True)
    subprocess.run([PYTHON, '-m', 'venv', DIRECTORY / 'venv'], check=True)
    pip = [DIRECTORY / 'venv' / 'bin' / 'python', '-m', 'pip']
    subprocess.run([*pip, 'install', '-r', DIRECTORY / 'src' / 'requirements.txt'], check=True)


def install_service() -> None:
    """Install the systemd service."""
    UNIT_FILE.write_text(
        '[Service]\n'
        f'WorkingDirectory={DIRECTORY}/src\n'
        f'ExecStart={DIRECTORY}/venv/bin/python main.py\n'
        f'EnvironmentFile={ENVIRONMENT_FILE}\n'
        # A connector whose token is refused ends itself by SIGTERM: for systemd a success.
        'Restart=always\n'
        'RestartSec=10\n'  # More often, and systemd would give up.
    )
    subprocess.run(['systemctl', 'daemon-reload'], check=True)


def configure(environment: Mapping[str, str]) -> None:
    """Run the service with this environment, and restart it only if the environment is new."""
    content = ''.join(f'{name}={_quote(value)}\n' for name, value in environment.items())
    is_new = not ENVIRONMENT_FILE.exists() or ENVIRONMENT_FILE.read_text() != content
    if is_new:
        ENVIRONMENT_FILE.parent.mkdir(parents=True, exist_ok=True)
        ENVIRONMENT_FILE.touch(mode=0o600)  # It holds the token.
        ENVIRONMENT_FILE.write_text(content)
    _systemctl('restart' if is_new else 'start')


def stop() -> None:
    """Stop the service and delete its token."""
    if ENVIRONMENT_FILE.exists():
        _systemctl('stop')
        ENVIRONMENT_FILE.unlink()


def _systemctl(verb: str) -> None:
    subprocess.run(['systemctl', verb, SERVICE], check=True)


def _quote(value: str) -> str:
    """Quote a value for a systemd environment file, see systemd.exec(5)."""
    for special in '\\"`$':
        value = value.replace(special, f'\\{special}')
    return f'"{value}"'
