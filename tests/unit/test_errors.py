# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Several problems at once, and which of Juju's errors are refusals."""

import ops
import pytest

from opencti_connector import (
    MissingConfiguration,
    NotLeader,
    RelationDataMissing,
    RelationMissing,
    SecretReadFailed,
)
from opencti_connector._errors import combine
from opencti_connector._refusal import is_refusal

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
        assert error.stops_workload

    def test_what_passes_leaves_the_workload_alone(self):
        assert not combine([SecretReadFailed('waiting'), NotLeader('waiting')]).stops_workload


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
