# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Several problems at once, and which of Juju's errors are refusals."""

import ops
import pytest

from opencti_connector import (
    Blocked,
    NotLeader,
    OpenctiConnectorError,
    RelationDataMissing,
    RelationMissing,
    SecretReadFailed,
    TooManyRelations,
    TooManyUnits,
)
from opencti_connector._errors import MissingConfiguration, combine, stops_workload
from opencti_connector._juju.refusal import is_refusal

MISSING = MissingConfiguration('missing configuration: a')
UNRELATED = RelationMissing('missing relation b')


class TestCombine:
    def test_all_that_a_person_must_fix_is_named(self):
        error = combine([UNRELATED, MISSING])
        assert error.status == ops.BlockedStatus('missing relation b; missing configuration: a')

    def test_what_passes_is_not_named(self):
        error = combine([NotLeader('waiting'), MISSING])
        assert isinstance(error, MissingConfiguration)
        assert error.status == ops.BlockedStatus('missing configuration: a')

    def test_one_that_stops_the_workload_is_enough(self):
        error = combine([SecretReadFailed('waiting for Juju'), RelationDataMissing('waiting')])
        assert error.status == ops.WaitingStatus('waiting for Juju')
        assert stops_workload(error)

    def test_one_that_is_not_named_is_enough(self):
        error = combine([RelationDataMissing('waiting'), TooManyUnits('2 units')])
        assert error.status == ops.BlockedStatus('2 units')
        assert stops_workload(error)

    def test_what_passes_leaves_the_workload_alone(self):
        assert not stops_workload(combine([SecretReadFailed('waiting'), NotLeader('waiting')]))

    def test_what_a_person_must_fix_first_leaves_the_workload_alone(self):
        error = combine([TooManyUnits('2 units'), TooManyRelations('2 relations')])
        assert error.status == ops.BlockedStatus('2 units; 2 relations')
        assert isinstance(error, Blocked)
        assert not stops_workload(error)
        assert not stops_workload(combine([error, NotLeader('waiting')]))

    def test_no_error_is_changed(self):
        problems: list[OpenctiConnectorError] = [SecretReadFailed('Juju'), UNRELATED]
        combine(problems)
        assert [stops_workload(problem) for problem in problems] == [False, True]


@pytest.mark.parametrize(
    ('words', 'refused'),
    [
        ('ERROR permission denied', True),  # Juju 3.6
        ('ERROR "conn/0" is not allowed to read this secret', True),  # Juju 4.0
        ('ERROR secret "secret:d2l5" not found', True),
        ('ERROR cannot read: Vault is sealed', False),
        ('ERROR Error making API request.\n\nCode: 403. Errors:\n\n* permission denied', False),
        ('ERROR connection is shut down', False),
        ('', False),
    ],
)
def test_a_refusal_is_not_a_failure(words: str, refused: bool):
    assert is_refusal(ops.ModelError(words)) is refused
