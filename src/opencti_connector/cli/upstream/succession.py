# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Deprecated options, and those that replace them.

Where both variables are set, upstream uses the new one alone (`migrate_deprecated_variable` in
`connectors_sdk/settings/deprecations.py`). So while a charm keeps the old option, a default of the
new one would make it ineffective.
"""

import dataclasses
import re
from collections.abc import Container

from .options import Option

# `connectors_sdk/settings/json_schema_generator.py` writes it.
_USE = re.compile(r'\bUse ([A-Z][A-Z0-9_]*) instead')
# Some connectors' own settings replace it without saying so in the schema (their
# `migrate_deprecated_interval`).
_INTERVAL = re.compile(r'(^|-)interval(-[a-z]+)?$')


def settle(options: list[Option], decided: Container[str] = ()) -> list[Option]:
    """Return options of which none makes a deprecated one ineffective.

    Args:
        options: The options of a charm.
        decided: The options whose default a person decided; they keep it.
    """
    by_name = {option.name: option for option in options}
    replaced: dict[str, list[Option]] = {}
    for option in options:
        successor = successor_of(option)
        if successor in by_name and successor != option.name:
            replaced.setdefault(successor, []).append(option)
    for name, old in replaced.items():
        option = by_name[name]
        by_name[name] = dataclasses.replace(
            option,
            default=option.default if name in decided else None,
            # Any of them will do.
            is_mandatory=any(each.is_required for each in (option, *old)),
            replaces=tuple(old),
        )
        for each in old:
            by_name[each.name] = dataclasses.replace(by_name[each.name], is_mandatory=False)
    # One that replaces another may be replaced itself.
    return [
        dataclasses.replace(each, replaces=tuple(by_name[old.name] for old in each.replaces))
        for each in by_name.values()
    ]


def successor_of(option: Option) -> str:
    """Return the option that replaces a deprecated one, if upstream says it."""
    if not option.schema.deprecated:
        return ''
    if found := _USE.search(option.schema.description):
        return found[1].lower().replace('_', '-')
    return 'connector-duration-period' if _INTERVAL.search(option.name) else ''
