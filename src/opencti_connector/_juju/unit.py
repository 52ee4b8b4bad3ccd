# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Whether this unit is leaving, and which hook it runs.

Juju's environment tells this already in the charm's `__init__` and in deferred events, which come
before the event of the hook.
"""

import json
import os
import subprocess

import ops


def is_dying(unit: ops.Unit) -> bool | None:
    """Ask Juju whether this unit is being removed; `None` if Juju cannot say.

    A dying unit runs `relation-broken` although its application keeps the relation (seen on
    Juju 3.6 and 4.0). ops cannot tell the difference, but Juju's `goal-state` can. It may fail in
    models with cross-model relations (juju/juju#21152).
    """
    try:
        answer = subprocess.run(['goal-state', '--format=json'], capture_output=True, check=True)
        return json.loads(answer.stdout)['units'][unit.name]['status'] == 'dying'
    except FileNotFoundError:
        return False  # Without Juju, nothing removes the unit.
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None


def is_in_relation_broken() -> bool:
    """Return whether this hook is a `relation-broken`."""
    return _hook().endswith('-relation-broken')


def is_in_relation_departed(relation: ops.Relation) -> bool:
    """Return whether this hook is a `relation-departed` of the relation."""
    relation_id = os.environ.get('JUJU_RELATION_ID', '').rpartition(':')[2]  # <endpoint>:<id>
    return _hook().endswith('-relation-departed') and relation_id == str(relation.id)


def _hook() -> str:
    return os.environ.get('JUJU_DISPATCH_PATH', '').replace('_', '-')
