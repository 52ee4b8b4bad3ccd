# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The URLhaus connector on this machine: a systemd service and its environment file."""

import pathlib
import subprocess
from collections.abc import Mapping

SERVICE = 'opencti-urlhaus-connector'
ENVIRONMENT_FILE = pathlib.Path('/etc/opencti-urlhaus-connector/environment')
UNIT_FILE = pathlib.Path(f'/etc/systemd/system/{SERVICE}.service')

# A program that only waits, in the place of the connector.
_COMMAND = '/usr/bin/sleep infinity'


def install() -> None:
    """Let systemd know the service."""
    UNIT_FILE.write_text(
        '[Service]\n'
        f'ExecStart={_COMMAND}\n'
        f'EnvironmentFile={ENVIRONMENT_FILE}\n'
        'Restart=on-failure\n'
    )
    subprocess.run(['systemctl', 'daemon-reload'], check=True)


def configure(environment: Mapping[str, str]) -> None:
    """Let the service run with this environment, restarting it only for a new one."""
    content = ''.join(f'{name}={_quote(value)}\n' for name, value in environment.items())
    is_new = not ENVIRONMENT_FILE.exists() or ENVIRONMENT_FILE.read_text() != content
    if is_new:
        ENVIRONMENT_FILE.parent.mkdir(parents=True, exist_ok=True)
        ENVIRONMENT_FILE.touch(mode=0o600)  # It holds the token.
        ENVIRONMENT_FILE.write_text(content)
    _systemctl('restart' if is_new else 'start')


def stop() -> None:
    """Stop the service and forget its token."""
    if ENVIRONMENT_FILE.exists():
        _systemctl('stop')
        ENVIRONMENT_FILE.unlink()


def _systemctl(verb: str) -> None:
    subprocess.run(['systemctl', verb, SERVICE], check=True)


def _quote(value: str) -> str:
    """Quote a value as systemd.exec(5) wants it in an environment file."""
    for special in '\\"`$':
        value = value.replace(special, f'\\{special}')
    return f'"{value}"'
