# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Juju in small, by Juju's rules.

`ops.testing` is kinder than Juju: it writes at once what Juju queues until the end of the hook,
forgets who read which revision, and refuses nothing at the end. This package has those rules.

One charm, in a unit test::

    ctx = juju.Context(MyCharm)                    # as ops.testing.Context, same arguments
    out = ctx.run(ctx.on.update_status(), state)   # raises juju.HookFailed where Juju refuses

    juju.Context(MyCharm, version=juju.Version.V3_6)    # where 3.6 differs; 4.0 by default
    juju.Context(MyCharm, removes_later=True)           # what is removed is still there ...
    ctx.ledger.run_removals()                           # ... until this
    ctx.ledger.find(secret.id).consumers                # who is pinned to which revision
    ctx.ledger.find(secret.id).grants                   # to whom it is granted
    ctx.ledger.obsolete('opencti')                      # what `secret-remove` would tell
    ctx.ledger.failing_lists = [juju.SECRET_WENT]       # one `secret-info-get` finds nothing
    ctx.withheld.add(secret.id)                         # this secret was not granted (yet)
    ctx.relations[1] = juju.Relation('conn', juju.Life.GONE)    # or DYING
    ctx.unreadable_relations[1] = 'permission denied'   # gone, and still listed
    ctx.departing_unit = 'opencti/0'                    # in relation-departed: this very unit
    ctx.goal_state = juju.GoalState({'opencti/0': 'dying'})     # by default there is no program
    ctx.goal_state = juju.GoalState(error='...')        # it fails

The ledger lives as long as the context and follows the secrets of each state that is passed in:
an `owner='app'` secret is the charm's own, one without an owner belongs to another and is granted,
a `tracked_content` that differs is a revision that the unit is pinned to. The context's
`removed_secret_revisions` lists what was removed.

A whole model, with applications of several units: see `model.py`. Its agents, pods and containers
can start anew: see `agents.py`.
"""

from . import backend as _backend
from . import pebble as _pebble
from .agents import end_services as end_services
from .agents import restart_containers as restart_containers
from .application import Application as Application
from .application import Unit as Unit
from .charm import load_charm as load_charm
from .context import Context as Context
from .flush import HookFailed as HookFailed
from .goal_state import GoalState as GoalState
from .hook import Event as Event
from .hook import Hook as Hook
from .hook import Pending as Pending
from .hook_tools import HookTools as HookTools
from .hook_tools import Metadata as Metadata
from .link import Link as Link
from .model import Model as Model
from .pebble import BACKOFF as BACKOFF
from .relations import REFUSALS as REFUSALS
from .relations import Life as Life
from .relations import Relation as Relation
from .secret_events import expire as expire
from .secrets import RELATION_WENT as RELATION_WENT
from .secrets import SECRET_WENT as SECRET_WENT
from .secrets import Ledger as Ledger
from .secrets import Refused as Refused
from .secrets import Secret as Secret
from .secrets import bare_id as bare_id
from .version import Version as Version
from .writes import Changes as Changes

_backend.install()
_pebble.install()
