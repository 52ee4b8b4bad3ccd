# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Looks at a model with `juju`, and applies all rules to what it shows."""

import dataclasses
import re

from . import client, masking, next_command, relations, report, rules, rules_of_juju
from .across import Models
from .finding import Finding, Level
from .model import Model
from .next_command import Place
from .sides import Side

# Secrets, services and other models are asked for one by one: for more relations, only if one
# application is named.
_FEW = 12
_LINES = 5
_UNIT = re.compile(r'unit-(\S+)-\d+: ')


def look(name: str, app: str, say: client.Say) -> report.Report:
    """Look at the relations of a model, or of one application in it.

    Args:
        name: The model's name; empty for the one that `juju` uses now.
        app: The application's name; empty for all that have the interface.
        say: What to call with each line about what is asked.

    Raises:
        Refused: if Juju does not answer.
    """
    model = Model(name, client.Progress(say))
    apps = model.status.apps
    if app and app not in apps:
        raise client.Refused('there is no application of this name in the model: `juju status`')
    pairs = [pair for pair in model.pairs if not app or app in (pair.app, pair.other)]
    related = {end: None for pair in pairs for end in (pair.app, pair.other) if end in apps}
    shown = list(related)
    if not related:
        return report.Report([], [_not_related(app)])
    units = model.show(shown)
    found = [r for r in relations.find(units, name) if _concerns(app, shown, r)]
    general: list[Finding] = []
    seen = [_describe(model), *(_describe_app(model, each) for each in shown[:_FEW])]
    if len(found) <= _FEW:
        checked = _look_closer(model, found, shown, general)
    else:
        checked = [(relation, rules.check_relation(relation)) for relation in found]
        seen.append('For secrets, services and logs: opencti-connector check --juju APPLICATION')
    for each in shown:
        general += rules_of_juju.check_app(each, apps[each], name)
    general += rules.check_number(checked)
    return report.Report(checked, general, seen)


def _not_related(app: str) -> Finding:
    return Finding(
        code='not-related',
        problem=f'{app or "the model"} has no relation with this interface',
        command=next_command.integrate([app] if app else ['CONNECTOR', 'OPENCTI']),
    )


def _concerns(app: str, shown: list[str], relation: relations.Relation) -> bool:
    """Return whether a relation is of the application, or of a connector that it is related to."""
    return not app or app in relation.both_ends or relation.apps.get(Side.CONNECTOR) in shown


def _look_closer(
    model: Model, found: list[relations.Relation], apps: list[str], general: list[Finding]
) -> list[rules.Checked]:
    models = Models(model)
    model.client.progress.expected += len(found) * (1 + (model.status.model.type == 'caas'))
    try:
        log = model.log(apps)
    except client.Refused as error:
        log = []
        general.append(rules_of_juju.not_shown('the log', error, Place(apps, model.name)))
    return [_look_closer_at(models, relation, log) for relation in found]


def _look_closer_at(models: Models, relation: relations.Relation, log: list[str]) -> rules.Checked:
    more: list[Finding] = []
    seen: list[str] = []
    is_grant_known = False
    here = relation.here
    try:
        relation = models.with_other_end(relation)
    except client.Refused as error:
        more.append(rules_of_juju.not_shown('the other model', error, here))
    for view in relation.views:
        other = models[view.model]
        if other is not models.first:
            seen.append(_describe_app(other, view.app))
            more += rules_of_juju.check_app(view.app, other.status.apps[view.app], view.model)
    connector, opencti = relation.view_of(Side.CONNECTOR), relation.view_of(Side.OPENCTI)
    if connector is not None and models[connector.model].status.model.type == 'caas':
        try:
            services = models[connector.model].services(
                connector.unit, connector.of_unit.charm_name
            )
        except client.Refused as error:
            more.append(rules_of_juju.not_shown('the service', error, here))
        else:
            more += rules_of_juju.check_services(connector, services)
            seen += [f'The {each} of {connector.unit} is {each.state}' for each in services]
            seen += [] if services else [f'{connector.unit} has no service yet']
    published = relation.databags.get(Side.OPENCTI, {}).get('opencti_token', '')
    secret = masking.secret_id(published)
    if opencti is not None and secret is not None:
        model = models[opencti.model]
        try:
            access = model.access_to(secret)
        except client.Refused as error:
            more.append(rules_of_juju.not_shown('the secret', error, here))
        else:
            is_grant_known = True
            leader = model.leader(opencti.app) or opencti.unit
            problems = list(rules_of_juju.check_secret(relation, access, leader))
            more += problems
            granted = f'there and {"not " if problems else ""}granted to the connector'
            seen.append(f'The secret is {"missing" if access is None else granted}')
    lines = [line for line in log if _is_about(relation, line)][-_LINES:]
    relation = dataclasses.replace(
        relation,
        seen=seen,
        log=[masking.text(line) for line in lines],
        is_grant_known=is_grant_known,
    )
    found = [*rules.check_relation(relation), *more]
    return relation, sorted(found, key=lambda finding: finding.level is Level.NOTE)


def _is_about(relation: relations.Relation, line: str) -> bool:
    """Return whether a line of the log is about a relation, or about what its ends fail at."""
    unit = _UNIT.match(line)
    if unit is None or unit[1] not in relation.both_ends:
        return False
    info = relation.views[0].info
    names = (info.endpoint, info.related_endpoint, 'opencti_url', 'opencti_token')
    return ' ERROR ' in line or any(name and name in line for name in names)


def _describe(model: Model) -> str:
    status = model.status.model
    return (
        f'Model {masking.name(status.name)}, Juju {masking.text(status.version)} ({status.type})'
    )


def _describe_app(model: Model, app: str) -> str:
    status = model.status.apps[app]
    leader = model.leader(app)
    count = f'{len(status.units)} unit{"" if len(status.units) == 1 else "s"}'
    message = masking.text(
        ' '.join(filter(None, (status.app_status.current, status.app_status.message)))
    )
    return f'{app}: {count}, {f"{leader} leads" if leader else "no leader"}; {message}'
