# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""All rules: for values, for each relation, and for all relations together."""

from collections.abc import Iterator

from . import next_command, relations, rules_of_databags, rules_of_relations, show_unit
from .finding import Finding, Level
from .sides import Side


def check_relation(relation: relations.Relation) -> list[Finding]:
    """Return all findings about one relation, errors first."""
    found: list[Finding] = []
    for side, databag in relation.databags.items():
        found.extend(rules_of_databags.check(side, databag, relation.app_names(side)))
    found.extend(rules_of_relations.check(relation))
    errors = [finding for finding in found if finding.level is Level.ERROR]
    notes = [finding for finding in found if finding.level is Level.NOTE]
    if not errors:
        notes.extend(rules_of_relations.check_what_is_not_shown(relation))
    return [*errors, *notes]


def check_number(all_relations: list[relations.Relation]) -> Iterator[Finding]:
    """Report connectors with more than the one relation that they can serve."""
    of_connectors: dict[tuple[str, str], list[relations.Relation]] = {}
    for relation in all_relations:
        connector = relation.connector_endpoint
        if connector is not None:
            of_connectors.setdefault(connector, []).append(relation)
    for (app, _), own in of_connectors.items():
        if len(own) > 1:
            ids = ', '.join(str(relation.id) for relation in own)
            yield Finding(
                code='too-many-relations',
                side=Side.CONNECTOR,
                problem=f'{app} has {len(own)} relations (ids {ids}) and can serve only one '
                'OpenCTI: remove all but one',
                command=next_command.remove(own[-1]),
            )


def check_unrelated(
    units: list[tuple[str, show_unit.Unit]], all_relations: list[relations.Relation]
) -> Iterator[Finding]:
    """Report applications without a relation of the interface."""
    related = {app for relation in all_relations for app in relation.both_ends}
    names = dict.fromkeys(show_unit.app_of(name) for name, _ in units)
    unrelated = [name for name in names if name not in related]
    pairs = [unrelated] if len(unrelated) == 2 else [[app] for app in unrelated]
    for apps in pairs:
        yield Finding(
            code='not-related',
            problem=f'{" and ".join(apps)}: there is no relation with this interface',
            command=next_command.integrate(apps),
        )
