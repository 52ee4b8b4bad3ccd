# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""An `ops.testing.Context` that runs a charm's hook by Juju's rules."""

import contextlib
from collections.abc import Generator
from typing import Any

from ops import testing

from . import departing, goal_state, state_view
from .flush import HookFailed
from .hook_tools import HookTools
from .relations import Life, Relation
from .secrets import Ledger
from .version import Version


class Context(testing.Context[Any]):
    """Runs one hook of one charm; see the package's docstring for how a test uses it.

    Args:
        charm_type: as for `ops.testing.Context`; so are all further arguments.
        version: the version of Juju whose rules are played.
        removes_later: whether removals wait for `ledger.run_removals()`, as they may in 4.0.
        ledger: a ledger that others share, from which the secrets come instead of the `State`.
    """

    def __init__(
        self,
        charm_type: Any,
        *args: Any,
        version: Version = Version.V4_0,
        removes_later: bool = False,
        ledger: Ledger | None = None,
        **kwargs: Any,
    ):
        super().__init__(charm_type, *args, juju_version=version.value, **kwargs)
        self.is_shared = ledger is not None
        self.ledger = ledger or Ledger(version, removes_later=removes_later)
        self.relations: dict[int, Relation] = {}
        """The relations as the controller has them, if it is not plain from state and event."""
        self.unreadable_relations: dict[int, str] = {}
        """Relations that are gone, but still listed, with the words in which Juju refuses them.

        Across models, and after a removal with `--force`.
        """
        self.withheld: set[str] = set()
        """The ids of the state's secrets that this unit was not granted."""
        self.goal_state: goal_state.GoalState | None = None
        """What `goal-state` answers; by default there is no such program, as in `ops.testing`."""
        self.departing_unit: str | None = None
        """The unit that relation-departed names, if it is this unit itself."""
        self.is_killed = False
        """Whether the agent dies before it flushes the next hook."""
        self.unflushed: testing.State
        """The state that the charm left, even if the hook then failed."""
        self.tools: HookTools
        """The hook tools of the hook that runs, or ran last."""

    def _begin(self, backend: Any) -> None:
        state, event = backend._state, backend._event
        if not self.is_shared:
            state_view.take_over(self.ledger, backend.unit_name, state.secrets, self.withheld)
        relations = {
            relation.id: Relation(getattr(relation, 'remote_app_name', backend.app_name))
            for relation in state.relations
        }
        if event.name.endswith('_relation_broken'):
            relations[event.relation.id].life = Life.DYING
        self.tools = HookTools(
            self.ledger,
            backend.unit_name,
            is_leader=state.leader,
            relations={**relations, **self.relations},
        )

    @contextlib.contextmanager
    def _run(self, event: Any, state: testing.State) -> Generator[Any, None, None]:
        with (
            goal_state.on_path(self.goal_state),
            departing.named(self.departing_unit),
            super()._run(event, state) as manager,
        ):
            yield manager
        self.unflushed = manager.state
        if self.is_killed:
            raise HookFailed('killed')
        removed = len(self.ledger.removed_revisions)
        self.tools.flush()
        newly_removed = self.ledger.removed_revisions[removed:]
        self.removed_secret_revisions.extend(number for _, number in newly_removed)
        shown = state_view.show(self.ledger, self.tools.unit, withheld=self.withheld)
        manager.state._update_secrets(shown)
