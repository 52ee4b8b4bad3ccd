# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is wrong with the units that a relation joins."""

from collections.abc import Iterator

from .. import relations
from ..dump import show_unit
from ..finding import Finding, Level


def check(relation: relations.Relation) -> Iterator[Finding]:
    """Check the units of a relation."""
    yield from _that_are_removed(relation)
    yield from _that_have_not_entered(relation)


def _that_are_removed(relation: relations.Relation) -> Iterator[Finding]:
    alive = {view.app for view in relation.views if view.of_unit.life == 'alive'}
    for view in relation.views:
        if view.of_unit.life in ('dying', 'dead'):
            stays = view.app in alive
            yield Finding(
                code='dying',
                level=Level.NOTE if stays else Level.ERROR,
                side=view.side,
                problem=f'{view.unit} is {view.of_unit.life}: it is being removed. If it stays, '
                'its hook or its machine fails'
                + ('' if stays else '; to see the relation, show another unit'),
                command=view.place.see_status(),
            )


def _that_have_not_entered(relation: relations.Relation) -> Iterator[Finding]:
    scopes: dict[str, dict[str, bool]] = {}
    seen: dict[str, relations.View] = {}
    for view in relation.views:
        for unit, settings in view.info.related_units.items():
            app = show_unit.app_of(unit)
            scopes.setdefault(app, {})[unit] = settings.in_scope
            seen[app] = view
    for app, in_scope in scopes.items():
        missing = [unit for unit, is_in_scope in in_scope.items() if not is_in_scope]
        is_ours = not show_unit.is_of_another_model(app)
        who = ' and '.join(missing) if is_ours else 'a unit of the other model'
        if missing:
            are_all = len(missing) == len(in_scope)
            yield Finding(
                code='out-of-scope',
                level=Level.ERROR if are_all else Level.NOTE,
                problem=f'{who} takes no part in the relation: it has not entered it yet, or has '
                'left it' + (', and no other unit of it is shown' if are_all else ''),
                command=relation.place_of(app, seen[app]).see_status(),
            )
