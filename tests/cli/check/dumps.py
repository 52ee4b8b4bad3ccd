# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Output of `juju show-unit` in Juju 3.6 and 4.0, and `check` run on it."""

import json
from collections.abc import Mapping
from typing import Any

import click.testing

from opencti_connector.cli.main import main

CONNECTOR_ID = '5f4e2a52-0f5a-4f4b-9f3c-4f7d4a1d2b3c'
SECRET_ID = 'secret:d2mq7mrubg2s77p3nio0'
DETAILS = {
    'connector_charm_name': 'opencti-crowdstrike-connector',
    'connector_type': 'EXTERNAL_IMPORT',
    'connector_id': CONNECTOR_ID,
}
CONNECTION = {'opencti_url': 'http://opencti:8080', 'opencti_token': SECRET_ID}
OF_JUJU = {'egress-subnets': '10.0.0.1/32', 'ingress-address': '10.0.0.1'}


def relation(
    data: Mapping[str, str],
    units: Mapping[str, Mapping[str, str]],
    *,
    relation_id: int = 4,
    endpoint: str = 'opencti-connector',
    related_endpoint: str = 'opencti-connector',
    **more: Any,
) -> dict[str, Any]:
    """One entry of `relation-info`."""
    return {
        'relation-id': relation_id,
        'endpoint': endpoint,
        'related-endpoint': related_endpoint,
        'application-data': dict(data),
        'local-unit': {'in-scope': False, 'data': None},
        'related-units': {
            unit: {'in-scope': True, 'data': OF_JUJU | data} for unit, data in units.items()
        },
        **more,
    }


def unit(charm: str, *relations: dict[str, Any]) -> dict[str, Any]:
    """A unit of a dump."""
    return {
        'opened-ports': None,
        'charm': f'ch:amd64/{charm}-12',
        'leader': True,
        'life': 'alive',
        'relation-info': list(relations),
    }


def connector(*relations: dict[str, Any], name: str = 'crowdstrike/0') -> dict[str, Any]:
    """A dump of a connector's unit."""
    return {name: unit('opencti-crowdstrike-connector', *relations)}


def opencti(*relations: dict[str, Any], name: str = 'opencti/0') -> dict[str, Any]:
    """A dump of OpenCTI's unit."""
    return {name: unit('opencti', *relations)}


def in_juju_3(
    details: Mapping[str, str] = DETAILS, connection: Mapping[str, str] = CONNECTION
) -> dict[str, Any]:
    """Both ends, each with what the *other* application wrote."""
    return {
        **connector(relation(connection, {'opencti/0': {}})),
        **opencti(relation(details, {'crowdstrike/0': {}})),
    }


def in_juju_4(
    details: Mapping[str, str] = DETAILS, connection: Mapping[str, str] = CONNECTION
) -> dict[str, Any]:
    """Both ends, each with what its *own* application wrote."""
    return {
        **connector(relation(details, {'opencti/0': {}})),
        **opencti(relation(connection, {'crowdstrike/0': {}})),
    }


def renamed() -> dict[str, Any]:
    """Both ends of a silent relation whose endpoints have other names."""
    ours = relation({}, {'opencti/0': {}}, endpoint='octi', related_endpoint='feeds')
    theirs = relation({}, {'crowdstrike/0': {}}, endpoint='feeds', related_endpoint='octi')
    return connector(ours) | opencti(theirs)


def with_changes(dump: dict[str, Any], unit: str, **changes: Any) -> dict[str, Any]:
    """Change the only relation of a unit."""
    (relation,) = dump[unit]['relation-info']
    relation.update({key.replace('_', '-'): value for key, value in changes.items()})
    return dump


def check(text: object, *arguments: str) -> click.testing.Result:
    """Run `check` on a text, or on a dump as JSON. It must not raise anything but an exit."""
    if not isinstance(text, (str, bytes)):
        text = json.dumps(text)
    result = click.testing.CliRunner().invoke(main, ['check', *arguments], input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def report(dump: object, *arguments: str) -> dict[str, Any]:
    """Run `check --format json`, and check that the exit code agrees."""
    result = check(dump, '--format', 'json', *arguments)
    found = json.loads(result.stdout)
    assert result.exit_code == (0 if found['ok'] else 1)
    return found


def findings(found: dict[str, Any]) -> list[dict[str, Any]]:
    """All findings of a report."""
    return [*found['findings'], *(f for r in found['relations'] for f in r['findings'])]


def errors(dump: object, *arguments: str) -> list[tuple[str, str | None, str | None, str]]:
    """The errors in a dump: code, side, key, and the next command."""
    return [
        (f['code'], f['side'], f['key'], f['next'])
        for f in findings(report(dump, *arguments))
        if f['level'] == 'error'
    ]


def notes(dump: object, *arguments: str) -> list[str]:
    """The codes of the notes on a dump."""
    found = findings(report(dump, *arguments))
    return [f['code'] for f in found if f['level'] == 'note']


def told(dump: object) -> str:
    """What is told about a dump, in one line."""
    return ' '.join(check(dump).output.split())
