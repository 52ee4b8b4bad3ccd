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
from opencti_connector._errors import combine, stops_workload
from opencti_connector._juju.refusal import is_refusal

MISSING = Blocked('missing configuration: a')
UNRELATED = RelationMissing('missing relation b')
TWO = [TooManyUnits('2 units'), TooManyRelations('2 relations')]


@pytest.mark.parametrize(
    ('problems', 'status', 'stops'),
    [
        # All that a person must fix is named, but not what passes.
        (
            [UNRELATED, MISSING],
            ops.BlockedStatus('missing relation b; missing configuration: a'),
            True,
        ),
        ([NotLeader('waiting'), MISSING], ops.BlockedStatus('missing configuration: a'), True),
        # One that stops the workload is enough, named or not.
        ([SecretReadFailed('Juju'), RelationDataMissing('data')], ops.WaitingStatus('Juju'), True),
        (
            [RelationDataMissing('data'), TooManyUnits('2 units')],
            ops.BlockedStatus('2 units'),
            True,
        ),
        # What passes leaves the workload alone, and so does what a person must fix first.
        ([SecretReadFailed('Juju'), NotLeader('waiting')], ops.WaitingStatus('Juju'), False),
        ([*TWO, NotLeader('waiting')], ops.BlockedStatus('2 units; 2 relations'), False),
    ],
)
def test_combine(problems: list[OpenctiConnectorError], status: ops.StatusBase, stops: bool):
    each = [stops_workload(problem) for problem in problems]
    error = combine(problems)
    assert error.status == status
    assert stops_workload(error) is stops
    # A charm can tell what is the matter, and no error is changed.
    assert isinstance(error, Blocked) is isinstance(status, ops.BlockedStatus)
    assert [stops_workload(problem) for problem in problems] == each


def test_what_several_errors_said_is_one_error_among_others():
    error = combine([combine(TWO), NotLeader('waiting')])
    assert error.status == ops.BlockedStatus('2 units; 2 relations')
    assert not stops_workload(error)


def test_the_only_one_that_is_named_is_that_error():
    assert combine([NotLeader('waiting'), MISSING]) is MISSING


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
