# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From a relation to the connection: reads the databag, then the secret."""

import ops

from .. import _juju, _relation


def read_connection(
    relation: ops.Relation, framework: ops.Framework
) -> _relation.OpenctiConnection:
    """Read the connection that OpenCTI published.

    Raises:
        InvalidRelationData: if the data or the secret's content is unusable.
        RelationDataMissing: if OpenCTI has not published all of its data.
        SecretUnavailable: if the secret does not exist or is not granted.
        SecretReadFailed: if Juju could not answer.
    """
    data = _relation.ConnectionData.read(_relation.remote_databag(relation))
    # Always the newest revision. A read that Juju 4.0 refuses makes this unit a consumer of the
    # revision of that moment, and a read without refresh after the grant would return that one.
    content = _juju.read_secret(framework, data.opencti_token, 'the secret with the token')
    return _relation.OpenctiConnection(url=data.opencti_url, token=_relation.token_of(content))
