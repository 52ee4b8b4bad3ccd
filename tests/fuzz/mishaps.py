# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What goes wrong in a model: what is removed by force, starts anew, ends or is lost."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from fakes import juju

from .deployment import APPLICATIONS, CONNECTORS, MIXINS, PODS, UNITS, Deployment


class Mishaps(RuleBasedStateMachine):
    model: Deployment
    by_name: dict[str, juju.Application]

    @rule(name=CONNECTORS, refusal=st.sampled_from(juju.REFUSALS))
    def remove_relation_by_force(self, name: str, refusal: str) -> None:
        for link in self.model.links_of(self.by_name[name]):
            if link.life is not juju.Life.GONE:
                self.model.force_removal(link.id, refusal)

    @rule(name=APPLICATIONS, refusal=st.sampled_from(juju.REFUSALS))
    def replace_an_application_by_force(self, name: str, refusal: str) -> None:
        application = self.by_name[name]
        if application.units:
            self.model.replace_by_force(application, refusal)

    @rule(name=APPLICATIONS, number=UNITS, index=st.integers(0, 20))
    def remove_a_relation_by_force_in_a_hook(self, name: str, number: int, index: int) -> None:
        unit = self.model.unit(self.by_name[name], number)
        if unit is not None and unit.is_waiting:
            for link in self.model.links_of(unit.application)[:1]:
                self.model.may_refuse = len(self.model.hooks)
                self.model.force_removal_in_hook(link.id, unit, index % (len(unit.pending) or 1))
                if self.model.may_refuse == len(self.model.hooks):
                    self.model.may_refuse = None  # That hook had lost its cause.

    @rule(is_grant=st.booleans())
    def lose_secrets_or_grants(self, is_grant: bool) -> None:
        for secret in list(self.model.opencti.secrets):
            if is_grant:
                secret.grants.clear()
            else:
                self.model.ledger.remove(secret.id)

    @precondition(lambda self: self.model.ledger.version is juju.Version.V4_0)
    @rule(
        words=st.lists(st.sampled_from([juju.SECRET_WENT, juju.RELATION_WENT]), max_size=4),
    )
    def lose_lists_of_secrets(self, words: list[str]) -> None:
        self.model.ledger.failing_lists = words

    @rule(fails=st.booleans())
    def let_goal_state_fail(self, fails: bool) -> None:
        self.model.goal_state_error = 'permission denied' if fails else None

    @rule(name=APPLICATIONS, number=UNITS)
    def restart_an_agent(self, name: str, number: int) -> None:
        unit = self.model.unit(self.by_name[name], number)
        if unit is not None:
            self.model.restart_agent(unit)

    @rule(name=PODS, number=UNITS, is_killed=st.booleans(), heir=st.none() | UNITS)
    def delete_a_pod(self, name: str, number: int, is_killed: bool, heir: int | None) -> None:
        application = self.by_name[name]
        unit = self.model.unit(application, number)
        other = None if heir is None else self.model.unit(application, heir)
        if unit is not None and not unit.is_dying:
            is_heir = other is not None and not other.is_dying
            self.model.delete_pod(unit, is_killed=is_killed, heir=other if is_heir else None)

    @rule(name=PODS, number=UNITS, is_up=st.booleans())
    def restart_the_containers(self, name: str, number: int, is_up: bool) -> None:
        unit = self.model.unit(self.by_name[name], number)
        if unit is not None:
            juju.restart_containers(unit, is_up=is_up)

    @rule(name=MIXINS, number=UNITS)
    def end_a_workload(self, name: str, number: int) -> None:
        unit = self.model.unit(self.by_name[name], number)
        if unit is not None:
            juju.end_services(unit)
