# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Where a charm gets this library from: from where this command was installed."""

import importlib.metadata
import json

_NAME = 'opencti-connector'


def requirement() -> str:
    """Return the line of a charm's requirements.

    pip notes where a package came from if not from an index (PEP 610).
    """
    try:
        text = importlib.metadata.distribution(_NAME).read_text('direct_url.json')
    except importlib.metadata.PackageNotFoundError:
        text = None
    if text is None:
        return f'{_NAME}>=0.1,<0.2'  # Until 1.0, a minor version may break.
    origin = json.loads(text)
    url = origin['url']
    if 'vcs_info' in origin:
        url = f'{origin["vcs_info"]["vcs"]}+{url}@{origin["vcs_info"]["commit_id"]}'
    return f'{_NAME} @ {url}'
