# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is shown of a status or a line of the log."""

import hypothesis
import pytest
from hypothesis import strategies as st

from opencti_connector.cli.check import masking

from .test_check_fuzz import _settings, tokens


@pytest.mark.parametrize(
    'said',
    [
        'hook failed: "opencti-connector-relation-changed"',
        'waiting for access to the secret with the token',
        'missing configuration: api-key (set with juju config)',
        'unit-opencti-0: 03:02:01 INFO juju.worker.uniter.operation ran "config-changed" hook',
        'ops.model.ModelError: ERROR permission denied',
        'http://opencti-endpoints.stg-opencti.svc:8080/health',
    ],
)
def test_words_stay(said: str):
    assert masking.text(said) == said


@pytest.mark.parametrize(
    ('said', 'shown'),
    [
        ('token=x1 is wrong', 'token(not shown) is wrong'),
        ('{"password": "x1"}', '{"password(not shown)"}'),
        ('secret=x1', 'secret(not shown)'),
        ('Authorization: Bearer x1', 'Authorization: Bearer(not shown)'),
        ('http://a:x1@opencti/', 'http://(not shown)opencti/'),
        ('http://opencti/?auth=x1', 'http://opencti/?(not shown)'),
        ('a\x1b[31m\nb\ud800', 'a [31m b'),
        ('word ' * 100, 'word ' * 32 + '...'),
    ],
)
def test_what_may_be_a_secret_does_not(said: str, shown: str):
    assert masking.text(said) == shown


_AROUND = ('{}', 'no token {}', 'OPENCTI_TOKEN={}', '({})', '"{}"', 'a:{}:b', 'x/{}/y', '-{}-')


@_settings
@hypothesis.given(tokens, st.sampled_from(_AROUND))
def test_no_token_is_shown(token: str, around: str):
    assert token.lower() not in masking.text(around.format(token)).lower()
