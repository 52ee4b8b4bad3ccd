# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is wrong with a relation and its units, apart from what each side wrote."""

from collections.abc import Iterator

from .. import masking, relations, sides
from ..dump import show_unit
from ..finding import Finding, Level
from ..sides import Side

# Juju writes these itself, for each unit.
_OF_JUJU = {'egress-subnets', 'ingress-address', 'private-address'}


def check(relation: relations.Relation) -> Iterator[Finding]:
    """Check a relation as a whole."""
    yield from _units_that_go(relation)
    yield from _units_out_of_scope(relation)
    yield from _nobody_wrote(relation)
    yield from _wrong_side_wrote(relation)
    yield from _in_unit_databags(relation)
    yield from _differences(relation)
    yield from _unknown_keys(relation)


def check_what_is_not_shown(relation: relations.Relation) -> Iterator[Finding]:
    """Report what the input does not show of a relation without errors."""
    for side in Side:
        if side not in relation.databags:
            yield Finding(
                code='not-shown',
                level=Level.NOTE,
                side=side,
                problem=f'only the other end shows what {side} wrote',
                command=relation.show_both_ends(),
            )
    published = relation.databags.get(Side.OPENCTI, {}).get('opencti_token', '')
    secret_id = masking.secret_id(published)
    if secret_id is not None:
        yield Finding(
            code='grant-not-shown',
            level=Level.NOTE,
            side=Side.OPENCTI,
            key='opencti_token',
            problem="is valid; check that the secret's access names the connector",
            command=relation.place(Side.OPENCTI).juju(
                'show-secret', secret_id.removeprefix('secret:')
            ),
        )


def _units_that_go(relation: relations.Relation) -> Iterator[Finding]:
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


def _units_out_of_scope(relation: relations.Relation) -> Iterator[Finding]:
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


def _nobody_wrote(relation: relations.Relation) -> Iterator[Finding]:
    """Report that nothing was written, if it is unknown by whom."""
    if relation.databags:
        return
    if len({view.app for view in relation.views}) > 1:
        yield Finding(
            code='silent',
            problem='neither side has written anything: see what they wait for',
            command=relation.here.see_status(),
        )
    else:
        yield Finding(
            code='silent',
            problem='nothing is written by the other application (Juju 3) or by '
            "the unit's own application (Juju 4)",
            command=relation.show_both_ends(),
        )


def _wrong_side_wrote(relation: relations.Relation) -> Iterator[Finding]:
    writers = {view.app: sides.writers(view.data) for view in relation.views}
    if any(len(sides) > 1 for sides in writers.values()):
        yield Finding(
            code='both-sides',
            problem='one application has written the keys of both sides: its charm is wrong',
            command=relation.here.see_log(),
        )
    for side in Side:
        if len(writers) > 1 and all(sides == {side} for sides in writers.values()):
            yield Finding(
                code='same-side',
                side=side,
                problem=f'both ends show what {side} writes: show them again, in one command',
                command=relation.show_both_ends(),
            )


def _in_unit_databags(relation: relations.Relation) -> Iterator[Finding]:
    databags = {
        unit: (settings.data, view)
        for view in relation.views
        for unit, settings in view.info.related_units.items()
        if settings.data
    }
    for unit, (databag, view) in databags.items():
        app = show_unit.app_of(unit)
        is_ours = not show_unit.is_of_another_model(app)
        place = relation.place_of(app, view)
        where = f'the unit databag of {unit if is_ours else "a unit of the other model"}'
        for side in Side:
            for key in side.keys:
                if key in databag:
                    yield Finding(
                        code='unit-databag',
                        side=side,
                        key=key,
                        problem=f'is in {where}, where nobody reads it: it belongs in the '
                        'application databag' + _IF_A_TOKEN.get(key, ''),
                        command=place.upgrade(),
                    )
        if databag.keys() - _OF_JUJU - set(sides.KNOWN):
            yield Finding(
                code='unit-databag',
                level=Level.NOTE,
                problem=f'{where} is not empty; nobody reads it',
                command=place.see_log(),
            )


_IF_A_TOKEN = {'opencti_token': '. If it is the token itself, revoke it in OpenCTI'}


def _differences(relation: relations.Relation) -> Iterator[Finding]:
    """Report units of one application with different data: they were not shown at once."""
    for app in dict.fromkeys(view.app for view in relation.views):
        views = [view for view in relation.views if view.app == app]
        keys = [key for key in sides.KNOWN if len({view.data.get(key) for view in views}) > 1]
        if keys:
            units = list(dict.fromkeys(view.unit for view in views))
            where = ' and '.join(units) if len(units) > 1 else f'two outputs of {units[0]}'
            yield Finding(
                code='differs',
                key=keys[0],
                problem=f'differs between {where} ({", ".join(keys)}): show them again, in one '
                'command',
                command=relation.show_both_ends(),
            )


def _unknown_keys(relation: relations.Relation) -> Iterator[Finding]:
    # An unknown key may be anything, even a token, so only the similar known key is named.
    # If nobody wrote that one, it is an error already.
    shown = {key for view in relation.views for key in view.data}
    for key in sorted(shown.difference(sides.KNOWN)):
        like = sides.meant(key)
        if like is None or like in shown:
            yield Finding(
                code='unknown-key',
                level=Level.NOTE,
                problem=f'a key is unknown; is {like} meant?' if like else 'a key is unknown',
                command=relation.here.see_log(),
            )
