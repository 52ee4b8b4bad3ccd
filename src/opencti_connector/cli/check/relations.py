# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The relations of the interface, joined from what the units of one or both ends show."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from . import sides
from .dump import show_unit
from .place import Place
from .sides import Side


@dataclasses.dataclass(frozen=True)
class View:
    """A relation, as one unit shows it."""

    unit: str
    of_unit: show_unit.Unit
    info: show_unit.RelationInfo
    model: str = ''
    """The model's name; empty if it is not known."""

    @property
    def app(self) -> str:
        """The application that the unit belongs to."""
        return show_unit.app_of(self.unit)

    @property
    def place(self) -> Place:
        """Where the application is."""
        return Place([self.app], self.model, is_local=self.of_unit.charm.startswith('local:'))

    @property
    def data(self) -> Mapping[str, str]:
        """What one of the two applications wrote. To Juju, an empty value is a missing one."""
        return {key: value for key, value in self.info.application_data.items() if value}

    @property
    def other_apps(self) -> list[str]:
        """The applications at the other end; none if Juju shows no unit of them."""
        return sorted({show_unit.app_of(unit) for unit in self.info.related_units} - {self.app})

    @property
    def side(self) -> Side | None:
        """The side that the unit is on, if known."""
        return sides.by_names(self.app, self.of_unit.charm_name, self.data, self.other_apps)

    def is_of_same_relation(self, other: 'View') -> bool:
        """Return whether both, with one id, show one relation, not two in two models."""
        ours, theirs = self.info, other.info
        if self.app == other.app:
            return ours.endpoint == theirs.endpoint
        return (
            (ours.endpoint, ours.related_endpoint) == (theirs.related_endpoint, theirs.endpoint)
            and self.other_apps in ([], [other.app])
            and other.other_apps in ([], [self.app])
        )


@dataclasses.dataclass(frozen=True)
class Relation:
    """A relation, with all that is known of both ends."""

    views: Sequence[View]
    apps: Mapping[Side, str]
    """The applications of this model whose side is known."""
    databags: Mapping[Side, Mapping[str, str]]
    """What each side wrote. A side is missing if no view shows what it wrote."""
    seen: Sequence[str] = ()
    """What else was seen of it, a line each."""
    log: Sequence[str] = ()
    """The last lines of the log about it."""
    is_looked_at: bool = False
    """Whether `juju` was asked for all that the units do not show."""

    @property
    def id(self) -> int:
        """The relation's id, unique in its model."""
        return self.views[0].info.relation_id

    @property
    def is_across_models(self) -> bool:
        """Whether the other end is known to be in another model."""
        return len({view.model for view in self.views}) > 1 or any(
            view.info.cross_model or any(map(show_unit.is_of_another_model, view.other_apps))
            for view in self.views
        )

    @property
    def connector_endpoint(self) -> tuple[str, str] | None:
        """The connector's application and endpoint, if names tell which it is."""
        app = self.apps.get(Side.CONNECTOR)
        if app is None:
            return None
        info = self.views[0].info
        return app, info.endpoint if self.views[0].app == app else info.related_endpoint

    @property
    def both_ends(self) -> list[str]:
        """The applications at both ends, as far as they are known in this model."""
        names = dict.fromkeys(view.app for view in self.views)
        if not self.is_across_models:
            names.update(dict.fromkeys(app for view in self.views for app in view.other_apps))
        return list(names)

    @property
    def is_complete(self) -> bool:
        """Whether it is shown what each side wrote."""
        return len(self.databags) == len(Side) and not self.ends_output

    def view_of(self, side: Side) -> View | None:
        """Return what a unit of this side shows, if one is shown and known to be of it."""
        return next((view for view in self.views if view.app == self.apps.get(side)), None)

    @property
    def ends_output(self) -> bool:
        """Whether the output ends in this relation, where it may have been cut."""
        return any(view.info.ends_output for view in self.views)

    @property
    def here(self) -> Place:
        """Where the applications are that this model has."""
        model = self.views[0].model
        elsewhere = {view.app for view in self.views if view.model != model}
        return Place([app for app in self.both_ends if app not in elsewhere], model)

    def place(self, side: Side) -> Place:
        """Return where a side's application is: both if names do not tell which it is."""
        app = self.apps.get(side)
        for view in self.views:
            if view.app == app:
                return view.place
            if app is None and view.side in (None, side):
                return Place(self._without_a_side, view.model)
        if self.is_across_models:
            return Place([side.value.upper()], 'OTHER-MODEL')
        return Place([app] if app else self._without_a_side, self.here.model)

    def place_of(self, app: str, seen: View) -> Place:
        """Return where the application at the other end is, whatever its name is in this model."""
        if seen.side is not None:
            return self.place(seen.side.other)
        if self.is_across_models:
            return Place(['APPLICATION'], 'OTHER-MODEL')
        return Place([app], seen.model)

    def show_both_ends(self) -> str:
        """Return the command that shows a unit of each end: with every Juju, that is all data."""
        shown = [view.unit for view in self.views]
        related = [unit for view in self.views for unit in view.info.related_units]
        unit_of = {show_unit.app_of(unit): unit for unit in reversed(shown + related)}
        units = [unit_of[app] for app in self.here.apps if app in unit_of]
        if len(units) < 2:
            return self.here.look()
        return f'{self.here.juju("show-unit", *units)} | opencti-connector check'

    @property
    def _without_a_side(self) -> list[str]:
        return [name for name in self.both_ends if name not in self.apps.values()]


def find(
    units: Iterable[tuple[str, show_unit.Unit]], model: str = '', *, endpoint: str | None = None
) -> list[Relation]:
    """Return the relations in one model.

    Args:
        units: The units that show them.
        model: The model's name, if it is known.
        endpoint: The endpoint's usual name, where relations can be of any interface.
    """
    groups: dict[int, list[list[View]]] = {}
    for name, unit in units:
        for info in unit.relation_info:
            if endpoint is None or _looks_like_ours(info, endpoint):
                view = View(name, unit, info, model)
                with_id = groups.setdefault(info.relation_id, [])
                group = next((g for g in with_id if view.is_of_same_relation(g[0])), None)
                if group is None:
                    with_id.append([view])
                else:
                    group.append(view)
    found = [group for with_id in groups.values() for group in with_id]
    shows_own = _shows_own(view for group in found for view in group)
    return [join(group, shows_own) for group in found]


def _looks_like_ours(info: show_unit.RelationInfo, endpoint: str) -> bool:
    """Return whether a relation is of the interface: by its endpoint's name, or by its keys."""
    databags = (info.application_data, *(unit.data for unit in info.related_units.values()))
    is_named = endpoint in (info.endpoint, info.related_endpoint)
    return not info.is_of_peers and (is_named or any(map(sides.writers, databags)))


def _shows_own(views: Iterable[View]) -> bool | None:
    """Return whether units show what their own application wrote; Juju's version decides it."""
    for view in views:
        writer = sides.writer(view.data)
        if view.info.cross_model:  # Juju 4 does not say so.
            return False
        if writer is not None and view.side is not None:
            return writer is view.side
    return None


def join(views: Sequence[View], shows_own: bool | None = None) -> Relation:
    """Join what units show of one relation, if need be in two models."""
    apps: dict[Side, str] = {}
    for view in views:
        if view.side is not None:
            apps.setdefault(view.side, view.app)
    for view in views:
        if view.side is not None:
            shown = [other.app for other in views if other.app != view.app]
            for other in shown + view.other_apps:
                if not show_unit.is_of_another_model(other):
                    apps.setdefault(view.side.other, other)
    databags: dict[Side, Mapping[str, str]] = {}
    for view in views:
        for side in sides.writers(view.data):
            databags[side] = {**databags.get(side, {}), **view.data}
    for view in views:
        if not sides.writers(view.data):
            side = _silent_side(view, views, shows_own)
            if side is not None:
                databags.setdefault(side, view.data)
    return Relation(views, apps, {side: databags[side] for side in Side if side in databags})


def _silent_side(view: View, views: Iterable[View], shows_own: bool | None) -> Side | None:
    """Return the side that wrote nothing that this view could show."""
    for other in views:
        writer = sides.writer(other.data)
        if other.app != view.app and writer is not None:
            return writer.other
    if view.side is None or shows_own is None:
        return None
    return view.side if shows_own else view.side.other
