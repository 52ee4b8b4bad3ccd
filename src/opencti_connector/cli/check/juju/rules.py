# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is wrong with what only Juju itself can tell: leaders, statuses, secrets and services."""

import re
from collections.abc import Iterable, Iterator, Mapping

from jubilant import statustypes

from .. import masking, refusals, relations
from ..finding import Finding, Level
from ..place import Place
from ..sides import Side
from .model import Model, Pair, Service

# Where a person must act, and where it may come by itself.
_STATUSES = {
    'lost': ('agent-lost', Level.ERROR),
    'error': ('hook-failed', Level.ERROR),
    'blocked': ('blocked', Level.ERROR),
    'waiting': ('waiting', Level.NOTE),
}


# An unchanged configuration runs none.
_RUN_A_HOOK = 'JUJU_DISPATCH_PATH=hooks/update-status ./dispatch'


def check_units(units: Mapping[str, statustypes.UnitStatus], place: Place) -> Iterator[Finding]:
    """Check the units of an application of the interface."""
    (app,) = place.apps
    if not units:
        yield Finding(
            code='no-unit',
            problem=f'{app} has no unit, so nobody writes its data',
            command=place.juju('status', app),
        )
    elif not any(unit.leader for unit in units.values()):
        yield Finding(
            code='no-leader',
            problem=f'{app} has no leader now, and only the leader writes its data',
            command=place.juju('status', app),
        )
    for name, unit in units.items():
        # Without its agent, a unit runs no hook, whatever its workload said last.
        is_lost = unit.juju_status.current == 'lost'
        status = unit.juju_status if is_lost else unit.workload_status
        current = status.current
        if current in _STATUSES:
            code, level = _STATUSES[current]
            message = masking.text(status.message)
            if is_lost:
                command = place.juju('show-status-log', name)
            elif current == 'error':
                command = place.see_log()
            elif 'configuration' in message:
                command = place.see_config()
            else:
                command = place.see_status()
            yield Finding(
                code=code,
                level=level,
                problem=f'{name} has the status {current}: {message}',
                command=command,
            )


def check_left_out(
    model: Model, pairs: Iterable[Pair], found: Iterable[relations.Relation]
) -> Iterator[Finding]:
    """Report relations of which `juju show-unit` says nothing, as nothing is there to say."""
    seen = {app for relation in found for app in relation.both_ends}
    for app, endpoint in dict.fromkeys((pair.app, pair.endpoint) for pair in pairs):
        if app not in seen and model.units(app):
            yield Finding(
                code='silent',
                problem=f'{app}:{masking.name(endpoint)}: Juju shows nothing of its relation, so '
                'neither side has written anything, and no unit is at the other end',
                command=Place([app], model.name).see_status(),
            )


def check_secret(
    relation: relations.Relation, access: set[str] | None, leader: str
) -> Iterator[Finding]:
    """Check the secret that OpenCTI published.

    Args:
        relation: The relation.
        access: Who may read the secret, or `None` if it does not exist.
        leader: The unit that leads OpenCTI.
    """
    place = relation.place(Side.OPENCTI)
    if access is None:
        yield Finding(
            code='no-secret',
            side=Side.OPENCTI,
            key='opencti_token',
            problem='is the id of a secret that does not exist',
            command=place.see_log(),
        )
    elif not _is_granted(relation, access):
        yield Finding(
            code='not-granted',
            side=Side.OPENCTI,
            key='opencti_token',
            problem='is the id of a secret that is not granted to the connector; if its charm '
            "uses this library, any hook of OpenCTI's leader grants it again",
            command=place.juju('exec', '--unit', leader, f"'{_RUN_A_HOOK}'"),
        )


def _is_granted(relation: relations.Relation, access: set[str]) -> bool:
    if relation.is_across_models:  # The model that has the secret names the other end itself.
        return bool(access)
    apps = relation.place(Side.CONNECTOR).apps
    own = re.compile(f'(?:application-(?:{"|".join(apps)})|unit-(?:{"|".join(apps)})-[0-9]+)')
    return any(map(own.fullmatch, access))


def check_services(view: relations.View, services: Iterable[Service]) -> Iterator[Finding]:
    """Check what Pebble runs beside a connector's unit."""
    for service in services:
        if service.startup == 'enabled' and service.current != 'active':
            where = ('--container', service.container, view.unit)
            yield Finding(
                code='service-down',
                side=Side.CONNECTOR,
                problem=f'the {service} of {view.unit} is {service.state}: its log says more',
                command=Place([], view.model).juju('ssh', *where, '/charm/bin/pebble logs'),
            )


def not_shown(what: str, cause: refusals.Refused, place: Place) -> Finding:
    """Say that something could not be looked at."""
    return Finding(
        code='not-looked-at',
        level=Level.NOTE,
        problem=f'{what} could not be looked at: {cause}',
        command=place.see_status(),
    )
