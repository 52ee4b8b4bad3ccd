# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Whether this unit is leaving."""

import json
import os
import subprocess
from typing import Any

import ops


def is_dying(unit: ops.Unit) -> bool | None:
    """Ask Juju whether this unit is being removed; `None` if Juju cannot say.

    A dying unit runs `relation-broken` although its application keeps the relation (seen on
    Juju 3.6 and 4.0). ops cannot tell the difference, but Juju's `goal-state` can. It may fail in
    models with cross-model relations (juju/juju#21152).
    """
    try:
        answer = subprocess.run(
            ['goal-state', '--format=json'], capture_output=True, check=True, text=True
        ).stdout
    except FileNotFoundError:
        return False  # Without Juju, nothing removes the unit.
    except (OSError, subprocess.SubprocessError):
        return None
    try:
        units: Any = json.loads(answer)['units']
        return units[unit.name]['status'] == 'dying'
    except (ValueError, KeyError, TypeError):
        return None


def is_in_relation_broken() -> bool:
    """Return whether this hook is a `relation-broken`."""
    hook = os.environ.get('JUJU_DISPATCH_PATH', '')
    return hook.replace('_', '-').endswith('-relation-broken')
