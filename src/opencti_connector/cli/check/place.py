# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Where something is, and the command to type next about it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Place:
    """Where something is. In commands, what a person must fill in is in capitals."""

    apps: list[str]
    """The applications that it may be."""

    model: str = ''
    """Their model; empty for the one that `juju` uses now."""

    is_local: bool = False
    """Whether the charm is known to come from a file, not from Charmhub."""

    def juju(self, command: str, *arguments: str) -> str:
        """Return a command of `juju` in the model."""
        return self._typed('juju', command, *arguments)

    def look(self) -> str:
        """Look at the first of the applications with `juju`."""
        return self._typed('opencti-connector', 'check --juju', *self.apps[:1])

    def see_log(self) -> str:
        """Show why hooks did not do what they should."""
        return self.juju('debug-log', '--replay', *(f'--include {app}' for app in self.apps))

    def see_status(self) -> str:
        """Show the status of the applications."""
        return self.juju('status', '--relations', *self.apps)

    def see_config(self) -> str:
        """Show the configuration, if there is only one possible application."""
        return self.juju('config', *self.apps) if len(self.apps) == 1 else self.see_log()

    def upgrade(self) -> str:
        """Upgrade the charm, if there is only one possible application."""
        # Without a file, Juju refuses to refresh a local charm (cmd/juju/application/refresh.go).
        file = ['--path', 'CHARM-FILE'] if self.is_local else []
        return self.juju('refresh', *self.apps, *file) if len(self.apps) == 1 else self.see_log()

    def integrate(self) -> str:
        """Relate the applications, with a placeholder for one that is not known."""
        return self.juju('integrate', *[*self.apps, 'OTHER-APPLICATION'][:2])

    def _typed(self, program: str, command: str, *arguments: str) -> str:
        model = ['--model', self.model] if self.model else []
        return ' '.join([program, command, *model, *arguments])
