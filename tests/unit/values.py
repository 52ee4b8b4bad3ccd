# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What the tests write and expect: tokens with a mark, and what else both ends know."""

import datetime

from opencti_connector import testing

CONNECTOR_ID, URL = testing.CONNECTOR_ID, testing.OPENCTI_URL

# Each token in the tests contains this mark, so that a leak is found anywhere.
MARK = 's3cr3t'

TOKEN = f'{MARK}-88ec0c6a-13ce-5e39-b486-354fe4a7084f'
NEW_TOKEN = f'{MARK}-11111111-2222-4333-8444-555555555555'

DETAILS = {'connector_charm_name': 'connector-charm-name', 'connector_type': 'EXTERNAL_IMPORT'}
PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)

# The events of a connector's end.
AVAILABLE, INVALID, REMOVED = (
    f'opencti_connection_{name}' for name in ('available', 'invalid', 'removed')
)


class TokenFactory:
    """Makes a token each time it is called, as an API that shows each token once."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self) -> str:
        self.made.append(f'{MARK}-made-{len(self.made) + 1}')
        return self.made[-1]
