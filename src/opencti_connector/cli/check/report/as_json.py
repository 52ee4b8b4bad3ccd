# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The report for scripts; `docs/reference/command.md` documents the keys."""

import json
from typing import Any

from .. import masking, relations
from ..finding import Finding, Report
from ..rules import of_databags
from ..sides import Side


def show(found: Report) -> str:
    """Return a report as JSON."""
    return json.dumps(
        {
            'ok': found.is_ok,
            'complete': found.is_complete,
            'verdict': _finding(found.verdict) if found.verdict else None,
            'seen': list(found.seen),
            'relations': [_relation(one.relation, one.findings) for one in found.relations],
            'findings': [_finding(finding) for finding in found.general],
        },
        indent=2,
    )


def _relation(relation: relations.Relation, findings: list[Finding]) -> dict[str, Any]:
    return {
        'id': relation.id,
        'cross-model': relation.is_across_models,
        'units': list(dict.fromkeys(view.unit for view in relation.views)),
        **{side.value: _side(relation, side) for side in Side},
        'seen': list(relation.seen),
        'log': list(relation.log),
        'findings': [_finding(finding) for finding in findings],
    }


def _side(relation: relations.Relation, side: Side) -> dict[str, Any]:
    databag = relation.databags.get(side)
    wrote = (
        None
        if databag is None
        else {key: _value(side, key, databag[key]) for key in side.keys if key in databag}
    )
    return {'application': relation.apps.get(side), 'wrote': wrote}


def _value(side: Side, key: str, value: str) -> dict[str, Any]:
    is_usable = of_databags.unusable(side, key, value) is None
    return {'usable': is_usable, 'value': masking.shown(key, value) if is_usable else None}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        'code': finding.code,
        'level': finding.level.value,
        'side': finding.side.value if finding.side else None,
        'key': finding.key,
        'problem': finding.problem,
        'next': finding.command,
    }
