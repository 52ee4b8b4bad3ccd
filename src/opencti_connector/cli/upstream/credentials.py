# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Which options look like credentials by their names."""

import re

_CREDENTIAL = re.compile(
    r'(^|-)(apikey|bearer|credentials?|pass|passphrase|passwd|password|pwd|secret|token)$'
    r'|(^|(?<!apikey)(?<!project)(?<!public)-)key$'
    r'|(^|-)(api-?key|secret|token)-(json|value)$'
)


def is_credential_by_name(option: str) -> bool:
    """Return whether an option's name ends like that of a credential: not `token-uri`."""
    return _CREDENTIAL.search(option) is not None
