# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""All rules: for values, units and each relation, and for all relations together."""

from collections.abc import Iterable, Iterator

from .. import masking, relations, sides
from ..dump import show_unit
from ..finding import Checked, Finding, Level
from ..place import Place
from ..sides import Side
from . import of_databags, of_relations


def check_relation(relation: relations.Relation, beside: Iterable[Finding] = ()) -> Checked:
    """Return a relation with all findings, errors first.

    Args:
        relation: The relation.
        beside: What was found about it already.
    """
    if relation.ends_output:
        return Checked(relation, [_cut(relation)])
    found: list[Finding] = []
    for side, databag in relation.databags.items():
        found.extend(of_databags.check(side, databag, relation.place(side)))
    found.extend(of_relations.check(relation))
    errors = any(finding.level is Level.ERROR for finding in found)
    if not errors and not relation.is_looked_at:
        found.extend(of_relations.check_what_is_not_shown(relation))
    found.extend(beside)
    return Checked(relation, sorted(found, key=lambda finding: finding.level is Level.NOTE))


def _cut(relation: relations.Relation) -> Finding:
    return Finding(
        code='cut',
        problem='the output ends within this relation: either it is cut, or the other end has no '
        'unit',
        command=relation.show_both_ends(),
    )


def check_number(checked: list[Checked]) -> Iterator[Finding]:
    """Report connectors with more than the one relation that they can serve."""
    of_connectors: dict[tuple[str, str], list[Checked]] = {}
    for one in checked:
        connector = one.relation.connector_endpoint
        if connector is not None:
            of_connectors.setdefault(connector, []).append(one)
    for (app, _), own in of_connectors.items():
        if len(own) > 1:
            each = '; '.join(_health(app, one) for one in own)
            yield Finding(
                code='too-many-relations',
                side=Side.CONNECTOR,
                problem=f'{app} has {len(own)} relations and can serve only one OpenCTI: remove '
                f'all but the one that you want. {each}',
                command=own[0].relation.place(Side.CONNECTOR).juju('remove-relation', 'ID'),
            )


def _health(app: str, one: Checked) -> str:
    others = [other for other in one.relation.both_ends if other != app]
    health = 'in order' if one.relation.is_complete else 'nothing is wrong in what is shown'
    with_whom = others[0] if others else 'another model'
    return f'{one.relation.id} with {with_whom}: {", ".join(one.error_codes) or health}'


def check_unrelated(
    units: list[tuple[str, show_unit.Unit]], all_relations: list[relations.Relation]
) -> Iterator[Finding]:
    """Report applications without a relation of the interface."""
    related = {app for relation in all_relations for app in relation.both_ends}
    names = dict.fromkeys(show_unit.app_of(name) for name, _ in units)
    unrelated = [name for name in names if name not in related]
    pairs = [unrelated] if len(unrelated) == 2 else [[app] for app in unrelated]
    for apps in pairs:
        own = [(name, unit) for name, unit in units if show_unit.app_of(name) in apps]
        # Beside a relation, an application may be shown that has nothing to do with it.
        is_concerned = not all_relations or any(
            sides.by_names(show_unit.app_of(name), unit.charm_name, {}, ()) for name, unit in own
        )
        silent = _silent(unit for _, unit in own)
        place = Place(apps)
        command = place.see_status()
        if silent:
            code = 'not-known'
            problem = (
                'no relation shows that it has this interface, but nothing is written yet in '
                f'{" and ".join(silent)}. Juju knows its interface; if it is opencti_connector, '
                'name its endpoint: --endpoint NAME'
            )
        elif any(unit.ends_output for _, unit in own):
            code = 'cut'
            problem = 'the output ends before any relation: either it is cut, or there is none'
        else:
            code = 'not-related'
            problem = 'there is no relation with this interface'
            command = place.integrate() if is_concerned else command
        yield Finding(
            code=code,
            level=Level.ERROR if is_concerned else Level.NOTE,
            problem=f'{" and ".join(apps)}: {problem}',
            command=command,
        )


def _silent(units: Iterable[show_unit.Unit]) -> list[str]:
    """Return the relations without data, each in words."""
    found: dict[int, str] = {}
    for unit in units:
        for info in unit.relation_info:
            if not info.application_data and not info.is_of_peers:
                ends = f'{masking.name(info.endpoint)} and {masking.name(info.related_endpoint)}'
                found.setdefault(info.relation_id, f'relation {info.relation_id} ({ends})')
    return list(found.values())
