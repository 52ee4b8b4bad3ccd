# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""From a relation to the connection: reads the databag, then the secret."""

import copy
import weakref

import ops

from . import _databag, _errors, _schema, _secret

# The result is kept for ops' relation object, which lives as long as the hook. So the endpoint and
# its events read the secret only once.
_outcomes: weakref.WeakKeyDictionary[
    ops.Relation, _schema.OpenctiConnection | _errors.OpenctiConnectorError
] = weakref.WeakKeyDictionary()


def read_connection(relation: ops.Relation, framework: ops.Framework) -> _schema.OpenctiConnection:
    """Read the connection that OpenCTI published; only the first call in a hook costs anything.

    Raises:
        InvalidRelationData: if the data or the secret's content is unusable.
        RelationDataMissing: if OpenCTI has not published all of its data.
        SecretUnavailable: if the secret does not exist or is not granted.
        SecretReadFailed: if Juju could not answer.
    """
    outcome = _outcomes.get(relation)
    if outcome is None:
        try:
            outcome = _read(relation, framework)
        except _errors.OpenctiConnectorError as error:
            outcome = copy.copy(error)
        _outcomes[relation] = outcome
    if isinstance(outcome, _errors.OpenctiConnectorError):
        # A copy, because an error that was raised keeps its frames, and so the relation, alive.
        raise copy.copy(outcome)
    return outcome


def forget(relation: ops.Relation) -> None:
    """Make the next `read_connection` read again."""
    _outcomes.pop(relation, None)


def _read(relation: ops.Relation, framework: ops.Framework) -> _schema.OpenctiConnection:
    data = _schema.ConnectionData.read(_databag.remote_databag(relation))
    # Always the newest revision. A read that Juju 4.0 refuses makes this unit a consumer of the
    # revision of that moment, and a read without refresh after the grant would return that one.
    content = _secret.read_secret(framework, data.opencti_token, 'the secret with the token')
    return _schema.OpenctiConnection(url=data.opencti_url, token=_schema.token_of(content))
