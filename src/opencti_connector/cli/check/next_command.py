# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The command to type next."""

from collections.abc import Iterable

from . import relations, show_unit


def see_log(apps: Iterable[str]) -> str:
    """Show why hooks did not do what they should."""
    return ' '.join(['juju debug-log --replay', *(f'--include {app}' for app in apps)])


def see_status(apps: Iterable[str]) -> str:
    """Show the status of the applications."""
    return ' '.join(['juju status --relations', *apps])


def see_config(apps: list[str]) -> str:
    """Show the configuration, if there is only one possible application."""
    return f'juju config {apps[0]}' if len(apps) == 1 else see_log(apps)


def upgrade(apps: list[str]) -> str:
    """Upgrade the charm, if there is only one possible application."""
    return f'juju refresh {apps[0]}' if len(apps) == 1 else see_log(apps)


def see_secret(secret_id: str) -> str:
    """Show to whom a secret is granted."""
    return f'juju show-secret {secret_id.removeprefix("secret:")}'


def see_both_ends(relation: relations.Relation) -> str:
    """Show a unit of each end at once: with every version of Juju, this shows all data."""
    units = [view.unit for view in relation.views]
    units += [unit for view in relation.views for unit in view.info.related_units]
    one_of_each = {show_unit.app_of(unit): unit for unit in reversed(units)}
    known = [app for app in relation.both_ends if app in one_of_each]
    if len(known) < 2 or relation.is_across_models:
        return see_status([])
    shown = ' '.join(one_of_each[app] for app in known)
    return f'juju show-unit {shown} | opencti-connector check'


def remove(relation: relations.Relation) -> str:
    """Remove a relation."""
    return f'juju remove-relation {relation.id}'


def integrate(apps: list[str]) -> str:
    """Relate the applications, with a placeholder for one that is not known."""
    return ' '.join(['juju integrate', *apps, *['OTHER-APPLICATION'] * (2 - len(apps))])
