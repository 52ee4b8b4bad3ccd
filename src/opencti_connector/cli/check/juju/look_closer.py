# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Looks at one relation with `juju`: at its other end, its services, its secret and its log."""

import dataclasses
import re

from .. import masking, refusals, relations
from ..finding import Checked, Finding
from ..rules import apply
from ..sides import Side
from . import rules
from .across import Models
from .model import Model

_LINES = 5
_UNIT = re.compile(r'unit-(\S+)-\d+: ')


class Look:
    """A look at one relation."""

    def __init__(self, models: Models, relation: relations.Relation):
        self._models = models
        self._relation = relation
        self._place = relation.here
        self._findings: list[Finding] = []
        self._seen: list[str] = []

    def at_all(self, log: list[str]) -> Checked:
        """Return the relation with all that is seen of it, and what is wrong with it.

        Args:
            log: What units of the model logged.
        """
        for what, look in (
            ('the other model', self._at_other_end),
            ('the service', self._at_services),
            ('the secret', self._at_secret),
        ):
            try:
                look()
            except refusals.Refused as error:
                self._findings.append(rules.not_shown(what, error, self._place))
        lines = [line for line in log if _is_about(self._relation, line)][-_LINES:]
        relation = dataclasses.replace(
            self._relation,
            seen=self._seen,
            log=[masking.text(line) for line in lines],
            is_looked_at=True,
        )
        return apply.check_relation(relation, self._findings)

    def _at_other_end(self) -> None:
        self._relation = self._models.with_other_end(self._relation)
        for view in self._relation.views:
            model = self._models[view.model]
            if model is not self._models.first:
                self._seen.append(describe(model, view.app))
                self._findings += rules.check_units(model.units(view.app), view.place)

    def _at_services(self) -> None:
        view = self._relation.view_of(Side.CONNECTOR)
        if view is None or self._models[view.model].status.model.type != 'caas':
            return
        services = self._models[view.model].services(view.unit, view.of_unit.charm_name)
        self._seen += [f'The {each} of {view.unit} is {each.state}' for each in services]
        self._seen += [] if services else [f'{view.unit} has no service yet']
        self._findings += rules.check_services(view, services)

    def _at_secret(self) -> None:
        view = self._relation.view_of(Side.OPENCTI)
        published = self._relation.databags.get(Side.OPENCTI, {}).get('opencti_token', '')
        secret = masking.secret_id(published)
        if view is None or secret is None:
            return
        model = self._models[view.model]
        access = model.access_to(secret)
        leader = model.leader(view.app) or view.unit
        problems = list(rules.check_secret(self._relation, access, leader))
        granted = f'there and {"not " if problems else ""}granted to the connector'
        self._seen.append(f'The secret is {"missing" if access is None else granted}')
        self._findings += problems


def describe(model: Model, app: str) -> str:
    """Describe an application: its units, who leads, and its status."""
    status = model.status.apps[app]
    leader = model.leader(app)
    units = len(model.units(app))
    count = f'{units} unit{"" if units == 1 else "s"}'
    said = filter(None, (status.app_status.current, status.app_status.message))
    message = masking.text(' '.join(said))
    return f'{app}: {count}, {f"{leader} leads" if leader else "no leader"}; {message}'


def _is_about(relation: relations.Relation, line: str) -> bool:
    """Return whether a line of the log is about a relation, or about what its ends fail at."""
    unit = _UNIT.match(line)
    if unit is None or unit[1] not in relation.both_ends:
        return False
    info = relation.views[0].info
    names = (info.endpoint, info.related_endpoint, 'opencti_url', 'opencti_token')
    return ' ERROR ' in line or any(name and name in line for name in names)
