# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What is wrong with what one side wrote, by the library's own validation."""

from collections.abc import Iterator, Mapping

from .... import _errors
from .. import masking, sides
from ..finding import Finding, Level
from ..place import Place
from ..sides import Side


def unusable(side: Side, key: str, value: str) -> str | None:
    """Return why a value cannot be used, or `None` if it can."""
    try:
        sides.model(side).read({key: value})
    except _errors.InvalidRelationData as error:
        return str(error).removeprefix(f'{key}: ')
    except _errors.RelationDataMissing:
        pass
    if key == 'opencti_token' and masking.secret_id(value) is None:
        return 'is not an id that Juju gives to a secret'
    return None


def check(side: Side, databag: Mapping[str, str], place: Place) -> Iterator[Finding]:
    """Check what a side wrote.

    Args:
        side: The side that wrote it.
        databag: What it wrote.
        place: Where that side is.
    """
    for key in side.keys:
        if key in databag:
            yield from _check_value(side, key, databag[key], place)
    spelled = {sides.meant(key): key for key in databag if key not in sides.KNOWN}
    for key in side.keys:
        if key in spelled and key not in databag:
            written = spelled[key]
            # Only what differs in hyphens or capitals is surely no token.
            is_shown = written.lower().replace('-', '_') == key
            yield Finding(
                code='misspelt-key',
                side=side,
                key=key,
                problem=f'is written as {written if is_shown else "another, similar key"}, which '
                'nobody reads: the charm is wrong',
                command=place.upgrade(),
            )
    if not sides.writers(databag) & {side}:
        yield Finding(
            code='silent',
            side=side,
            problem=f'{side} has written nothing: it has no leader, it waits, or its hook failed',
            command=place.see_status(),
        )
        return
    fields = sides.model(side).model_fields
    required = [key for key, field in fields.items() if field.is_required()]
    missing = [key for key in required if key not in databag and key not in spelled]
    if missing:
        yield Finding(
            code='half-written',
            side=side,
            key=missing[0],
            problem=f'is missing: {side} has not written {" and ".join(missing)}',
            command=place.see_log(),
        )


def _check_value(side: Side, key: str, value: str, place: Place) -> Iterator[Finding]:
    problem = unusable(side, key, value)
    upgrade = place.upgrade()
    if problem is None:
        canonical = masking.shown(key, value)
        if key == 'connector_type' and value != canonical:
            yield Finding(
                code='not-canonical',
                level=Level.NOTE,
                side=side,
                key=key,
                problem=f'is understood, but should be written {canonical}',
                command=upgrade,
            )
    elif _is_json(side, key, value):
        yield Finding(
            code='json',
            side=side,
            key=key,
            problem='is in quotes, as JSON: the interface has raw strings, so the charm is wrong',
            command=upgrade,
        )
    elif key == 'opencti_token':
        yield Finding(
            code='token-published',
            side=side,
            key=key,
            problem=f'{problem}. All who may see this model can read it: if it is the token, '
            'revoke it in OpenCTI, make a new one, and upgrade the charm to one that publishes '
            "a secret's id",
            command=upgrade,
        )
    else:
        is_url = key == 'opencti_url'
        command = place.see_config() if is_url else upgrade
        yield Finding(code='unusable', side=side, key=key, problem=problem, command=command)


def _is_json(side: Side, key: str, value: str) -> bool:
    """Return whether a value is in quotes. A token in quotes is reported as a token instead."""
    if len(value) < 3 or not value[0] == value[-1] == '"':
        return False
    return key != 'opencti_token' or unusable(side, key, value[1:-1]) is None
