# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Looks at a model with `juju`, and applies all rules to what it shows."""

from .. import masking, refusals, relations
from ..dump import show_unit
from ..finding import Finding, Report
from ..place import Place
from ..rules import apply
from ..sides import Side
from . import client, look_closer, rules
from .across import Models
from .model import Model

# Secrets, services and other models are asked for one by one: for more relations, only if one
# application is named.
_FEW = 12


def look(name: str, app: str, say: client.Say) -> Report:
    """Look at the relations of a model, or of one application in it.

    Args:
        name: The model's name; empty for the one that `juju` uses now.
        app: The name of an application, or of a unit of it; empty for all with the interface.
        say: What to call with each line about what is asked.

    Raises:
        Refused: if Juju does not answer.
    """
    model = Model(name, client.Progress(say))
    app = show_unit.app_of(app)
    apps = model.status.apps
    if app and app not in {*apps, *model.status.app_endpoints}:
        seen = Place([], name).juju('status')
        raise refusals.Refused(f'there is no application of this name in the model: `{seen}`')
    pairs = [pair for pair in model.pairs if not app or app in (pair.app, pair.other)]
    related = {end: None for pair in pairs for end in (pair.app, pair.other) if end in apps}
    shown = list(related)
    if not related:
        return Report([], [_not_related(app, name)])
    units = model.show(shown)
    found = [r for r in relations.find(units, name) if _concerns(app, shown, r)]
    general: list[Finding] = []
    seen = [_describe(model), *(look_closer.describe(model, each) for each in shown[:_FEW])]
    if len(found) <= _FEW:
        models = Models(model)
        model.client.progress.expected += len(found) * (1 + (model.status.model.type == 'caas'))
        log = _log(model, shown, general)
        checked = [look_closer.Look(models, relation).at_all(log) for relation in found]
    else:
        checked = [apply.check_relation(relation) for relation in found]
        closer_look = Place(['APPLICATION'], name).look()
        seen.append(f'For secrets, services and logs: {closer_look}')
    for each in shown:
        general += rules.check_units(model.units(each), Place([each], name))
    general += rules.check_left_out(model, pairs, found)
    general += apply.check_number(checked)
    return Report(checked, general, seen)


def _not_related(app: str, model: str) -> Finding:
    return Finding(
        code='not-related',
        problem=f'{app or "the model"} has no relation with this interface',
        command=Place([app] if app else ['CONNECTOR', 'OPENCTI'], model).integrate(),
    )


def _concerns(app: str, shown: list[str], relation: relations.Relation) -> bool:
    """Return whether a relation is of the application, or of a connector that it is related to."""
    return not app or app in relation.both_ends or relation.apps.get(Side.CONNECTOR) in shown


def _log(model: Model, apps: list[str], general: list[Finding]) -> list[str]:
    try:
        return model.log(apps)
    except refusals.Refused as error:
        general.append(rules.not_shown('the log', error, Place(apps, model.name)))
        return []


def _describe(model: Model) -> str:
    status = model.status.model
    return (
        f'Model {masking.name(status.name)}, Juju {masking.text(status.version)} ({status.type})'
    )
