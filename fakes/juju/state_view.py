# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The ledger's secrets as a unit's `ops.testing.State` shows them, and back."""

import copy
from collections.abc import Container
from typing import Any, Literal

from ops import testing

from .secrets import Ledger, Revision, Secret, application_of, bare_id

ELSEWHERE = 'another model'
"""The owner of a secret for which a `State` names none."""


def show(ledger: Ledger, unit: str, withheld: Container[str] = ()) -> frozenset[testing.Secret]:
    """Return the secrets that a unit owns or may read, and those that a test withholds."""
    return frozenset(
        show_secret(secret, unit)
        for secret in ledger.secrets.values()
        if secret.is_owned_by(unit) or secret.is_granted_to(unit) or secret.uri in withheld
    )


def show_secret(secret: Secret, unit: str) -> testing.Secret:
    """Return a secret as a unit sees it."""
    is_own = secret.is_owned_by(unit)
    owner: Literal['unit', 'app'] | None = None
    if is_own:
        owner = 'unit' if secret.owner == unit else 'app'
    newest = secret.revisions[secret.newest]
    pin = secret.consumers.get(unit, secret.newest)
    grants: dict[int, set[str]] = {}
    for subject, relation_id in secret.grants.items():
        grants.setdefault(relation_id, set()).add(subject)
    shown = testing.Secret(
        dict(secret.revisions.get(pin, newest).content),
        latest_content=dict(newest.content),
        id=secret.uri,
        owner=owner,
        remote_grants=grants if is_own else {},
        label=(secret.label if is_own else secret.consumer_labels.get(unit)) or None,
        description=secret.description or None,
        expire=newest.expire,
    )
    object.__setattr__(shown, '_tracked_revision', pin)
    object.__setattr__(shown, '_latest_revision', secret.newest)
    return shown


def with_label(shown: testing.Secret, label: str | None) -> testing.Secret:
    """Return a secret as a hook about it has it: with the unit's own label, else the owner's.

    Source: `GetSecretConsumerAndLatest` in `domain/secret/service/consume.go` of 4.0,
    `getSecretConsumerInfo` in `apiserver/facades/agent/secretsmanager/secrets.go` of 3.6.
    """
    if not label or label == shown.label:
        return shown
    relabelled = copy.copy(shown)
    object.__setattr__(relabelled, 'label', label)
    return relabelled


def take_over(
    ledger: Ledger, unit: str, secrets: frozenset[testing.Secret], withheld: Container[str]
) -> None:
    """Update the ledger with what a test changed in a `State`; the rest stays as it is."""
    given = {bare_id(secret.id): secret for secret in secrets}
    for secret_id, secret in list(ledger.secrets.items()):
        is_seen = secret.is_owned_by(unit) or secret.owner == ELSEWHERE
        if secret_id not in given and is_seen:
            del ledger.secrets[secret_id]
    for secret_id, secret in given.items():
        known = ledger.secrets.get(secret_id)
        if known is None or show_secret(known, unit) != secret:
            ledger.secrets[secret_id] = _read(secret, unit)
        if secret.owner is None:
            granted = {} if secret.id in withheld else {application_of(unit): -1}
            ledger.secrets[secret_id].grants = granted


def _read(shown: testing.Secret, unit: str) -> Secret:
    numbers: Any = shown  # ops.testing has no public name for them.
    newest, tracked = numbers._latest_revision, numbers._tracked_revision
    content = dict(shown.latest_content or shown.tracked_content)
    is_behind = dict(shown.tracked_content) != content
    if is_behind and tracked == newest:
        newest += 1
    owners = {'unit': unit, 'app': application_of(unit), None: ELSEWHERE}
    secret = Secret(
        bare_id(shown.id),
        owners[shown.owner],
        {newest: Revision(content, shown.expire)},
        content,
        last_number=newest,
        uri=shown.id,
        label=(shown.label or '') if shown.owner else '',
        description=shown.description or '',
        grants={s: scope for scope, subjects in shown.remote_grants.items() for s in subjects},
    )
    if is_behind:
        secret.revisions[tracked] = Revision(dict(shown.tracked_content))
        secret.consumers[unit] = tracked
    if not shown.owner and shown.label:
        secret.consumer_labels[unit] = shown.label
        secret.consumers.setdefault(unit, newest)
    return secret
