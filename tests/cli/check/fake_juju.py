# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A `juju` on the PATH that answers from a table and remembers what it was asked.

No answer was recorded, but for what `juju show-unit` said on Juju 4.0.15, which lies in
`tests/integration/samples`. Each other is written after what prints it in Juju 3.6 and 4.0:
`cmd/juju/status/formatted.go`, `cmd/juju/application/showunit.go`, `cmd/juju/secrets/list.go`,
`cmd/juju/crossmodel/list.go`, `cmd/juju/common/model.go`, `cmd/juju/commands/debuglog.go` and, for
Pebble, `internals/cli/cmd_services.go`. Errors have the words of `apiserver/errors`,
`cmd/modelcmd` and `apiserver/facades/client/application`.
"""

import json
import pathlib
import shlex
import sys
from typing import Any

import click.testing
import pytest

from opencti_connector.cli.main import main

from . import dumps

_SCRIPT = """#!{python} -SE
import json, sys
arguments = sys.argv[1:]
with open({calls!r}, 'a') as file:
    file.write(json.dumps(arguments) + chr(10))
command, *rest = arguments
model = ''
if '--model' in rest:
    model = rest.pop(rest.index('--model') + 1)
    rest.remove('--model')
if command == 'show-model' and len(rest) > 2:
    model = rest.pop()
with open({answers!r}) as file:
    models = json.load(file)
if model not in models:
    sys.exit('ERROR model ' + model + ' not found')
answer = models[model].get(command, '')
if isinstance(answer, dict) and command in ('show-unit', 'show-secret'):
    names = [word for word in rest if word not in ('--format', 'json')]
    missing = [name for name in names if name not in answer]
    if missing:
        sys.exit('ERROR ' + command[5:] + ' "' + missing[0] + '" not found')
    answer = {{name: answer[name] for name in names}}
if isinstance(answer, str) and answer.startswith('ERROR'):
    sys.exit(answer)
if isinstance(answer, str) and answer.startswith('WAIT '):
    open(answer[5:]).read()
    answer = ''
if command == 'ssh' and isinstance(answer, dict):
    container = rest[rest.index('--container') + 1]
    answer = answer.get(container) or sys.exit(
        'ERROR container "' + container + '" must be one of charm, ' + ', '.join(answer)
    )
print(answer if isinstance(answer, str) else json.dumps(answer))
"""


class FakeJuju:
    """The `juju` of one test."""

    def __init__(self, directory: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
        self.models: dict[str, dict[str, Any]] = {}
        self._answers = directory / 'answers.json'
        self._calls = directory / 'calls'
        script = directory / 'juju'
        script.write_text(
            _SCRIPT.format(
                python=sys.executable, calls=str(self._calls), answers=str(self._answers)
            )
        )
        script.chmod(0o755)
        monkeypatch.setenv('PATH', str(directory))

    def save(self) -> None:
        """Let `juju` answer from the models."""
        self._answers.write_text(json.dumps(self.models))

    def check(self, *arguments: str) -> click.testing.Result:
        """Run `check --juju`."""
        self.save()
        result = click.testing.CliRunner().invoke(main, ['check', '--juju', *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    def report(self, *arguments: str) -> dict[str, Any]:
        """Run `check --juju --format json`."""
        return json.loads(self.check('--format', 'json', *arguments).stdout)

    def errors(self, *arguments: str) -> list[tuple[str, str]]:
        """Run it, and return the code and the next command of each error."""
        return [
            (finding['code'], finding['next'])
            for finding in dumps.findings(self.report(*arguments))
            if finding['level'] == 'error'
        ]

    @property
    def calls(self) -> list[str]:
        """What it was asked, each as one types it."""
        return [shlex.join(json.loads(line)) for line in self._calls.read_text().splitlines()]


def app(
    charm: str,
    other: str,
    *,
    unit: str,
    status: tuple[str, str] = ('active', ''),
    interface: str = 'opencti_connector',
    endpoint: str = 'opencti-connector',
    leader: bool = True,
) -> dict[str, Any]:
    """An application of `juju status`."""
    current, message = status
    info = {'current': current, 'message': message, 'since': '27 Nov 2026 03:02:01Z'}
    return {
        'charm': charm,
        'base': {'name': 'ubuntu', 'channel': '24.04'},
        'charm-origin': 'charmhub',
        'charm-name': charm,
        'charm-rev': 12,
        'scale': 1,
        'exposed': False,
        'application-status': info,
        'relations': {
            endpoint: [
                {'related-application': name, 'interface': interface, 'scope': 'global'}
                for name in other.split()
            ]
        },
        'units': {
            unit: {
                'workload-status': info,
                'juju-status': {'current': 'idle', 'version': '3.6.1'},
                **({'leader': True} if leader else {}),
                'provider-id': unit.replace('/', '-'),
            }
        },
    }


def status(
    *, name: str = 'feeds', kind: str = 'caas', version: str = '3.6.1', **apps: dict[str, Any]
) -> dict[str, Any]:
    """What `juju status --format json` prints."""
    return {
        'model': {
            'name': name,
            'type': kind,
            'controller': 'k8s',
            'cloud': 'k8s',
            'version': version,
            'model-status': {'current': 'available'},
        },
        'machines': {},
        'applications': apps,
        'storage': {},
        'controller': {'timestamp': '03:02:01Z'},
    }


CONNECTOR = 'opencti-crowdstrike-connector'
SECRET = dumps.SECRET_ID.removeprefix('secret:')


def secret(*targets: str) -> dict[str, Any]:
    """What `juju show-secret --format json` prints, without a content, which nobody asks for."""
    access = [{'target': t, 'scope': 'relation-crowdstrike', 'role': 'view'} for t in targets]
    return {
        SECRET: {
            'revision': 1,
            'owner': 'opencti',
            'label': 'x',
            'created': '2026-11-27T03:02:01.123456789Z',
            'updated': '2026-11-27T03:02:01Z',
            **({'access': access} if access else {}),
        }
    }


LOG = """\
unit-crowdstrike-0: 2026-11-27 03:02:01 INFO juju.worker.uniter.operation ran "start" hook
unit-crowdstrike-0: 2026-11-27 03:02:02 INFO unit.crowdstrike/0.juju-log opencti-connector:4: hello
unit-opencti-0: 2026-11-27 03:02:03 ERROR unit.opencti/0.juju-log no token flgrn_octi_tkn_abc
unit-other-0: 2026-11-27 03:02:04 ERROR unit.other/0.juju-log opencti-connector
"""
SERVICES = """\
Service    Startup  Current  Since
connector  enabled  active   today at 03:02 UTC
"""


def answers(units: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A model in which a connector and OpenCTI are related, and all is in order."""
    return {
        'status': of(),
        'show-unit': units,
        'show-secret': secret('application-crowdstrike'),
        'debug-log': LOG,
        'ssh': {CONNECTOR: SERVICES},
    } | changes


def of(connector: dict[str, Any] | None = None, opencti: dict[str, Any] | None = None) -> Any:
    """A status in which one of the two is changed."""
    return status(
        crowdstrike=app(CONNECTOR, 'opencti', unit='crowdstrike/0') | (connector or {}),
        opencti=app('opencti', 'crowdstrike', unit='opencti/0') | (opencti or {}),
    )
