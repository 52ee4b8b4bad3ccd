# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A model that `juju` shows: its applications, units, relations, secrets and log."""

import functools
import io
import re
from collections.abc import Iterable
from typing import Annotated, NamedTuple, TypeVar

import pydantic
from jubilant import statustypes

from .. import masking, refusals
from ..dump import documents, show_unit
from ..refusals import Unreadable
from . import client

INTERFACE = 'opencti_connector'
# So many units are asked for at once.
_AT_ONCE = 50
_LINES_OF_LOG = 1000
_T = TypeVar('_T')


def _only(unit: show_unit.Unit, endpoints: set[str]) -> show_unit.Unit:
    ours = [info for info in unit.relation_info if info.endpoint in endpoints]
    return unit.model_copy(update={'relation_info': ours})


class Connection(show_unit.Shape):
    """One that uses an offer (`offerConnectionDetails` in `cmd/juju/crossmodel/list.go`)."""

    source_model_uuid: str
    relation_id: int
    endpoint: str


class Offer(show_unit.Shape):
    """What other models may use (`ListOfferItem`, there)."""

    application: str
    connections: tuple[Connection, ...] = ()


class Access(show_unit.Shape):
    """One that may read a secret (`AccessInfo` in `cmd/juju/secrets/list.go`)."""

    target: str


class Secret(show_unit.Shape):
    """A secret, without its content (`secretDisplayDetails`, there)."""

    access: tuple[Access, ...] = ()


class ModelInfo(show_unit.Shape):
    """A model (`ModelInfo` in `cmd/juju/common/model.go`)."""

    name: str
    uuid: Annotated[str, pydantic.Field(alias='model-uuid')]
    controller_name: str


class Service(NamedTuple):
    """A service, as `pebble services` shows it (`internals/cli/cmd_services.go` in Pebble)."""

    container: str
    name: str
    startup: str
    current: str

    def __str__(self) -> str:
        return f'service {masking.name(self.name)}'

    @property
    def state(self) -> str:
        """Its state now."""
        return masking.name(self.current)


class Pair(NamedTuple):
    """An application's endpoint of the interface, and the application at the other end."""

    app: str
    endpoint: str
    other: str


class Model:
    """A model; what was asked once is kept."""

    def __init__(self, name: str, progress: client.Progress):
        self.name = name
        self.client = client.Client(name, progress)

    @functools.cached_property
    def status(self) -> statustypes.Status:
        """What `juju status` shows; unlike `juju show-unit`, it knows interfaces."""
        try:
            return self.client.status()
        except (ValueError, KeyError, TypeError, AttributeError):
            raise refusals.Refused('`juju status` answers in an unknown form') from None

    @functools.cached_property
    def pairs(self) -> list[Pair]:
        """The relations of the interface; each that is within the model comes twice.

        What other models have by an offer is left out by Juju 4.0, which tells only that it is
        there (`getAllNonSyntheticRelationsWithDetails` in `domain/relation/state/relation.go`).
        """
        own = [
            Pair(app, endpoint, relation.related_app)
            for app, status in self.status.apps.items()
            for endpoint, relations in status.relations.items()
            for relation in relations
            if relation.interface == INTERFACE
        ]
        offered = [
            Pair(offer.app, endpoint, '')
            for offer in self.status.offers.values()
            for endpoint, remote in offer.endpoints.items()
            if offer.total_connected_count and remote.interface == INTERFACE
        ]
        return own + offered

    def units(self, app: str) -> dict[str, statustypes.UnitStatus]:
        """Return an application's units; those of a subordinate lie in its principal's."""
        return self.status.get_units(app)

    def leader(self, app: str) -> str | None:
        """Return the unit that leads, if there is one."""
        return next((name for name, unit in self.units(app).items() if unit.leader), None)

    def show(self, apps: Iterable[str]) -> list[tuple[str, show_unit.Unit]]:
        """Return a unit of each application that has one: the leader, if it can be.

        Its relations are those of the interface.
        """
        units = [self.leader(app) or min(self.units(app)) for app in apps if self.units(app)]
        batches = [units[n : n + _AT_ONCE] for n in range(0, len(units), _AT_ONCE)]
        self.client.progress.expected += max(0, len(batches) - 1)
        endpoints: dict[str, set[str]] = {}
        for pair in self.pairs:
            endpoints.setdefault(pair.app, set()).add(pair.endpoint)
        return [
            (name, _only(unit, endpoints.get(show_unit.app_of(name), set())))
            for batch in batches
            for name, unit in self._show(batch)
        ]

    def _show(self, units: list[str]) -> list[tuple[str, show_unit.Unit]]:
        answer = self.client.cli('show-unit', '--format', 'json', *units)
        try:
            return show_unit.read(documents.read(io.BytesIO(answer.encode())))
        except Unreadable as error:
            raise refusals.Refused(f'what `juju show-unit` answers {error}') from None

    @functools.cached_property
    def info(self) -> ModelInfo:
        """What `juju show-model` shows."""
        name = [self.name] if self.name else []
        answer = self._ask(dict[str, ModelInfo], 'show-model', *name, include_model=False)
        return answer.popitem()[1]

    @functools.cached_property
    def offers(self) -> dict[str, Offer]:
        """The endpoints that other models may use, with those who do."""
        return self._ask(dict[str, Offer], 'offers')

    def access_to(self, secret_id: str) -> set[str] | None:
        """Return the tags of those who may read a secret; `None` if there is no such secret."""
        try:
            uri = secret_id.removeprefix('secret:')
            secret = self._ask(dict[str, Secret], 'show-secret', uri).get(uri)
        except refusals.Refused as error:
            if re.search(refusals.NOT_THERE, error.words):
                return None
            raise
        return None if secret is None else {access.target for access in secret.access}

    def log(self, apps: Iterable[str]) -> list[str]:
        """Return the last lines that units of the applications logged."""
        include = [word for app in apps for word in ('--include', app)]
        limit = ('--limit', str(_LINES_OF_LOG))
        return self.client.cli('debug-log', '--date', *limit, *include).splitlines()

    def services(self, unit: str, container: str) -> list[Service]:
        """Return the services that Pebble runs in a container.

        If there is no container of this name, it is the only one that there is.
        """
        where = ('--container', container, '--pty=false', unit)
        try:
            answer = self.client.cli('ssh', *where, *client.SEE_SERVICES)
        except refusals.Refused as error:
            names = re.search(r'must be one of ([a-z0-9, -]+)', error.words)
            others = set(names[1].split(', ')) - {'charm'} if names else set[str]()
            if len(others) != 1 or container in others:
                raise
            return self.services(unit, others.pop())
        rows = [line.split() for line in answer.splitlines()[1:]]
        return [Service(container, *row[:3]) for row in rows if len(row) > 2]

    def _ask(
        self, shape: type[_T], command: str, *arguments: str, include_model: bool = True
    ) -> _T:
        answer = self.client.cli(
            command, '--format', 'json', *arguments, include_model=include_model
        )
        try:
            return pydantic.TypeAdapter(shape).validate_json(answer.strip() or '{}')
        except ValueError:
            raise refusals.Refused(f'`juju {command}` answers in an unknown form') from None
