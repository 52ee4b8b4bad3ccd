# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How long to look: `make test` takes the same glance each time, `make fuzz` its time."""

import os

import hypothesis

IS_LONG = os.environ.get('FUZZ') == 'long'
DATABAGS, HISTORIES = {
    'glance': (100, 4),  # For a further environment, which should behave like the others.
    'long': (20_000, 2_000),
}.get(os.environ.get('FUZZ', ''), (400, 25))

hypothesis.settings.register_profile(
    'opencti-connector',
    deadline=None,
    derandomize=not IS_LONG,
    database=None,
    print_blob=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile('opencti-connector')
